# SPDX-License-Identifier: GPL-3.0-or-later
"""Since when something differs, and by whom: from the admin events of a real Keycloak, as drift reports them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from ansible_collections.rhai.maas.plugins.module_utils.errand.report import report
from tests.integration.keycloak.conftest import Play, Step
from tests.support.keycloak import ADMIN, Keycloak

REALM, PASSWORD = "drifted", "a-password-of-eve"


class Somebody:
    """An administrator of the server, who changes things by hand."""

    def __init__(self, keycloak: Keycloak, name: str, password: str) -> None:
        self.base = f"{keycloak.url}/admin/realms"
        form = {"grant_type": "password", "client_id": "admin-cli", "username": name, "password": password}
        told = requests.post(f"{keycloak.url}/realms/master/protocol/openid-connect/token", data=form, timeout=30)
        self.headers = {"Authorization": f"Bearer {told.json()['access_token']}"}

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, f"{self.base}/{path}", json=body, headers=self.headers, timeout=60)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def client(self, name: str) -> dict[str, Any]:
        """A client of the realm."""
        (found,) = self("GET", f"{REALM}/clients?clientId={name}")
        return dict(found)


@pytest.fixture(scope="module")
def eve(keycloak: Keycloak) -> Somebody:
    """Eve, and a realm that keeps its admin events."""
    keycloak.admin("POST", "realms", realm=REALM, enabled=True, adminEventsEnabled=True)
    for name in ("portal", "lost"):
        keycloak.admin("POST", f"realms/{REALM}/clients", clientId=name)
    credentials = [{"type": "password", "value": PASSWORD}]
    more = {"email": "eve@example.com", "firstName": "Eve", "lastName": "E"}
    user = keycloak.admin("POST", "realms/master/users", username="eve", enabled=True, credentials=credentials, **more)
    root = Somebody(keycloak, ADMIN, keycloak.password)
    root("POST", f"master/users/{user}/role-mappings/realm", [root("GET", "master/roles/admin")])
    return Somebody(keycloak, "eve", PASSWORD)


def operations(keycloak: Keycloak, folder: Path, *steps: Step) -> dict[str, dict[str, Any]]:
    """What drift would report of these modules, by noun and key."""
    Play(keycloak, folder).done(*steps)
    plans = [json.loads(file.read_text()) for file in sorted((folder / "plans").glob("*.json"))]
    return {f"{item['noun']} {item['key']}": item for item in report(plans)["operations"]}


def test_who_changed_and_removed_something(
    eve: Somebody, keycloak: Keycloak, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    eve("PUT", f"{REALM}/clients/{eve.client('portal')['id']}", {**eve.client("portal"), "description": "by hand"})
    eve("DELETE", f"{REALM}/clients/{eve.client('lost')['id']}")
    eve("PUT", REALM, {"displayName": "By hand"})
    (tmp_path / "plans").mkdir()
    monkeypatch.setenv("MAAS_PLAN_FOLDER", str(tmp_path / "plans"))
    found = operations(
        keycloak,
        tmp_path,
        Step("keycloak_client", {"realm": REALM, "client_id": "portal", "description": "ours"}, check=True),
        Step("keycloak_client", {"realm": REALM, "client_id": "lost"}, check=True),
        Step("keycloak_realm", {"realm": REALM, "display_name": "Ours"}, check=True),
    )
    assert {name: (item["action"], item["by"]) for name, item in found.items()} == {
        f"client {REALM} / portal": ("update", "eve"),
        f"client {REALM} / lost": ("create", "eve"),
        f"realm {REALM}": ("update", "eve"),
    }
    assert all(item["since"] >= begun for item in found.values())


def test_a_realm_without_admin_events_names_nobody(
    eve: Somebody, keycloak: Keycloak, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    eve("PUT", REALM, {"adminEventsEnabled": False})
    eve("DELETE", f"{REALM}/admin-events")
    eve("PUT", REALM, {"displayName": "By hand again"})
    (tmp_path / "plans").mkdir()
    monkeypatch.setenv("MAAS_PLAN_FOLDER", str(tmp_path / "plans"))
    found = operations(keycloak, tmp_path, Step("keycloak_realm", {"realm": REALM, "display_name": "Ours"}, check=True))
    assert [(item["since"], item["by"]) for item in found.values()] == [("", "")]
