# SPDX-License-Identifier: GPL-3.0-or-later
"""A portal with models behind a gateway, a person in a real Keycloak, and a Chromium to visit them with."""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.accessibility import script
from tests.browser.keyboard import SCREENS, Keyboard
from tests.support.keycloak import running_keycloak
from tests.support.part import running_part
from tests.support.playbook import environment
from tests.support.ports import free_port
from tests.support.standin import ROOT, Standin, running_standin

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
# Nothing of this browser speaks to anybody but the pages' own servers.
QUIET = ["--disable-background-networking", "--no-first-run", "--disable-sync", "--disable-quic"]
# names that stand in texts of tests lead here too
HERE_TOO = "--host-resolver-rules=MAP *.apps.example.com 127.0.0.1"
POLICIES = ROOT / "roles" / "threescale" / "files" / "policies"
HERE = Path(__file__).parent
GRANITE = "granite-8b-code-instruct"
MISTRAL = "mistral-7b-instruct-v0-3"
PASSWORD = "a-Long-passw0rd!"


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--update-pictures``: the pictures of the documentation are made anew."""
    parser.addoption("--update-pictures", action="store_true", help="make the pictures of docs/images anew")


@dataclass(frozen=True)
class House:
    """What runs. Chromium takes every name below localhost for this machine, so the portal has its own address."""

    standin: Standin
    gateway: int
    portal: str

    def admin(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """One call of the Admin API; its JSON."""
        url = f"{self.standin.admin_url}/admin/api/{path}.json"
        answer = requests.request(method, url, json=body, auth=("", self.standin.token), timeout=30)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.text else None

    def chat(self, product: str, model: str, key: str) -> requests.Response:
        """A question to a model, through the production gateway with this key."""
        endpoint = self.admin("GET", f"services/{service_of(self, product)}/proxy")["proxy"]["endpoint"]
        host = endpoint.removeprefix("https://").partition(":")[0]
        return requests.post(
            f"http://127.0.0.1:{self.gateway}/v1/chat/completions",
            json={"model": model, "messages": [{"role": "user", "content": "Hello"}]},
            headers={"Host": host, "Authorization": f"Bearer {key}"},
            timeout=30,
        )


def play(folder: Path, playbook: str, **facts: Any) -> None:
    """Run one of the playbooks beside this file. Secrets go by a file, not by arguments."""
    file = folder / f"{playbook}.json"
    file.write_text(json.dumps(facts))
    command = ["ansible-playbook", "-i", "localhost,", "-e", f"@{file}", str(HERE / playbook)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment())
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def addresses(standin: Standin, portal: str) -> dict[str, str]:
    """What both playbooks are told."""
    return {"admin_url": standin.admin_url, "admin_token": standin.token, "portal_url": portal}


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Stand-in, gateway and model server, with the example's models for sale and the portal's pages published."""
    folder, port, gateway, model = tmp_path_factory.mktemp("house"), free_port(), free_port(), free_port()
    portal = f"http://maas.apps.localhost:{port}"
    public = ["--scheme", "http", "--public-port", str(port)]
    names = ["granite-8b-code-instruct-128k", "mistral-7b-instruct"]  # as the example serves them
    models = ["--port", str(model), "--name", *names, "--task", "chat"]
    with (
        running_standin(*public, superdomain="apps.localhost", port=port) as standin,
        running_part(
            folder / "models.log", f"http://127.0.0.1:{model}/health", "models", "--host", "127.0.0.1", *models
        ),
        running_part(
            folder / "gateway.log",
            f"http://127.0.0.1:{gateway}/_threescale/healthz",
            *("gateway", "--port", str(gateway), "--admin-url", standin.url, "--admin-host", "master.apps.localhost"),
            *("--config-path", "/master/api/proxy/configs", "--token", standin.master_token),
            *("--backend-url", standin.url, "--backend-host", "backend.apps.localhost"),
            *("--policies", str(POLICIES), "--state", str(folder / "gateway"), "--production-cache", "1"),
        ),
    ):
        master = {"master_url": standin.master_url, "master_token": standin.master_token}
        here = {"superdomain": "apps.localhost", "model_url": f"http://127.0.0.1:{model}"}
        play(folder, "portal.yml", **addresses(standin, portal), **master, **here)
        yield House(standin, gateway, portal)


@pytest.fixture(scope="session")
def person(house: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Somebody whom Keycloak knows and the portal does not: username, password, email."""
    folder = tmp_path_factory.mktemp("sso")
    password = secrets.token_urlsafe(12)
    with running_keycloak(folder) as keycloak:
        known = {"keycloak_url": keycloak.url, "keycloak_password": keycloak.password}
        made = {"client_secret": secrets.token_hex(16), "person_password": password}
        play(folder, "sso.yml", **addresses(house.standin, house.portal), **known, **made)
        yield {"username": "dana", "password": password, "email": "dana@example.com"}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser's process."""
    if not Path(CHROMIUM).exists():
        pytest.fail(f"There is no browser at {CHROMIUM}; install one with `apt-get install chromium`.", pytrace=False)
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", HERE_TOO, *QUIET]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser, house: House) -> Iterator[BrowserContext]:
    """Somebody without cookies, in a light room, who may copy."""
    made = chromium.new_context(base_url=house.portal, viewport={"width": 1280, "height": 900}, color_scheme="light")
    made.grant_permissions(["clipboard-read", "clipboard-write"])
    made.set_default_timeout(15_000)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab; a page that asks any other server than ours, or whose script breaks, fails the test at its end."""
    tab, faults = context.new_page(), []
    tab.on("request", lambda request: faults.append(f"asks {request.url}") if foreign(request.url) else None)
    tab.on("pageerror", lambda error: faults.append(f"script of {tab.url}: {error}"))
    yield tab
    assert faults == []


@pytest.fixture(params=SCREENS, ids=lambda screen: f"{screen[0]}-{screen[1]}")
def keys(request: pytest.FixtureRequest, page: Page) -> Keyboard:
    """Somebody without a mouse before a screen of each width, light and dark."""
    width, scheme = request.param
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    page.add_init_script(path=script())
    return Keyboard(page)


def foreign(url: str) -> bool:
    """Whether an address leads off this machine."""
    host = url.partition("://")[2].partition("/")[0].partition(":")[0]
    return not url.startswith(("data:", "blob:")) and not host.endswith(".apps.localhost") and host != "127.0.0.1"


@pytest.fixture(scope="session")
def developer(house: House) -> dict[str, str]:
    """Two applications, one of which was used: ``id``, ``key`` and ``username``; the name of one is a trap."""
    account = sign_up(house, "kim", "Kim & co")
    used = make_application(house, account, GRANITE, "standard", "=cmd <b>{{ 1 | plus: 1 }}")
    report(house, used, hits=3)
    make_application(house, account, MISTRAL, "standard", "second")
    count = len(house.admin("GET", f"accounts/{account}/applications")["applications"])
    return {"username": "kim", "id": str(used["id"]), "key": used["user_key"], "count": str(count)}


@pytest.fixture
def closed(house: House) -> Iterator[str]:
    """The path of something that developers may not do for as long as a test runs."""
    place = f"services/{service_of(house, 'nomic-embed-text-v1-5')}"
    house.admin("PUT", place, {"buyers_manage_apps": False})
    yield "/admin/applications/new?service_id=nomic-embed-text-v1-5"
    house.admin("PUT", place, {"buyers_manage_apps": True})


@pytest.fixture
def broken(house: House) -> Iterator[str]:
    """The path of a page with the text of status 500, which the server says in words of its own until it can't."""
    rows = house.admin("GET", "cms/templates?per_page=100&content=true")["collection"]
    own = next(row for row in rows if row.get("system_name") == "errors/internal_server_error")
    text = house.admin("GET", f"cms/templates/{own['id']}")["published"]
    page = {"type": "page", "title": "500", "path": "/tried/500", "liquid_enabled": True, "layout_name": "error"}
    made = house.admin("POST", "cms/templates", {**page, "draft": text})["id"]
    house.admin("PUT", f"cms/templates/{made}/publish")
    yield page["path"]
    house.admin("DELETE", f"cms/templates/{made}")


def sign_up(house: House, username: str, organisation: str = "") -> int:
    """Somebody with the password of all; the account."""
    person = {"org_name": organisation or username, "username": username, "email": f"{username}@example.com"}
    return int(house.admin("POST", "signup", {**person, "password": PASSWORD})["account"]["id"])


def service_of(house: House, product: str) -> int:
    """The id of a product by its system name."""
    rows = [row["service"] for row in house.admin("GET", "services")["services"]]
    return next(int(row["id"]) for row in rows if row["system_name"] == product)


def make_application(
    house: House, account: int, product: str, plan: str, name: str, description: str = "of a test"
) -> dict[str, Any]:
    """An application of an account under a product's plan, as the Admin API shows it."""
    listed = house.admin("GET", f"services/{service_of(house, product)}/application_plans")["plans"]
    plans = {row["application_plan"]["system_name"]: row["application_plan"]["id"] for row in listed}
    body = {"plan_id": plans[plan], "name": name, "description": description}
    made: dict[str, Any] = house.admin("POST", f"accounts/{account}/applications", body)["application"]
    return made


def report(house: House, application: dict[str, Any], hours: int = 0, code: int = 200, **usage: int) -> None:
    """What an application used, by metrics, so many hours ago (23 at most), as a gateway reports it with its status."""
    place = f"services/{application['service_id']}/proxy/configs/production/latest"
    token = house.admin("GET", place)["proxy_config"]["content"]["backend_authentication_value"]
    body = {"service_id": application["service_id"], "service_token": token}
    told = {f"transactions[0][usage][{metric}]": str(value) for metric, value in usage.items()}
    told["transactions[0][log][code]"] = str(code)
    told["transactions[0][user_key]"] = application["user_key"]
    told["transactions[0][timestamp]"] = f"{datetime.now(timezone.utc) - timedelta(hours=hours):%Y-%m-%d %H:%M:%S}"
    headers = {"Host": "backend.apps.localhost"}
    answer = requests.post(f"{house.standin.url}/transactions.xml", data={**body, **told}, headers=headers, timeout=10)
    assert answer.status_code == 202, answer.text


def sign_in(page: Page, username: str) -> None:
    """By the password form of the login page."""
    page.goto("/login")
    more = page.get_by_text("Sign in with a password")
    if more.count():
        more.click()
    page.get_by_label("Username or e-mail").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("Signed in successfully")).to_be_visible()
