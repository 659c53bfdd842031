# SPDX-License-Identifier: GPL-3.0-or-later
"""What the reading modules tell of a realm, against the real server; and that it can be handed back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml

from tests.integration.keycloak.conftest import Runner, Step
from tests.support.keycloak import Keycloak

SECRET = "a-secret-of-a-provider-nobody-may-see"
REALM = "told of ä all"
CLIENT = "https://web.example.com/a b?c=d&e"
GROUPS = [
    {"path": "/dev", "attributes": {"floor": ["3"]}, "roles": [{"name": "writer"}, {"name": "x", "client_id": CLIENT}]},
    {"path": "/dev/eu"},
    *({"path": f"/dev/eu/{number:02}"} for number in range(12)),
]
MADE: list[tuple[str, dict[str, Any]]] = [
    ("keycloak_client", {"client_id": CLIENT, "redirect_uris": ["https://web.example.com/*"]}),
    ("keycloak_client_scope", {"name": "floor_plan", "for_new_clients": "optional"}),
    ("keycloak_role", {"roles": [{"name": "reader"}, {"name": "writer", "composites": [{"name": "reader"}]}]}),
    ("keycloak_role", {"name": "x", "client_id": CLIENT, "attributes": {"a": ["1", "2"]}}),
    (
        "keycloak_client",
        {
            "client_id": "bot",
            "secret": SECRET,
            "service_accounts_enabled": True,
            "service_account_roles": [{"name": "writer"}, {"name": "x", "client_id": CLIENT}],
            "attributes": {"mail.password": SECRET},
        },
    ),
    ("keycloak_group", {"groups": GROUPS}),
    ("keycloak_user", {"username": "dana", "email": "dana@example.com", "first_name": "D", "attributes": {"a": "b"}}),
    (
        "keycloak_identity_provider",
        {
            "alias": "company",
            "client_id": "c",
            "client_secret": SECRET,
            "authorization_url": "https://i.example.com/a",
            "token_url": "https://i.example.com/t",
            "mappers": [
                {"name": "m", "identity_provider_mapper": "hardcoded-role-idp-mapper", "config": {"role": "r"}}
            ],
        },
    ),
]
TAKES = {  # the files of an export, and what takes them
    "realm": ("keycloak_realm", "realms"),
    "client_scopes": ("keycloak_client_scope", "client_scopes"),
    "clients": ("keycloak_client", "clients"),
    "roles": ("keycloak_role", "roles"),
    "groups": ("keycloak_group", "groups"),
    "identity_providers": ("keycloak_identity_provider", "identity_providers"),
}
READ = [
    ("keycloak_client_scope", "client_scopes", {}),
    ("keycloak_role", "roles", {"clients": [CLIENT]}),
    ("keycloak_group", "groups", {}),
    ("keycloak_user", "users", {}),
    ("keycloak_identity_provider", "identity_providers", {}),
]


@pytest.fixture(scope="module")
def realm(keycloak: Keycloak, tmp_path_factory: pytest.TempPathFactory) -> str:
    run = Runner(keycloak, tmp_path_factory.mktemp("told"))
    run.done(
        Step("keycloak_realm", {"realm": REALM, "unmanaged_attribute_policy": "enabled"}),
        *(Step(module, {"realm": REALM, **options}) for module, options in MADE),
    )
    return REALM


def test_what_is_made_stays(run: Runner, realm: str) -> None:
    for result in run.done(*(Step(module, {"realm": realm, **options}) for module, options in MADE)):
        assert not result.changed and result.writes == 0, result.diff


def test_what_is_read_can_be_handed_back(run: Runner, realm: str) -> None:
    found = run.done(*(Step(f"{module}_info", {"realm": realm, **more}) for module, _key, more in READ))
    assert all(result.writes == 0 for result in found)
    assert SECRET not in run.output + json.dumps([result.data for result in found])
    steps = []
    for (module, key, _more), result in zip(READ, found):
        items = [{name: value for name, value in item.items() if name != "id"} for item in result.data[key]]
        steps.append(Step(module, {"realm": realm, key: items}))
    for result in run.done(*steps):
        assert not result.changed and result.writes == 0, result.diff
    scopes, roles, groups, users, providers = (result.data[key] for (_m, key, _o), result in zip(READ, found))
    assert {"name": "writer", "composites": [{"name": "reader"}]}.items() <= {r["name"]: r for r in roles}[
        "writer"
    ].items()
    assert [group["path"] for group in groups] == sorted(str(group["path"]) for group in GROUPS)
    assert groups[0]["roles"] == [{"name": "writer"}, {"name": "x", "client_id": CLIENT}]
    assert "floor_plan" in [scope["name"] for scope in scopes] and [user["username"] for user in users] == ["dana"]
    assert providers[0]["mappers"][0]["name"] == "m" and "clientSecret" not in providers[0]["config"]


def test_an_export_can_be_imported(run: Runner, realm: str, tmp_path: Path) -> None:
    folder = tmp_path / "exported"
    export = {"realm": realm, "path": str(folder)}
    (planned,) = run.done(Step("keycloak_export", export, check=True))
    assert planned.changed and not folder.exists()
    done, again = run.done(Step("keycloak_export", export), Step("keycloak_export", export))
    assert planned.diff == done.diff and not again.changed and (done.writes, again.writes) == (0, 0)
    assert done.data["files"] == sorted(f"{part}.yml" for part in TAKES)
    texts = {part: (folder / f"{part}.yml").read_text() for part in TAKES}
    assert SECRET not in run.output + "".join(texts.values()) and "(secret)" not in "".join(texts.values())
    assert "identity_providers.yml: client_secret is left out" in str(done.data["warnings"])
    files = {part: yaml.safe_load(text) for part, text in texts.items()}
    assert [row["client_id"] for row in files["clients"]] == ["bot", CLIENT]
    held = [{"name": "writer"}, {"name": "x", "client_id": CLIENT}]
    assert files["clients"][0]["service_account_roles"] == held
    steps = [
        Step(module, {"realm": realm, option: files[part]})
        for part, (module, option) in TAKES.items()
        if part != "realm"
    ]
    for result in run.done(Step("keycloak_realm", {"realms": [files["realm"]]}), *steps):
        assert not result.changed and result.writes == 0, result.diff


def test_what_an_export_left_out_is_refused(run: Runner, realm: str, tmp_path: Path) -> None:
    address = {"client_id": "hidden", "admin_url": f"https://admin:{SECRET}@web.example.com"}
    export = Step("keycloak_export", {"realm": realm, "path": str(tmp_path), "parts": ["clients"]})
    _made, written = run.done(Step("keycloak_client", {"realm": realm, **address}), export)
    clients = yaml.safe_load((tmp_path / "clients.yml").read_text())
    refused, _gone = run(
        Step("keycloak_client", {"realm": realm, "clients": clients}),
        Step("keycloak_client", {"realm": realm, "client_id": "hidden", "state": "absent"}),
    )
    assert "clients.yml: clients.hidden.admin_url is a secret" in str(written.data["warnings"])
    assert refused.failed and refused.writes == 0 and "admin_url: an export left out a secret here" in refused.message


def test_who_is_in_a_group(run: Runner, realm: str, keycloak: Keycloak) -> None:
    (user,) = run.done(Step("keycloak_user_info", {"realm": realm, "users": ["dana", "nobody"]}))
    (made,) = run.done(Step("keycloak_group", {"realm": realm, "path": "/dev"}))
    place = f"users/{user.data['users'][0]['id']}/groups/{made.data['group']['id']}"
    keycloak.admin("PUT", f"realms/{quote(realm)}/{place}")
    group, whose, missing = run(
        Step("keycloak_group_info", {"realm": realm, "groups": ["dev/", "/dev/eu", "/nosuch"], "members": True}),
        Step("keycloak_user_info", {"realm": realm, "users": ["dana"], "groups": True}),
        Step("keycloak_user_info", {"realm": "nosuch"}),
    )
    dana = {"username": "dana", "email": "dana@example.com", "enabled": True}
    assert [item["members"] for item in group.data["groups"]] == [[dana], []]
    assert whose.data["users"][0]["groups"] == ["/dev"]
    assert missing.failed and "there is no realm 'nosuch'" in missing.message
