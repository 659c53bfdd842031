# SPDX-License-Identifier: GPL-3.0-or-later
"""A client library that is not ours, `3scale-api` from its package, makes, reads, changes and deletes what it knows."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
import threescale_api
from threescale_api import errors
from threescale_api.resources import InvoiceState

from tests.support.standin import Standin, running_standin

SCHEMA = {"name": "Policy", "version": "0.1", "summary": "short", "configuration": {"type": "object"}}
SWAGGER = '{"swagger": "2.0", "info": {"title": "t", "version": "1"}, "paths": {}}'

# attribute of the client, what is made, what is changed (None: the library or the server can't change it)
PLAIN: list[tuple[str, dict[str, Any], dict[str, Any] | None]] = [
    ("services", {"name": "Plain", "system_name": "plain"}, {"description": "changed"}),
    ("backends", {"name": "Plain", "private_endpoint": "https://x.io"}, {"description": "changed"}),
    ("active_docs", {"name": "Doc", "body": SWAGGER}, {"published": True}),
    ("account_plans", {"name": "Plan"}, {"name": "Renamed"}),
    ("access_tokens", {"name": "token", "permission": "ro", "scopes": ["stats"]}, None),
    (
        "fields_definitions",
        {"target": "Account", "name": "dept", "label": "Department"},
        {"label": "Changed", "target": "Cinstance"},
    ),
    ("policy_registry", {"name": "policy", "version": "0.1", "schema": SCHEMA}, {"name": "renamed", "schema": SCHEMA}),
    ("provider_account_users", {"username": "member", "email": "member@x.io", "password": "secret1"}, {"title": "x"}),
    ("cms_sections", {"title": "Section", "system_name": "section", "partial_path": "/s"}, {"title": "Changed"}),
    ("cms_partials", {"system_name": "part", "draft": "x"}, {"draft": "changed"}),
    ("cms_layouts", {"system_name": "lay", "draft": "{% content %}", "title": "Lay"}, {"title": "Changed"}),
    ("cms_pages", {"title": "Page", "path": "/page", "draft": "x"}, {"title": "Changed"}),
]


NUMBERS = itertools.count()  # the name of a deleted product stays taken


@pytest.fixture(scope="module")
def standin() -> Iterator[Standin]:
    with running_standin() as found:
        yield found


@pytest.fixture(scope="module")
def client(standin: Standin) -> Any:
    return threescale_api.ThreeScaleClient(standin.admin_url, standin.token)


@pytest.fixture
def service(client: Any) -> Iterator[Any]:
    made = client.services.create({"name": "Granite", "system_name": f"granite_{next(NUMBERS)}"})
    yield made
    made.delete()


@pytest.fixture
def account(client: Any) -> Iterator[Any]:
    made = client.accounts.create({"org_name": "ACME", "username": "jane", "email": "jane@x.io", "password": "secret1"})
    yield made
    made.delete()


@pytest.mark.parametrize(("name", "made", "changed"), PLAIN, ids=[name for name, _made, _changed in PLAIN])
def test_create_read_update_delete(
    client: Any, name: str, made: dict[str, Any], changed: dict[str, Any] | None
) -> None:
    resources = getattr(client, name)
    before = len(resources.list())
    one = resources.create(params=dict(made))
    assert len(resources.list()) == before + 1
    shown = resources.read(one.entity_id) if name != "access_tokens" else resources.list()[-1]
    for key, value in made.items():
        if key in shown.entity and key not in ("private_endpoint", "password"):
            assert shown[key] == value, key
    if changed is not None:
        resources.update(one.entity_id, params=dict(changed))
        for key, value in changed.items():
            if key in resources.read(one.entity_id).entity:
                assert resources.read(one.entity_id)[key] == value, key
    one.delete()
    assert len(resources.list()) == before


def test_a_product_and_all_below_it(client: Any, service: Any) -> None:
    backend = client.backends.create({"name": "Backend", "private_endpoint": "https://b.io"})
    usage = service.backend_usages.create({"backend_api_id": backend["id"], "path": "/"})
    assert [one.entity_id for one in service.backend_usages.list()] == [usage.entity_id]
    hits = service.metrics.list()[0]
    tokens = service.metrics.create({"friendly_name": "Tokens", "unit": "token"})
    method = hits.methods.create({"friendly_name": "Chat"})
    assert [one["system_name"] for one in hits.methods.list()] == ["chat"]
    rule = service.mapping_rules.create(
        {"http_method": "POST", "pattern": "/chat", "delta": 1, "metric_id": method["id"]}
    )
    rule.update({"pattern": "/v1/chat"})
    assert [one["pattern"] for one in service.mapping_rules.list()] == ["/", "/v1/chat"]
    proxy = service.proxy.list()
    proxy.update({"auth_user_key": "key"})
    proxy.policies.append({"name": "cors", "version": "builtin", "configuration": {}, "enabled": True})
    assert [one["name"] for one in proxy.policies.list().entity["policies_config"]] == ["apicast", "cors"]
    proxy.deploy()
    version = proxy.configs.latest()["version"]
    proxy.promote(version=version)
    assert proxy.configs.latest(env="production")["version"] == version
    assert service.proxy.oidc.update({"oidc_configuration": {"implicit_flow_enabled": True}})["oidc_configuration"][
        "implicit_flow_enabled"
    ]
    plan = service.app_plans.create({"name": "Standard"})
    limit = plan.limits(tokens).create({"period": "day", "value": 5})
    limit.update({"value": 6})
    assert [one["value"] for one in plan.limits(tokens).list()] == [6]
    price = plan.pricing_rules(tokens).create({"cost_per_unit": 0.5, "min": 1, "max": 2})
    assert price["cost_per_unit"] == "0.5"
    price.delete()
    with pytest.raises(errors.ApiClientError):
        backend.delete()
    usage.delete()
    backend.delete()


def test_an_account_with_users_applications_and_keys(client: Any, service: Any, account: Any) -> None:
    assert client.accounts.find({"username": "jane"}).entity_id == account.entity_id
    account.update({"org_name": "Renamed"})
    assert client.accounts.read(account.entity_id)["org_name"] == "Renamed"
    user = account.users.create({"username": "joe", "email": "joe@x.io", "password": "secret1"})
    user.activate()
    assert [one["state"] for one in account.users.list()] == ["active", "active"]
    user.delete()
    plan = service.app_plans.create({"name": "Standard"})
    application = account.applications.create({"plan_id": plan["id"], "name": "app", "description": "d"})
    account.applications.suspend(application.entity_id)
    account.applications.resume(application.entity_id)
    odd = "abc/d?e#f%41.xml"  # an address holds it only when it is encoded
    key = application.keys.create({"key": odd})
    assert [one["value"] for one in application.keys.list()] == [odd]
    key.delete()
    assert application.keys.list() == []
    subscriptions = [one["service_id"] for one in account.service_subscriptions.list()]
    assert service.entity_id in subscriptions
    assert client.analytics.list_by_service(service, metric_name="hits", period="day")["total"] == 0
    application.delete()


def test_an_invoice(client: Any, account: Any) -> None:
    invoice = client.invoices.create({"account_id": account["id"]})
    line = invoice.line_items.create({"name": "line", "description": "d", "quantity": 1, "cost": 5})
    assert client.invoices.read(invoice.entity_id)["cost"] == 5.0
    line.delete()
    invoice.state_update(InvoiceState.CANCELLED)
    assert [one["state"] for one in client.invoices.list_by_account(account)] == ["cancelled"]


def test_a_file_and_the_built_in_pages(client: Any) -> None:
    made = client.cms_files.create(params={}, files={"path": (None, "/f.txt"), "attachment": ("f.txt", "hello")})
    assert (made["path"], made["content_type"]) == ("/f.txt", "text/plain")
    made.delete()
    assert len(client.cms_builtin_pages.list()) > 30
    assert len(client.cms_builtin_partials.list()) > 5


def test_a_tenant(standin: Standin) -> None:
    master = threescale_api.ThreeScaleClient(standin.master_url, standin.master_token)
    owner = {"username": "owner", "email": "owner@x.io", "org_name": "Other", "password": "secret1"}
    tenant = master.tenants.create(owner)
    assert master.tenants.read(tenant.entity_id)["signup"]["account"]["org_name"] == "Other"
    assert master.tenants.trigger_billing(int(tenant.entity_id), "2026-01-01")
    tenant.delete()
    assert master.tenants.read(tenant.entity_id)["signup"]["account"]["state"] == "scheduled_for_deletion"


def test_a_backend_and_all_below_it(client: Any) -> None:
    backend = client.backends.create({"name": "Below", "private_endpoint": "https://b.io"})
    hits = next(one for one in backend.metrics.list() if one["system_name"].startswith("hits"))
    method = hits.methods.create({"friendly_name": "Embed"})
    metric = backend.metrics.create({"friendly_name": "Tokens", "unit": "token"})
    metric.update({"friendly_name": "All tokens"})
    assert backend.metrics.read(metric.entity_id)["friendly_name"] == "All tokens"
    rule = backend.mapping_rules.create({"http_method": "GET", "pattern": "/x", "delta": 1, "metric_id": metric["id"]})
    rule.update({"pattern": "/y"})
    assert [one["pattern"] for one in backend.mapping_rules.list()] == ["/y"]
    for one in (rule, method, metric, backend):
        one.delete()


def test_service_plans_and_users(client: Any, service: Any, account: Any) -> None:
    plan = service.service_plans.create({"name": "Gold", "approval_required": True})
    plan.update({"name": "Silver"})
    assert service.service_plans.read(plan.entity_id)["name"] == "Silver"
    plan.delete()
    user = account.users.list()[0]
    assert user["role"] == "admin"


def test_sign_in_providers(client: Any) -> None:
    for number, providers in enumerate((client.dev_portal_auth_providers, client.admin_portal_auth_providers)):
        wish = {"kind": "auth0", "client_id": "c", "client_secret": "s", "site": "https://x.auth0.com", "name": "Auth"}
        wish["system_name"] = f"auth_{number}"
        made = providers.create(wish)
        providers.update(made.entity_id, params={"client_id": "d"})
        assert providers.read(made.entity_id)["client_id"] == "d"
