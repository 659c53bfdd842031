# SPDX-License-Identifier: GPL-3.0-or-later
"""What members may do by their sections, and what nobody may do to himself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.threescale.server import Server
from tests.sandbox.threescale.conftest import Api

Maker = Callable[..., Api]
FORBIDDEN = (403, {"status": "Forbidden"})
WRONG = (403, {"error": "Your access token does not have the correct permissions"})


@pytest.fixture
def key(server: Server) -> Api:
    """The tenant's Admin API with the provider key."""
    return Api(server, "maas-admin", server.sandbox.db.rows["accounts"][2]["provider_key"])


@pytest.fixture
def member(api: Api, key: Api, server: Server) -> Maker:
    """A maker of members by sections (and role); the member's id is 6."""

    def make(*sections: str, role: str = "member", scopes: tuple[str, ...] = ("account_management",)) -> Api:
        user = api.make("/admin/api/users.json", {"username": "second", "email": "second@x.io"}, "user")["id"]
        if role == "admin":
            api.call("PUT", f"/admin/api/users/{user}/admin.json")
        else:
            api.call("PUT", f"/admin/api/users/{user}/permissions.json", {"allowed_sections": list(sections)})
        values = {"name": "t", "permission": "rw", "scopes": list(scopes)}
        made = key.make(f"/admin/api/users/{user}/access_tokens.json", values, "access_token")
        return Api(server, "maas-admin", made["value"])

    return make


def _admin(api: Api) -> int:
    found: int = api.get("/admin/api/users.json")["users"][0]["user"]["id"]
    return found


CALLS: list[tuple[str, str, Any, set[str]]] = [
    # sections, besides partners, that let a member through
    ("GET", "backend_apis.json", None, {"plans", "monitoring"}),
    ("GET", "backend_apis/2.json", None, {"plans", "monitoring"}),
    ("PUT", "backend_apis/2.json", {"description": "d"}, {"plans"}),
    ("GET", "backend_apis/2/metrics.json", None, {"plans"}),
    ("GET", "backend_apis/2/mapping_rules.json", None, {"plans"}),
    ("GET", "services/2/backend_usages.json", None, {"plans"}),
    ("GET", "services/2/service_plans.json", None, {"plans"}),
    ("GET", "account_plans.json", None, {"plans"}),
    ("GET", "account_plans/6/features.json", None, {"plans"}),
    ("GET", "accounts/3/service_subscriptions.json", None, {"plans"}),
    ("GET", "active_docs.json", None, {"plans"}),
    ("GET", "services/2/application_plans.json", None, {"plans", "monitoring", "none"}),
    ("GET", "accounts/3.json", None, {"plans", "monitoring", "none"}),
    ("PUT", "accounts/3/make_pending.json", None, {"plans", "monitoring", "none"}),
    ("DELETE", "accounts/3.json", None, set()),
    ("PUT", "accounts/3/reject.json", None, set()),
    ("POST", "accounts/3/users.json", {"username": "new", "email": "new@x.io"}, set()),
    ("GET", "webhooks/failures.json", None, set()),
]


@pytest.mark.parametrize("section", ["plans", "monitoring", "none"])
@pytest.mark.parametrize(("method", "path", "body", "sections"), CALLS)
def test_sections(api: Api, member: Maker, method: str, path: str, body: Any, sections: set[str], section: str) -> None:
    status, answer = member("partners", section).call(method, f"/admin/api/{path}", body)
    if section in sections:
        assert status == 200, answer
    else:
        assert (status, answer) == FORBIDDEN


@pytest.mark.parametrize(
    ("sections", "path", "right"),
    [
        (["portal"], "/admin/api/cms/sections.json", True),
        (["partners"], "/admin/api/cms/sections.json", True),
        (["finance"], "/admin/api/cms/sections.json", False),
        (["finance"], "/api/invoices.json", True),
        (["partners"], "/stats/services/2/usage.json?metric_name=hits&period=day", False),
        (["monitoring"], "/stats/services/2/usage.json?metric_name=hits&period=day", True),
        (["policy_registry"], "/admin/api/registry/policies.json", True),
        (["partners"], "/admin/api/registry/policies.json", False),
    ],
)
def test_a_scope_is_worth_as_much_as_its_section(member: Maker, sections: list[str], path: str, right: bool) -> None:
    every = ("account_management", "cms", "finance", "stats", "policy_registry")
    status, answer = member(*sections, scopes=every).call("GET", path)
    assert (status == 200) is right and (right or (status, answer) == WRONG)


def test_a_member_sees_himself_alone(api: Api, member: Maker) -> None:
    he = member("partners")
    own = api.get("/admin/api/users.json")["users"][-1]["user"]["id"]
    assert he.call("GET", f"/admin/api/users/{own}.json")[0] == 200
    assert he.call("PUT", f"/admin/api/users/{own}.json", {"first_name": "He"})[0] == 200
    for method, path in (("GET", ""), ("PUT", ""), ("DELETE", ""), ("PUT", "/suspend"), ("GET", "/permissions")):
        assert he.call(method, f"/admin/api/users/{_admin(api)}{path}.json") == FORBIDDEN


def test_nobody_deletes_himself_or_changes_his_role(api: Api, key: Api, member: Maker) -> None:
    member(role="admin")
    own = f"/admin/api/users/{_admin(api)}"
    assert api.call("DELETE", f"{own}.json") == FORBIDDEN
    assert api.call("PUT", f"{own}/member.json") == FORBIDDEN
    assert api.call("PUT", f"{own}/suspend.json")[0] == 200
    assert key.call("DELETE", f"{own}.json")[0] == 200


def test_the_last_admin_of_a_developer_account_stays_one(api: Api, key: Api) -> None:
    users = "/admin/api/accounts/3/users"
    john = api.get(f"{users}.json")["users"][0]["user"]["id"]
    for role in ("member", "admin"):
        assert api.call("PUT", f"{users}/{john}/{role}.json") == FORBIDDEN
    other = api.make(f"{users}.json", {"username": "other", "email": "other@x.io"}, "user")["id"]
    assert api.call("PUT", f"{users}/{other}/admin.json")[0] == 200
    assert api.call("PUT", f"{users}/{john}/member.json")[0] == 200
    assert key.call("PUT", f"{users}/{other}/member.json")[0] == 200


def test_the_provider_key_makes_no_provider_of_single_sign_on(api: Api, key: Api) -> None:
    path = "/admin/api/authentication_providers"
    body = {"client_id": "x", "client_secret": "y", "site": "http://kc.io/realms/x"}
    assert key.call("POST", f"{path}.json", {"kind": "keycloak", **body}) == FORBIDDEN
    made = api.make(f"{path}.json", {"kind": "keycloak", **body}, "authentication_provider")["id"]
    github = api.make(f"{path}.json", {"kind": "github", **body}, "authentication_provider")["id"]
    assert key.call("GET", f"{path}.json")[0] == 200
    assert key.call("GET", f"{path}/{made}.json") == key.call("PUT", f"{path}/{made}.json", body) == FORBIDDEN
    assert key.call("GET", f"{path}/{github}.json")[0] == 200
