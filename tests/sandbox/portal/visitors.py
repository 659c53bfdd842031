# SPDX-License-Identifier: GPL-3.0-or-later
"""A portal in this process: the whole stand-in behind clients of its admin host and of its portal host."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from httpx import Response
from starlette.testclient import TestClient

from sandbox.threescale.server import Server

D = "apps.example.com"
PASSWORD = "a-Long-passw0rd!"


@dataclass
class Portal:
    """The stand-in, with one tenant `maas` whose access code is off."""

    server: Server

    def admin(self, method: str, path: str, body: Any = None, status: int | None = None, **given: Any) -> Any:
        """One call of the Admin API; its JSON."""
        client = TestClient(self.server, base_url=f"http://maas-admin.{D}")
        answer = client.request(method, f"/admin/api/{path}", json=body, auth=("", "TOKEN"), **given)
        assert answer.status_code == status if status else answer.is_success, f"{method} {path}: {answer.text}"
        return answer.json() if answer.text else None

    def browser(self) -> Browser:
        """Somebody who visits the portal."""
        return Browser(TestClient(self.server, base_url=f"http://maas.{D}", follow_redirects=False))

    def backend(self, path: str, **query: Any) -> Response:
        """One call of the backend."""
        return TestClient(self.server, base_url=f"http://backend.{D}").get(path, params=query)

    def page(self, path: str, text: str, **attributes: Any) -> int:
        """A published page; its id."""
        made = self.admin(
            "POST",
            "cms/templates.json",
            {"type": "page", "title": path, "path": path, "liquid_enabled": True, "draft": text, **attributes},
        )
        self.admin("PUT", f"cms/templates/{made['id']}/publish.json")
        return int(made["id"])

    def builtin(self, name: str, text: str, kind: str = "builtin_page") -> None:
        """Another text for a built-in template."""
        listed = self.admin("GET", f"cms/templates.json?type={kind}&per_page=100")["collection"]
        found = next(one for one in listed if one["system_name"] == name)
        self.admin("PUT", f"cms/templates/{found['id']}.json", {"draft": text})
        self.admin("PUT", f"cms/templates/{found['id']}/publish.json")

    def developer(self, name: str = "dev") -> int:
        """An active developer; the account's id."""
        made = self.admin(
            "POST",
            "signup.json",
            {"org_name": f"Org of {name}", "username": name, "email": f"{name}@example.com", "password": PASSWORD},
        )
        return int(made["account"]["id"])

    def product(self, name: str, **attributes: Any) -> int:
        """A product with a published plan "Standard"; its id."""
        service = self.admin("POST", "services.json", {"name": name, "system_name": name, **attributes})["service"][
            "id"
        ]
        plan = self.admin("POST", f"services/{service}/application_plans.json", {"name": "Standard"})[
            "application_plan"
        ]
        self.admin("PUT", f"services/{service}/application_plans/{plan['id']}.json", {"state_event": "publish"})
        return int(service)


def chosen(form: str) -> dict[str, str]:
    """What a browser sends of the selects of a form that nobody touched: the option marked, or the first."""
    values = {}
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        option = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        values.update({name: option[1]} if option else {})
    return values


@dataclass
class Browser:
    """A client with cookies that fills in forms as a browser does, hidden fields and all."""

    client: TestClient
    answer: Response | None = None

    def get(self, path: str, follow: bool = True, **given: Any) -> Response:
        """A page, after all redirects."""
        return self._keep(self.client.get(path, follow_redirects=follow, **given))

    def _keep(self, answer: Response) -> Response:
        self.answer = answer
        return answer

    def submit(self, values: dict[str, str], action: str = "", follow: bool = True) -> Response:
        """The form of the present page whose action holds ACTION, sent with its hidden fields and these values."""
        assert self.answer is not None
        for form in re.finditer(r"<form([^>]*)>(.*?)</form>", self.answer.text, re.S):
            target = html.unescape(re.search(r'action="([^"]*)"', form[1])[1])  # type: ignore[index]
            if action in target:
                hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[2])
                data = {name: html.unescape(value) for name, value in hidden} | chosen(form[2]) | values
                referer = {"Referer": str(self.answer.url)}
                return self._keep(self.client.post(target, data=data, headers=referer, follow_redirects=follow))
        raise AssertionError(f"no form for {action} on {self.answer.url}")

    def sign_in(self, name: str = "dev") -> Response:
        """Sign in by password."""
        self.get("/login")
        return self.submit({"username": name, "password": PASSWORD}, "/session")


def links(browser: Browser) -> set[str]:
    """Paths of the present page's links within the portal."""
    assert browser.answer is not None
    found = (html.unescape(link).strip() for link in re.findall(r'href="([^"]+)"', browser.answer.text))
    inside = [urlsplit(link) for link in found if not link.startswith(("mailto:", "#"))]
    return {link.path or "/" for link in inside if link.netloc in ("", f"maas.{D}")}


def told(browser: Browser) -> str:
    """The text of the page one is on."""
    assert browser.answer is not None
    return html.unescape(browser.answer.text)
