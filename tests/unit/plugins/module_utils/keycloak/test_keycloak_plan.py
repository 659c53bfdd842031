# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keycloak's objects: wanted × present → changes, by tables."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.engine import normal
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Change, Field, Plan, RefusalError
from ansible_collections.rhai.maas.plugins.module_utils.engine.show import diff
from ansible_collections.rhai.maas.plugins.module_utils.keycloak import client, info, provider, realm, user
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.plan import compare

MAPPER = {
    "id": "m1",
    "name": "org",
    "protocol": "openid-connect",
    "protocolMapper": "kind",
    "config": {"a": "1", "b": "2"},
}
CLIENT = {
    "id": "c1",
    "clientId": "portal",
    "enabled": True,
    "publicClient": False,
    "secret": "old-secret-value",
    "redirectUris": ["b", "a"],
    "attributes": {"x": "1", "y": "2"},
    "protocolMappers": [MAPPER],
    "defaultClientScopes": ["basic"],
    "optionalClientScopes": ["phone"],
    "access": {"manage": True},
}
SCOPES = [{"id": f"id-{name}", "name": name} for name in ("basic", "email", "phone")]
PROVIDER = {
    "alias": "company",
    "internalId": "i1",
    "providerId": "oidc",
    "enabled": True,
    "linkOnly": True,
    "config": {"clientId": "x", "clientSecret": "**********", "tokenUrl": "https://t"},
}
USER = {"id": "u1", "username": "dana", "email": "dana@example.com", "enabled": True, "attributes": {"a": ["1"]}}


def params(fields: dict[str, Field], **given: Any) -> dict[str, Any]:
    """What AnsibleModule would hand over: all options, with their defaults."""
    return {**{name: entry.default for name, entry in fields.items()}, "realm": "maas", **given}


def plan_client(raw: dict[str, Any] | None = CLIENT, **given: Any) -> Plan:
    return client.plan(params(dict(client.CLIENT.fields), client_id="portal", **given), raw, SCOPES)


def plan_provider(raw: dict[str, Any] | None = PROVIDER, discovered: Any = None, **given: Any) -> Plan:
    wanted = params(dict(provider.PROVIDER.fields), alias="company", **given)
    return provider.plan(wanted, raw, [], discovered or {})


def plan_user(raw: dict[str, Any] | None = USER, **given: Any) -> Plan:
    return user.plan(params(dict(user.USER.fields), username="dana", **given), raw)


def plan_realm(raw: dict[str, Any] | None, **given: Any) -> Plan:
    return realm.plan(params(dict(realm.REALM.fields), **given), raw, {"attributes": []} if raw else None)


def body(change: Change) -> dict[str, Any]:
    assert change.call is not None and change.call.body is not None
    return dict(change.call.body)


@pytest.mark.parametrize(
    ("wanted", "present", "before", "after"),
    [
        ({"redirect_uris": ["a", "b", "b"]}, ["b", "a"], {}, {}),
        ({"redirect_uris": ["a"]}, ["b", "a"], {"redirect_uris": ["a", "b"]}, {"redirect_uris": ["a"]}),
        ({"redirect_uris": []}, ["a"], {"redirect_uris": ["a"]}, {"redirect_uris": []}),
        ({"redirect_uris": None}, ["a"], {}, {}),
        ({"redirect_uris": []}, None, {}, {}),
    ],
)
def test_lists_are_compared_without_order(
    wanted: dict[str, Any], present: Any, before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert compare(client.CLIENT, wanted, {"redirect_uris": present})[:2] == (before, after)


@pytest.mark.parametrize(
    ("wanted", "before", "after", "sent"),
    [
        ({"x": 1}, None, None, None),
        ({"x": "2"}, {"x": "1"}, {"x": "2"}, {"x": "2", "y": "2"}),
        ({"z": True}, {}, {"z": "true"}, {"x": "1", "y": "2", "z": "true"}),
        ({"z": ""}, None, None, None),
        ({"x": ""}, {"x": "1"}, {"x": ""}, {"x": "", "y": "2"}),
    ],
)
def test_maps_keep_what_nobody_asked_for(wanted: dict[str, Any], before: Any, after: Any, sent: Any) -> None:
    changes = plan_client(attributes=wanted).changes
    if sent is None:
        assert changes == []
        return
    (change,) = changes
    assert (change.before, change.after) == ({"attributes": before}, {"attributes": after})
    assert body(change)["attributes"] == sent


def test_normal_forms() -> None:
    assert normal.texts({"a": True, "b": None, "c": 3}) == {"a": "true", "b": "", "c": "3"}
    assert normal.text_lists({"a": "x", "b": [1, False]}) == {"a": ["x"], "b": ["1", "false"]}


def test_a_client_as_wanted_needs_nothing() -> None:
    same = {"name": "org", "protocol": "openid-connect", "protocol_mapper": "kind", "config": {"a": 1}}
    wanted = {"secret": "old-secret-value", "enabled": True, "default_client_scopes": ["basic"]}
    plan = plan_client(**wanted, protocol_mappers=[same])
    assert plan.changes == []
    shown = plan.result["client"]
    assert (
        shown["id"].id == "c1"
        and "secret" not in shown
        and shown["protocol_mappers"][0]["config"] == {"a": "1", "b": "2"}
    )


def test_a_client_s_update_sends_the_whole_object_but_what_has_requests_of_its_own() -> None:
    (change,) = plan_client(enabled=False).changes
    sent = body(change)
    assert (sent["enabled"], sent["redirectUris"], sent["secret"]) == (False, ["b", "a"], "old-secret-value")
    assert not {"protocolMappers", "access", "defaultClientScopes", "optionalClientScopes"} & set(sent)


def test_a_secret_that_changes_is_shown_as_that_alone() -> None:
    (change,) = plan_client(secret="new-secret-value").changes
    text = str(diff([change]))
    assert "secret-value" not in text and "(secret, changed)" in text and body(change)["secret"] == "new-secret-value"


def test_a_client_s_result_shows_no_login_of_an_address() -> None:
    told = plan_client({**CLIENT, "adminUrl": "https://ann:word@example.com"}).result["client"]
    assert told["admin_url"] == "https://(secret)@example.com"


def test_a_new_client_brings_its_scopes_and_waits_with_its_mappers() -> None:
    wanted = {"name": "org", "protocol": "openid-connect", "protocol_mapper": "kind", "config": {"a": True}}
    made, mapper = plan_client(None, default_client_scopes=["email"], protocol_mappers=[wanted]).changes
    assert body(made) == {"clientId": "portal", "defaultClientScopes": ["basic", "email"]}
    assert body(mapper)["config"] == {"a": "true"} and mapper.call and mapper.call.refs["client"] is made.ref


@pytest.mark.parametrize(("prune", "deleted"), [(False, []), (True, ["maas / portal / org"])])
def test_other_mappers_go_only_when_pruned(prune: bool, deleted: list[str]) -> None:
    changes = plan_client(protocol_mappers=[], prune_protocol_mappers=prune).changes
    assert [change.key for change in changes if change.action == "delete"] == deleted


def test_scopes_leave_before_they_come() -> None:
    changes = plan_client(default_client_scopes=["phone"], optional_client_scopes=["basic"]).changes
    assert [(change.action, change.key.rpartition(" / ")[2]) for change in changes] == [
        ("delete", "basic"),
        ("delete", "phone"),
        ("create", "phone"),
        ("create", "basic"),
    ]
    assert len({change.lane for change in changes}) == 1, "one after the other"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"default_client_scopes": ["nosuch"]}, "has no client scope nosuch. There are: basic, email, phone."),
        ({"default_client_scopes": ["email"], "optional_client_scopes": ["email"]}, "can't be both"),
    ],
)
def test_scopes_that_can_t_be_are_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(RefusalError, match=words):
        plan_client(**given)


def test_absent_removes_what_is_there_and_only_that() -> None:
    assert [change.action for change in plan_client(state="absent").changes] == ["delete"]
    assert plan_client(None, state="absent").changes == []
    assert "old-secret-value" not in str(diff(plan_client(state="absent").changes))


@pytest.mark.parametrize(
    ("raw", "update_secret", "sent"),
    [
        (None, "on_create", "a-new-secret"),
        (PROVIDER, "on_create", None),
        (PROVIDER, "always", "a-new-secret"),
    ],
)
def test_a_provider_s_secret_is_sent_when_it_may_be(raw: Any, update_secret: str, sent: str | None) -> None:
    changes = plan_provider(raw, client_secret="a-new-secret", update_secret=update_secret).changes
    assert [body(change)["config"]["clientSecret"] for change in changes] == ([sent] if sent else [])
    assert "a-new-secret" not in str(diff(changes))


def test_a_provider_s_update_keeps_its_secret_and_all_else() -> None:
    (change,) = plan_provider(display_name="Company").changes
    sent = body(change)
    assert sent["config"]["clientSecret"] == "**********", "Keycloak takes its own mask for: leave it"
    assert sent["linkOnly"] is True and sent["displayName"] == "Company"


def test_single_options_win_over_the_discovery_document_and_config_over_both() -> None:
    found = {"tokenUrl": "https://found", "jwksUrl": "https://keys", "issuer": "i"}
    wanted = {"token_url": "https://mine", "sync_mode": "import", "config": {"issuer": "other"}}
    (change,) = plan_provider(None, found, **wanted).changes
    assert body(change)["config"] == {
        "tokenUrl": "https://mine",
        "jwksUrl": "https://keys",
        "issuer": "other",
        "syncMode": "IMPORT",
    }


def test_a_provider_of_a_planned_realm_names_its_discovery_document() -> None:
    (change,) = plan_provider(None, discovery_url="https://d").changes
    assert body(change)["config"] == {"metadataDescriptorUrl": "https://d"}


def test_a_provider_s_mapper_names_its_provider() -> None:
    wanted = [{"name": "m", "identity_provider_mapper": "kind", "config": {}}]
    made = plan_provider(mappers=wanted).changes[-1]
    assert body(made)["identityProviderAlias"] == "company"


@pytest.mark.parametrize(
    ("given", "actions"),
    [
        ({}, []),
        ({"email": "Dana@Example.com"}, []),
        ({"attributes": {"a": 1}}, []),
        ({"attributes": {"a": []}}, ["update user"]),
        ({"password": "a-long-password"}, []),
        ({"password": "a-long-password", "update_password": "always"}, ["update password of user"]),
        ({"first_name": "D", "password": "p", "update_password": "always"}, ["update user", "update password of user"]),
    ],
)
def test_a_user_that_is_there(given: dict[str, Any], actions: list[str]) -> None:
    changes = plan_user(**given).changes
    assert [f"{change.action} {change.noun}" for change in changes] == actions
    assert "a-long-password" not in str(diff(changes))


def test_a_new_user_brings_its_password() -> None:
    (made,) = plan_user(None, password="a-long-password", temporary_password=True).changes
    assert body(made)["credentials"] == [{"type": "password", "value": "a-long-password", "temporary": True}]
    assert body(made)["enabled"] is True and "a-long-password" not in str(diff([made]))


@pytest.mark.parametrize(
    ("profile", "refused"),
    [
        (None, False),
        ({"attributes": [{"name": "floor"}]}, False),
        ({"attributes": []}, True),
        ({"attributes": [], "unmanagedAttributePolicy": "ADMIN_VIEW"}, True),
        ({"attributes": [], "unmanagedAttributePolicy": "ADMIN_EDIT"}, False),
        ({"attributes": [], "unmanagedAttributePolicy": "ENABLED"}, False),
    ],
)
def test_attributes_that_keycloak_would_drop_are_refused(profile: Any, refused: bool) -> None:
    if refused:
        with pytest.raises(RefusalError, match="doesn't know floor"):
            user.refuse_lost_attributes({"floor": 3}, profile)
    else:
        user.refuse_lost_attributes({"floor": 3}, profile)


def test_a_realm_s_update_names_only_what_differs() -> None:
    raw = {"id": "r1", "realm": "maas", "displayName": "Old", "enabled": True, "attributes": {"a": "b"}}
    (change,) = plan_realm(raw, display_name="New", enabled=True).changes
    assert body(change) == {"realm": "maas", "displayName": "New"}
    assert (change.before, change.after) == ({"display_name": "Old"}, {"display_name": "New"})


def test_a_new_realm_s_user_profile_waits_for_the_realm() -> None:
    made, profile = plan_realm(None, unmanaged_attribute_policy="enabled").changes
    assert body(made) == {"realm": "maas", "enabled": True}
    assert profile.needs == [made] and profile.after == {"unmanaged_attribute_policy": "enabled"}
    assert len(plan_realm(None, unmanaged_attribute_policy="disabled").changes) == 1, "that is how a new realm is"


def test_a_server_without_user_profiles_refuses_a_policy() -> None:
    with pytest.raises(RefusalError, match="unmanaged_attribute_policy: this server has no user profile"):
        realm.plan(params(dict(realm.REALM.fields), unmanaged_attribute_policy="enabled"), {"realm": "maas"}, None)


def test_a_client_that_was_read_can_be_handed_back_and_changes_nothing() -> None:
    read = info.client(CLIENT)
    assert "secret" not in read and "old-secret-value" not in str(read)
    assert client.plan({**params(dict(client.CLIENT.fields)), **read}, CLIENT, SCOPES).changes == []


@pytest.mark.parametrize(
    ("profile", "policy"),
    [(None, None), ({}, "disabled"), ({"unmanagedAttributePolicy": "ADMIN_EDIT"}, "admin_edit")],
)
def test_a_realm_that_was_read_can_be_handed_back(profile: Any, policy: str | None) -> None:
    raw = {"id": "r1", "realm": "a b", "enabled": True, "attributes": {"x": "y"}}
    read = info.realm(raw, "https://sso.example.com", profile)
    assert read["issuer"] == "https://sso.example.com/realms/a%20b"
    assert read.get("unmanaged_attribute_policy") == policy
    assert realm.plan({**params(dict(realm.REALM.fields)), **read}, raw, profile).changes == []
