# SPDX-License-Identifier: GPL-3.0-or-later
"""A portal with many models and applications of names that are hard to show; as a program, for browsers to visit.

``python -m tests.sandbox.portal.crowded --port N``: a developer ``dev`` with two hundred applications of forty models.
"""

from __future__ import annotations

import argparse

import uvicorn

from sandbox.threescale.__main__ import arguments, make_server
from tests.sandbox.portal.catalogue_pages import ODD, ROLE, publish
from tests.sandbox.portal.visitors import D, Portal

#: further names of 120 characters: from right to left, in one word, and in letters as wide as there are
NAMES = [ODD, "مرحبا بالعالم " * 9, "w" * 120, "🦜" * 60, "ﷺ" * 40]


def furnished(count: int, wanted: int, language: str, *more: str) -> tuple[Portal, list[int]]:
    """A portal in a language with COUNT models, and WANTED applications of one developer: their ids."""
    options = f"--port 1 --superdomain {D} --tenant maas --token TOKEN --master-token MASTER".split()
    portal = Portal(make_server(arguments().parse_args([*options, *more])))
    portal.admin("PUT", "provider.json", {"site_access_code": ""})
    publish(portal, count, language)
    services = [portal.product(f"model-{number}", description=ODD) for number in range(count)]
    for number, service in enumerate(services):
        portal.admin("PUT", f"services/{service}.json", {"name": f"{number} {ODD}"})
    account = portal.developer()
    portal.admin("PUT", f"accounts/{account}.json", {"org_name": ODD})
    made = [apply_for(portal, account, services, number) for number in range(wanted)]
    return portal, made


def apply_for(portal: Portal, account: int, services: list[int], number: int) -> int:
    """The application of this number; the first one of a product gives its plan a limit and a price."""
    service = services[number % len(services)]
    plan = portal.admin("GET", f"services/{service}/application_plans.json")["plans"][0]["application_plan"]["id"]
    if number < len(services):
        metric = portal.admin("GET", f"services/{service}/metrics.json")["metrics"][0]["metric"]["id"]
        place = f"application_plans/{plan}/metrics/{metric}"
        portal.admin("POST", f"{place}/limits.json", {"period": "day", "value": number * 100})
        portal.admin("POST", f"{place}/pricing_rules.json", {"min": 1, "cost_per_unit": 0.25})
    body = {"plan_id": plan, "name": f"{number} {ODD}", "description": ODD}
    return int(portal.admin("POST", f"accounts/{account}/applications.json", body)["application"]["id"])


def lay_pictures(portal: Portal) -> None:
    """Pictures, which no page needs to be read but every page to be looked at."""
    folder = ROLE / "files" / "portal"
    section = portal.admin("GET", "cms/sections.json")["collection"][0]["id"]
    for path in folder.rglob("*.svg"):
        form = {"path": f"/{path.relative_to(folder).as_posix()}", "section_id": section}
        sent = {"attachment": (path.name, path.read_bytes(), "image/svg+xml")}
        portal.admin("POST", "cms/files.json", data=form, files=sent)


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    port: int = parser.parse_args().port
    portal, made = furnished(40, 200, "es", "--scheme", "http", "--public-port", str(port))
    account = portal.admin("GET", "accounts/find.json?username=dev")["account"]["id"]
    for application, name in zip(made, NAMES, strict=False):
        path = f"accounts/{account}/applications/{application}.json"
        portal.admin("PUT", path, {"name": name, "description": name})
    lay_pictures(portal)
    uvicorn.run(portal.server, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main()
