# SPDX-License-Identifier: GPL-3.0-or-later
"""Sign-in at a real Keycloak, everything behind the router's TLS: addresses, certificates, claims and session."""

from __future__ import annotations

import contextlib
import html
import json
import re
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

from tests.support.keycloak import ADMIN, Keycloak, running_keycloak
from tests.support.ports import free_port
from tests.support.standin import ROOT, Standin, running_standin
from tests.support.until import until

DOMAIN, SECRET, PASSWORD = "apps.localhost", "a-client-secret", "a-Long-passw0rd!"


@dataclass(frozen=True)
class House:
    """What runs: a stand-in and a Keycloak; both are reached by the router at `port`."""

    standin: Standin
    port: int
    ca: Path

    def url(self, name: str) -> str:
        """The public address of a host below the superdomain."""
        return f"https://{name}.{DOMAIN}:{self.port}"

    def client(self) -> httpx.Client:
        """Somebody who trusts the router's certificate."""
        return httpx.Client(verify=ssl.create_default_context(cafile=self.ca), follow_redirects=True, timeout=60)


@contextlib.contextmanager
def _router(folder: Path, port: int, hosts: dict[str, str]) -> Iterator[None]:
    ca = {"certificate": str(folder / "ca.crt"), "key": str(folder / "ca.key")}
    (folder / "table.json").write_text(json.dumps({"ca": ca, "services": [], "hosts": hosts}))
    paths = ["--table", str(folder / "table.json"), "--state", str(folder / "router")]
    command = [str(ROOT / "bin" / "sandbox"), "router", "--port", str(port), "--superdomain", DOMAIN, *paths]
    with (folder / "router.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            yield
        finally:
            process.terminate()
            process.wait(15)


def _realm(keycloak: Keycloak, callback: str) -> None:
    form = {"grant_type": "password", "client_id": "admin-cli", "username": ADMIN, "password": keycloak.password}
    token = httpx.post(f"{keycloak.url}/realms/master/protocol/openid-connect/token", data=form, timeout=60).json()
    client = httpx.Client(headers={"Authorization": f"Bearer {token['access_token']}"}, timeout=60)
    mapper = {
        "name": "org_name",
        "protocol": "openid-connect",
        "protocolMapper": "oidc-usermodel-property-mapper",
        "config": {"user.attribute": "email", "claim.name": "org_name", "userinfo.token.claim": "true"},
    }
    person = {"username": "dana", "email": "dana@example.com", "emailVerified": True, "enabled": True}
    name, password = {"firstName": "Dana", "lastName": "Developer"}, {"type": "password", "value": PASSWORD}
    realm: dict[str, Any] = {
        "realm": "maas",
        "enabled": True,
        "clients": [
            {"clientId": "3scale", "secret": SECRET, "redirectUris": [callback], "protocolMappers": [mapper]},
        ],
        "users": [{**person, **name, "credentials": [password]}],
    }
    client.post(f"{keycloak.url}/admin/realms", json=realm).raise_for_status()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Keycloak, stand-in and router; the integration is published."""
    folder, port, inner = tmp_path_factory.mktemp("house"), free_port(), free_port()
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.crt"))
    authority.private_key_pem.write_to_path(str(folder / "ca.key"))
    public = ["--scheme", "https", "--public-port", str(port), "--ca", str(folder / "ca.crt")]
    with running_keycloak(folder) as keycloak, running_standin(*public, superdomain=DOMAIN, port=inner) as standin:
        hosts = {"maas": standin.url, "maas-admin": standin.url, "sso": keycloak.url}
        house = House(standin, port, folder / "ca.crt")
        _realm(keycloak, f"{house.url('maas')}/auth/keycloak/callback*")
        with _router(folder, port, hosts):
            _integrate(house)
            yield house


def _integrate(house: House) -> None:
    client, admin = house.client(), f"{house.url('maas-admin')}/admin/api"

    def answers() -> bool:
        with contextlib.suppress(httpx.TransportError):
            return client.get(f"{house.url('sso')}/realms/maas").status_code == 200
        return False

    until(answers, "the realm answers through the router")
    told = {"kind": "keycloak", "system_name": "keycloak", "name": "Single sign-on", "site": house.url("sso")}
    body = {
        **told,
        "client_id": "3scale",
        "client_secret": SECRET,
        "published": True,
        "site": f"{told['site']}/realms/maas",
    }
    body["automatically_approve_accounts"] = True
    client.auth = ("", house.standin.token)
    client.post(f"{admin}/authentication_providers.json", json=body).raise_for_status()
    client.put(f"{admin}/provider.json", json={"site_access_code": ""}).raise_for_status()


def _sign_in(house: House, client: httpx.Client) -> httpx.Response:
    """From the button of the login page, by Keycloak's own form, to the page that 3scale shows at last."""
    page = client.get(f"{house.url('maas')}/login")
    button = re.search(r'href="([^"]*openid-connect/auth[^"]*)"', page.text)
    assert button, page.text
    form = client.get(html.unescape(button[1]))
    if not str(form.url).startswith(house.url("sso")):
        return form  # Keycloak knew the person
    action = re.search(r'action="([^"]+)"', form.text)
    assert action, form.text
    return client.post(html.unescape(action[1]), data={"username": "dana", "password": PASSWORD})


def test_sign_up_and_again_and_out(house: House) -> None:
    client = house.client()
    page = _sign_in(house, client)
    assert str(page.url).startswith(house.url("maas")) and "Signed up successfully" in page.text, page.text
    admin = httpx.get(
        f"{house.standin.admin_url}/admin/api/accounts/find.json?email=dana@example.com",
        auth=("", house.standin.token),
    ).json()["account"]
    assert (admin["org_name"], admin["state"]) == ("dana@example.com", "approved")
    cookies = _portal_cookies(page)
    assert cookies and all("secure" in one.lower() and "httponly" in one.lower() for one in cookies), cookies
    client.get(f"{house.url('maas')}/logout")
    assert client.get(f"{house.url('maas')}/admin/applications").url.path == "/login"
    assert "Signed in successfully" in _sign_in(house, client).text


def _portal_cookies(page: httpx.Response) -> list[str]:
    answers = [*page.history, page]
    return [
        one
        for answer in answers
        if answer.url.host.startswith("maas.")
        for one in answer.headers.get_list("set-cookie")
    ]


def test_a_foreign_state_is_refused(house: House) -> None:
    client = house.client()
    client.get(f"{house.url('maas')}/login")
    answer = client.get(f"{house.url('maas')}/auth/keycloak/callback?code=x&state=y")
    assert answer.status_code != 500 and "Signed" not in answer.text
    assert client.get(f"{house.url('maas')}/admin/applications").url.path == "/login"
