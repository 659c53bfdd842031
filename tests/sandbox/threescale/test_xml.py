# SPDX-License-Identifier: GPL-3.0-or-later
"""XML where it differs from JSON in more than syntax."""

from __future__ import annotations

import re

import pytest

from sandbox.threescale.resources.xml_shapes import ruby_time
from sandbox.threescale.server import Server
from tests.sandbox.threescale.conftest import Api

NOW = "2026-09-21 14:13:20 UTC"
SPEC = '{"openapi":"3.0.0","info":{"title":"x","version":"1"},"paths":{}}'
APPLICATIONS = "/admin/api/accounts/3/applications"


def names(text: str) -> list[str]:
    return re.findall(r"<([a-z_]+)[ />]", text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-09-21T14:13:20Z", NOW),
        ("2026-09-21T16:13:20+02:00", "2026-09-21 16:13:20 +0200"),
        (None, None),
    ],
)
def test_times_as_ruby_prints_them(text: str | None, shown: str | None) -> None:
    assert ruby_time(text) == shown


def test_a_proxy_leaves_out_what_is_null_and_shows_its_chain_as_text(api: Api) -> None:
    path = "/admin/api/services/2/proxy"
    text, shown = api.get(f"{path}.xml"), api.get(f"{path}.json")["proxy"]
    assert names(text)[1:] == [name for name in shown if name != "links"]
    chain = '[{"name"=&gt;"apicast", "version"=&gt;"builtin", "configuration"=&gt;{}, "enabled"=&gt;true}]'
    assert f"<policies_config>{chain}</policies_config><created_at>{NOW}</created_at>" in text
    bare = api.make("/admin/api/services.json", {"name": "Bare"}, "service")["id"]
    assert "<api_backend/>" in api.get(f"/admin/api/services/{bare}/proxy.xml")


def test_mapping_rules(api: Api) -> None:
    text = api.get("/admin/api/services/2/proxy/mapping_rules.xml")
    assert f"<position>1</position><last>false</last><created_at>{NOW}</created_at>" in text


def test_keys_filters_documents_messages_and_links(api: Api) -> None:
    path = f"{APPLICATIONS}/{api.get(f'{APPLICATIONS}.json')['applications'][0]['application']['id']}"
    api.call("POST", f"{path}/keys.json", {"key": "abcdef"})
    times = f"<updated_at>{NOW}</updated_at><created_at>{NOW}</created_at>"
    assert f"<key><value>abcdef</value>{times}</key>" in api.get(f"{path}/keys.xml")
    api.call("POST", f"{path}/referrer_filters.json", {"referrer_filter": "x.io"})
    text = api.get(f"{path}/referrer_filters.xml")
    assert f"<referrer_filter><value>x.io</value><id>1</id>{times}</referrer_filter>" in text
    text = api.call("POST", "/admin/api/active_docs.xml", {"name": "Doc", "body": SPEC})[1]
    assert names(text)[1:] == [
        "id",
        "system_name",
        "name",
        "description",
        "published",
        "body",
        "created_at",
        "updated_at",
    ]
    text = api.call("POST", "/admin/api/accounts/3/messages.xml", {"subject": "Hello", "body": "You"})[1]
    assert names(text)[1:] == ["id", "body", "subject", "state"]
    assert names(api.call("POST", "/admin/api/sso_tokens.xml", data={"username": "john"})[1]) == ["sso_url"]


def test_what_is_null_of_a_provider_of_single_sign_on_and_of_permissions_is_left_out(api: Api) -> None:
    body = {"kind": "github", "client_id": "x", "client_secret": "y"}
    text = api.call("POST", "/admin/api/authentication_providers.xml", body)[1]
    assert "<site" not in text and "T14:13:20Z</created_at>" in text
    text = api.get("/admin/api/users/2/permissions.xml")
    assert "<allowed_section>portal</allowed_section>" in text and "allowed_service_ids" not in text


def test_only_the_answer_to_a_signup_shows_the_applications(api: Api) -> None:
    body = {"org_name": "Org", "username": "someone", "email": "someone@x.io", "password": "secret"}
    status, text = api.call("POST", "/admin/api/signup.xml", body)
    assert status == 201 and "<applications><application>" in text
    account = int(re.findall(r"<id>(\d+)</id>", text)[0])
    assert "<applications>" not in api.get(f"/admin/api/accounts/{account}.xml")


def test_accounts_of_suspended_and_leaving_tenants(master: Api) -> None:
    assert "<monthly_billing_enabled>" in master.get("/admin/api/accounts/2.xml")
    master.call("PUT", "/master/api/providers/2.json", {"state_event": "suspend"})
    assert "<monthly_billing_enabled>" not in master.get("/admin/api/accounts/2.xml")
    master.call("DELETE", "/master/api/providers/2.json")
    assert "<deletion_date>2026-10-06T14:13:20Z</deletion_date>" in master.get("/admin/api/accounts/2.xml")


def test_refusals(api: Api, server: Server) -> None:
    assert api.call("DELETE", "/admin/api/services/2.xml") == (403, "")
    key = Api(server, "maas-admin", server.sandbox.db.rows["accounts"][2]["provider_key"])
    status, text = key.call("DELETE", "/admin/api/services/2.xml")
    assert status == 422 and "<error><from>incomplete</from><event>mark_as_deleted</event>" in text
    status, text = api.call("POST", "/admin/api/accounts/3/messages.xml", {"body": "You"})
    assert status == 422 and "<error>Subject can't be blank</error><message>" in text
