# SPDX-License-Identifier: GPL-3.0-or-later
"""A developer at the portal: signs in through the company's single sign-on, makes applications, reads the key."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin

import requests

from tools.demo.forms import Form, Page, read_page
from tools.demo.https import session

TIMEOUT = 60  # seconds for one page: the first ones warm Keycloak up
STEPS = 6  # forms between the portal's button and the portal again


class JourneyError(Exception):
    """A page was not what the developer expected; says which page, and what stood there."""


class Developer:
    """One browser with its cookies. ``portal``: the portal's address; ``ca``: path of the certificate authority."""

    def __init__(self, portal: str, ca: str) -> None:
        self._portal = portal.rstrip("/")
        self._session = session(ca)
        self._session.headers["Accept"] = "text/html,application/json"

    def _get(self, address: str) -> requests.Response:
        return self._session.get(urljoin(self._portal + "/", address), timeout=TIMEOUT)

    def _submit(self, answer: requests.Response, form: Form, values: dict[str, str]) -> requests.Response:
        address = urljoin(answer.url, form.action or answer.url)
        headers = {"Referer": answer.url}
        return self._session.post(address, data={**form.values, **values}, headers=headers, timeout=TIMEOUT)

    def sign_in(self, username: str, password: str) -> None:
        """Sign in by the portal's single sign-on button, at the company's own provider.

        Keycloak may ask between the two to confirm the profile of a newcomer; what stands there is confirmed as it is.
        """
        login = self._get("/login")
        button = read_page(login.text).link("/protocol/openid-connect/auth")
        if not button:
            raise JourneyError(f"{login.url} ({login.status_code}) shows no single sign-on button")
        answer = self._get(button)
        for _step in range(STEPS):
            if answer.url.startswith(self._portal):
                break
            answer = self._next(answer, read_page(answer.text), username, password)
        if "/login" in self._get("/admin/applications").url:
            raise JourneyError(f"the sign-in ended at {answer.url} ({answer.status_code}), still signed out")

    def _next(self, answer: requests.Response, page: Page, username: str, password: str) -> requests.Response:
        broker = page.link("/broker/")
        if broker:
            return self._session.get(urljoin(answer.url, broker), timeout=TIMEOUT)
        form = page.form("login-actions") or page.form("kc-form-login")
        if not form:
            text = re.sub(r"<[^>]+>|\s+", " ", answer.text)
            raise JourneyError(f"{answer.url.partition('?')[0]} ({answer.status_code}) holds no form: {text[-300:]}")
        asked = {"username": username, "password": password} if "password" in form.values else {}
        return self._submit(answer, form, asked)

    def application(self, product: str, name: str) -> int:
        """The id of the application ``name``, made on the product's first published plan when it is not there."""
        known = self._applications().get(name)
        if known:
            return known
        answer = self._get(f"/admin/applications/new?service_id={product}")
        form = next((f for f in read_page(answer.text).forms if "application[name]" in f.values), None)
        if not form:
            raise JourneyError(f"{answer.url} ({answer.status_code}) holds no form for an application of {product}")
        made = self._submit(answer, form, {"application[name]": name, "application[description]": "made by the demo"})
        number = re.search(r"/admin/applications/(\d+)", made.url)
        if not number:
            raise JourneyError(f"the application for {product} was refused: {made.url} ({made.status_code})")
        return int(number[1])

    def _applications(self) -> dict[str, int]:
        """Name → id of the applications that the portal lists."""
        found = re.findall(
            r'<a[^>]+href="[^"]*/admin/applications/(\d+)"[^>]*>\s*([^<]+?)\s*<', self._get("/admin/applications").text
        )
        return {name: int(number) for number, name in found}

    def account(self) -> dict[str, Any]:
        """The signed-in account's applications and keys, as the portal's documentation pages read them."""
        data: dict[str, Any] = self._get("/api_docs/account_data.json").json()
        return data

    def usage(self, application: int, metric: str) -> int:
        """This month's total of a metric, as the portal's statistics page reads it for its chart."""
        query = f"metric_name={metric}&period=month&timezone=UTC&skip_change=true"
        answer = self._session.get(
            f"{self._portal}/stats/api/applications/{application}/usage.json?{query}",
            headers={"X-Requested-With": "XMLHttpRequest", "Referer": f"{self._portal}/buyer/stats"},
            timeout=TIMEOUT,
        )
        if answer.status_code != 200:
            raise JourneyError(
                f"the portal's statistics of {metric} answered {answer.status_code}: {answer.text[:200]}"
            )
        return int(answer.json()["total"])
