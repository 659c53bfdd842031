# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the portal's pages with sample data to a folder: ``python -m tools.preview build/portal``.

The pages are published to a 3scale stand-in that lives as long as this runs, and rendered by its Liquid, once for a
visitor and once for a developer with two applications. Nothing else is needed to look at them afterwards.
"""

from __future__ import annotations

import argparse
import json
import re
import secrets
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import requests

from tests.support.playbook import environment
from tests.support.ports import free_port
from tests.support.standin import ROOT, Standin, running_standin
from tools.preview.site import as_file, file_of

PLAYBOOK = ROOT / "tests" / "browser" / "portal.yml"
SCRIPTS = tuple(f"/javascripts/{name}.js" for name in ("texts", "maas", "drawing", "usage", "playground", "status"))
FILES = ("/css/maas.css", *SCRIPTS, "/images/maas.svg", "/images/hero.svg")
DOCS = ("/docs", "/docs/errors", "/docs/limits", "/docs/streaming", "/docs/access", "/docs/changes")
PUBLIC = ("/", "/models", "/examples", *DOCS, "/login", "/signup")
APPLICATIONS = ("/admin/applications", "/admin/applications/choose_service")
MESSAGES = ("/admin/messages/received", "/admin/messages/new")
ACCOUNT = ("/admin/account", "/admin/account/personal_details", "/admin/account/users", *MESSAGES)
OWN = ("/usage", "/admin", *APPLICATIONS, *ACCOUNT, "/admin/services")
_TOKEN = re.compile(r'name="authenticity_token"[^>]*value="([^"]+)"')


class Sample:
    """A tenant with the example's models for sale, and a developer who has two applications."""

    def __init__(self, standin: Standin, portal: str) -> None:
        self.standin, self.portal, self.password = standin, portal, secrets.token_urlsafe(12)

    def admin(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One call of the Admin API; its JSON."""
        url = f"{self.standin.admin_url}/admin/api/{path}.json"
        answer = requests.request(method, url, json=body, auth=("", self.standin.token), timeout=30)
        answer.raise_for_status()
        return answer.json()

    def publish(self, folder: Path) -> None:
        """Products, plans and pages, by the playbook that the browser's tests use."""
        known = {"admin_url": self.standin.admin_url, "admin_token": self.standin.token, "portal_url": self.portal}
        known |= {"master_url": self.standin.master_url, "master_token": self.standin.master_token}
        file = folder / "facts.json"
        file.write_text(json.dumps({**known, "superdomain": self.standin.superdomain, "model_url": self.portal}))
        command = ["ansible-playbook", "-i", "localhost,", "-e", f"@{file}", str(PLAYBOOK)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment())
        if done.returncode:
            raise SystemExit(f"The pages can't be published: {done.stdout[-3000:]}{done.stderr[-1000:]}")

    def developer(self) -> list[str]:
        """Sign a developer up with an application of each of the first two products; the applications' paths."""
        person = {"org_name": "Example Ltd", "username": "dana", "email": "dana@example.com", "password": self.password}
        account = self.admin("POST", "signup", person)["account"]["id"]
        paths: list[str] = []
        for row in self.admin("GET", "services")["services"][:2]:
            plans = self.admin("GET", f"services/{row['service']['id']}/application_plans")["plans"]
            body = {"plan_id": plans[0]["application_plan"]["id"], "name": f"Assistant {len(paths) + 1}"}
            made = self.admin("POST", f"accounts/{account}/applications", {**body, "description": "A sample"})
            paths.append(f"/admin/applications/{made['application']['id']}")
        return paths

    def visitor(self, *, signed_in: bool) -> requests.Session:
        """Somebody at the portal, who is known by the Host header."""
        session = requests.Session()
        session.headers["Host"] = self.portal.removeprefix("http://")
        if signed_in:
            found = _TOKEN.search(session.get(f"{self.standin.url}/login", timeout=30).text)
            form = {"username": "dana", "password": self.password, "authenticity_token": found[1] if found else ""}
            session.post(f"{self.standin.url}/session", data=form, timeout=30, allow_redirects=False)
        return session


def write(sample: Sample, folder: Path, paths: list[str], session: requests.Session) -> None:
    """Get each page and keep it as a file."""
    known = {path.partition("?")[0]: file_of(path) for path in paths}
    for path in paths:
        answer = session.get(sample.standin.url + path, timeout=30)
        answer.raise_for_status()
        place = folder / file_of(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        page = place.suffix == ".html"
        place.write_bytes(as_file(answer.text, path, known, sample.portal).encode() if page else answer.content)


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m tools.preview", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the files go: two folders, visitor and developer")
    folder: Path = parser.parse_args().folder
    port = free_port()
    portal = f"http://maas.apps.localhost:{port}"
    public = ["--scheme", "http", "--public-port", str(port)]
    with (
        tempfile.TemporaryDirectory() as scratch,
        running_standin(*public, superdomain="apps.localhost", port=port) as standin,
    ):
        sample = Sample(standin, portal)
        sample.publish(Path(scratch))
        models = [f"/models/{row['service']['system_name']}" for row in sample.admin("GET", "services")["services"]]
        write(sample, folder / "visitor", [*FILES, *PUBLIC, *models], sample.visitor(signed_in=False))
        own = [*PUBLIC[:-2], *models, *OWN, *sample.developer()]
        write(sample, folder / "developer", [*FILES, *own], sample.visitor(signed_in=True))
    print(f"Open {folder / 'visitor' / 'index.html'} or {folder / 'developer' / 'index.html'} in a browser.")


if __name__ == "__main__":
    main()
