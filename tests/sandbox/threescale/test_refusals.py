# SPDX-License-Identifier: GPL-3.0-or-later
"""What the server refuses, or takes and ignores, where one would expect otherwise: see docs/threescale-behaviour.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.threescale.conftest import TOKEN, Api, Clock, make_server

USED = "{} is used by the latest gateway configuration and cannot be deleted"
OVERLAP = {"errors": {"min": ["The 'From' value must be greater than the 'To' values of other existing rules"]}}


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    """One tenant for the whole module; tests make what they change."""
    yield Api(make_server(Clock()), "maas-admin", TOKEN)


class Product:
    """A product with two backends at `/` and `/x`."""

    def __init__(self, api: Api, name: str) -> None:
        self.api = api
        self.id = api.make("/admin/api/services.json", {"name": name}, "service")["id"]
        self.path = f"/admin/api/services/{self.id}"
        self.backends = [self._backend(f"{name} {number}") for number in (1, 2)]
        pairs = zip(self.backends, ("/", "/x"), strict=True)
        self.usages = [self.use(backend, path)[1]["backend_usage"]["id"] for backend, path in pairs]
        self.hits = api.get(f"{self.path}/metrics.json")["metrics"][0]["metric"]["id"]

    def _backend(self, name: str) -> int:
        given = {"name": name, "private_endpoint": "https://b.example.com"}
        return int(self.api.make("/admin/api/backend_apis.json", given, "backend_api")["id"])

    def use(self, backend: int, path: str) -> tuple[int, Any]:
        return self.api.call("POST", f"{self.path}/backend_usages.json", {"backend_api_id": backend, "path": path})

    def plan(self, name: str, **given: Any) -> int:
        path = f"{self.path}/application_plans.json"
        return int(self.api.make(path, {"name": name, **given}, "application_plan")["id"])

    def promote(self) -> None:
        self.api.call("POST", f"{self.path}/proxy/deploy.json")
        latest = self.api.get(f"{self.path}/proxy/configs/sandbox/latest.json")["proxy_config"]["version"]
        self.api.call("POST", f"{self.path}/proxy/configs/sandbox/{latest}/promote.json", {"to": "production"})


def account(api: Api, name: str, **given: Any) -> dict[str, Any]:
    person = {"org_name": name, "username": name, "email": f"{name}@example.com", "password": "p", **given}
    return api.make("/admin/api/signup.json", person, "account")


def test_a_path_is_one_backends(api: Api) -> None:
    """So a backend can't take another's place before that one is gone, and two can't swap their paths."""
    product = Product(api, "paths")
    taken = (422, {"errors": {"path": ["This path is already taken. Specify a different path."]}})
    third = Product(api, "other").backends[0]
    assert product.use(third, "") == taken
    usage = f"{product.path}/backend_usages/{{}}.json"
    for number, path in ((product.usages[0], "/X/"), (product.usages[1], "/")):
        assert api.call("PUT", usage.format(number), {"path": path}) == taken
    assert api.call("PUT", usage.format(product.usages[1]), {"path": "/aside"})[0] == 200
    assert api.call("PUT", usage.format(product.usages[0]), {"path": "/x"})[0] == 200
    assert api.call("PUT", usage.format(product.usages[1]), {"path": "/"})[0] == 200


def test_metrics_of_production_stay(api: Api) -> None:
    """Of the product and of its backends, as long as the newest configuration of either environment names them."""
    product = Product(api, "metrics")
    inside = f"/admin/api/backend_apis/{product.backends[1]}"
    hits = api.get(f"{inside}/metrics.json")["metrics"][0]["metric"]["id"]
    made = {
        f"{product.path}/metrics/{product.hits}/methods": (
            "method",
            {"friendly_name": "Chat"},
            f"{product.path}/proxy",
        ),
        f"{inside}/metrics/{hits}/methods": ("method", {"friendly_name": "Chat"}, inside),
        f"{inside}/metrics": ("metric", {"friendly_name": "Tokens", "unit": "token"}, inside),
    }
    rules, metrics = [], {}
    for path, (kind, given, owner) in made.items():
        number = api.make(f"{path}.json", given, kind)["id"]
        rule = {"http_method": "POST", "pattern": f"/{kind}", "metric_id": number, "delta": 1}
        rules.append(
            f"{owner}/mapping_rules/{api.make(f'{owner}/mapping_rules.json', rule, 'mapping_rule')['id']}.json"
        )
        metrics[f"{path}/{number}.json"] = (403, {"errors": {"base": [USED.format(kind.capitalize())]}})
    product.promote()
    assert [api.call("DELETE", rule)[0] for rule in rules] == [200] * 3
    api.call("POST", f"{product.path}/proxy/deploy.json")
    assert {path: api.call("DELETE", path) for path in metrics} == metrics
    product.promote()
    assert [api.call("DELETE", path)[0] for path in metrics] == [200] * 3


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("0.12345", "0.1235"),
        (0.12335, "0.1234"),
        ("0.00005", "0.0001"),
        ("0.00004", "0.0"),
        ("20", "20.0"),
        (0.1, "0.1"),
    ],
)
def test_prices_are_rounded_half_up_to_four_digits(api: Api, given: Any, stored: str) -> None:
    product = Product(api, f"rounded {given!r}")
    path = f"/admin/api/application_plans/{product.plan('Priced')}/metrics/{product.hits}/pricing_rules.json"
    assert api.make(path, {"cost_per_unit": given}, "pricing_rule")["cost_per_unit"] == stored


def test_ranges_of_prices_do_not_overlap(api: Api) -> None:
    product = Product(api, "prices")
    path = f"/admin/api/application_plans/{product.plan('Priced')}/metrics/{product.hits}/pricing_rules"
    first = api.make(f"{path}.json", {"min": 1, "max": 10, "cost_per_unit": "0.01"}, "pricing_rule")["id"]
    for span in ({"min": 1, "max": 10}, {"min": 10}, {"min": 5, "max": 5}):
        assert api.call("POST", f"{path}.json", {**span, "cost_per_unit": "0.02"}) == (422, OVERLAP)
    assert api.call("POST", f"{path}.json", {"min": 11, "cost_per_unit": "0.02"})[0] == 201
    assert api.call("POST", f"{path}.json", {"min": 500, "cost_per_unit": "0.03"}) == (422, OVERLAP)
    assert api.call("DELETE", f"{path}/{first}.json")[0] == 200
    assert api.call("POST", f"{path}.json", {"min": 1, "max": 10, "cost_per_unit": "0.02"})[0] == 201


def test_applications(api: Api) -> None:
    """Pending ones are not suspended, a full list of keys takes none, a customised plan goes with a change of plan."""
    product = Product(api, "applications")
    waiting, free = product.plan("Waiting", approval_required=True), product.plan("Free")
    path = f"/admin/api/accounts/{account(api, 'keys')['id']}/applications"
    one = api.make(f"{path}.json", {"plan_id": waiting, "name": "a", "colour": "red"}, "application")
    here = f"{path}/{one['id']}"
    assert one["state"] == "pending" and "colour" not in one
    for event in ("suspend", "resume"):
        refusal = {"errors": {"state": [f'cannot transition via "{event}"']}}
        assert api.call("PUT", f"{here}/{event}.json") == (422, refusal)
    keys = [api.call("POST", f"{here}/keys.json", {"key": f"key-{number}"}) for number in range(6)]
    assert [status for status, _ in keys] == [201] * 5 + [422]
    assert keys[-1][1] == {"errors": {"base": ["Limit reached"]}}
    custom = api.call("PUT", f"{here}/customize_plan.json")[1]["application_plan"]
    assert custom["custom"] and custom["id"] != waiting
    assert api.call("PUT", f"{here}/change_plan.json", {"plan_id": free})[0] == 200
    listed = api.get(f"{product.path}/application_plans.json")["plans"]
    assert custom["id"] not in [item["application_plan"]["id"] for item in listed]


def test_plans_in_use_stay(api: Api) -> None:
    product = Product(api, "plans in use")
    owner = account(api, "owner")["id"]
    plan = product.plan("Used")
    api.make(f"/admin/api/accounts/{owner}/applications.json", {"plan_id": plan, "name": "a"}, "application")
    service = api.get(f"{product.path}/service_plans.json")["plans"][0]["service_plan"]["id"]
    terms = api.get("/admin/api/account_plans.json")["plans"][0]["account_plan"]["id"]
    kinds = {
        f"{product.path}/application_plans/{plan}": ("application plan", "application"),
        f"{product.path}/service_plans/{service}": ("service plan", "contract"),
        f"/admin/api/account_plans/{terms}": ("account plan", "account"),
    }
    for path, (kind, holder) in kinds.items():
        veto = f"This {kind} cannot be deleted! At least one {holder} depends on it."
        assert api.call("DELETE", f"{path}.json") == (403, {"errors": {"base": [veto]}})


def test_annotations_and_fields_of_accounts(api: Api) -> None:
    """Unknown annotations are ignored at the sign-up and refused later; fields that are not defined always vanish."""
    given = {"annotations": {"owner": "x", "managed_by": "me"}, "colour": "red"}
    made = account(api, "noted", **given)
    assert made["annotations"] == {"managed_by": "me"} and "colour" not in made
    here = f"/admin/api/accounts/{made['id']}.json"
    refusal = {"errors": {"annotations.name": ["is not included in the list"]}}
    assert api.call("PUT", here, {"annotations": {"owner": "x"}}) == (422, refusal)
    assert "colour" not in api.call("PUT", here, {"colour": "red"})[1]["account"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ('{"openapi": 3.1, "info": {"title": "x", "version": "1"}, "paths": {}}', 500),
        ('{"openapi": 3, "info": {"title": "x", "version": "1"}, "paths": {}}', 500),
        ('{"swagger": true}', 500),
        ('{"openapi": "3", "info": {"title": "x", "version": "1"}, "paths": {}}', 422),
        ('{"openapi": "3.0.3", "info": {"title": "x", "version": 1.0}, "paths": {}}', 422),
        ('{"openapi": "3.0.3", "info": {"title": "x"}, "paths": {}}', 422),
        ('{"openapi": "3.0.3", "info": {"title": "x", "version": "1"}, "paths": {}, "x-limit": NaN}', 422),
        ('{"openapi": "3.1.0", "info": {"title": "x", "version": "1"}, "paths": {}, "x-limit": 1}', 201),
        (
            '{"openapi": "3.0.3", "info": {"title": "x", "version": "1"}, "paths": {}, "servers":'
            ' [{"url": "https://{h}.x.io", "variables": {"h": {"default": "a"}}}]}',
            201,
        ),
        (
            '{"openapi": "3.0.3", "info": {"title": "x", "version": "1"}, "paths": {}, "components":'
            ' {"schemas": {"A": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}}',
            422,
        ),
    ],
)
def test_documents(api: Api, body: str, status: int) -> None:
    given = {"name": f"Document {abs(hash(body))}", "body": body}
    assert api.call("POST", "/admin/api/active_docs.json", given)[0] == status
    skipped = {**given, "skip_swagger_validations": True, "system_name": f"skipped_{abs(hash(body))}"}
    assert api.call("POST", "/admin/api/active_docs.json", skipped)[0] == (201 if status == 422 else status)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"title": "x", "path": "/x"}, "invalid"),
        ({"title": "Documentation", "path": "/documentation"}, "has already been taken"),
        ({"title": "Documentation", "path": "/documentation", "system_name": "our-documentation"}, None),
    ],
)
def test_titles_of_pages(api: Api, given: dict[str, str], message: str | None) -> None:
    """A title makes the system_name, which needs two letters and must be free; a new tenant has `documentation`."""
    status, answer = api.call("POST", "/admin/api/cms/templates.json", {"type": "page", **given})
    assert (status, answer.get("errors")) == ((422, {"system_name": [message]}) if message else (201, None))


def test_policies_are_taken_unseen(api: Api) -> None:
    """Neither name nor version nor configuration is looked at."""
    product = Product(api, "policies")
    chain = [{"name": "no-such", "version": "9", "enabled": True, "configuration": {"a": [[1]]}}]
    status, answer = api.call("PUT", f"{product.path}/proxy/policies.json", {"policies_config": chain})
    assert (status, answer["policies_config"][0]) == (200, chain[0])


def test_claims_of_a_product_without_openid_are_hidden(api: Api) -> None:
    product = Product(api, "claims")
    claims = {"jwt_claim_with_client_id": "azp", "jwt_claim_with_client_id_type": "plain"}
    status, answer = api.call("PUT", f"{product.path}/proxy.json", claims)
    assert status == 200 and not claims.keys() & answer["proxy"].keys()
