# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever Ansible lets pass for an option is planned, or refused in a sentence; never is there a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.engine.data import written
from ansible_collections.rhai.maas.plugins.module_utils.engine.gate import check_values
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field, RefusalError
from ansible_collections.rhai.maas.plugins.module_utils.engine.show import diff, operations
from ansible_collections.rhai.maas.plugins.module_utils.threescale import (
    accounts,
    active_docs,
    applications,
    backends,
    field_definitions,
    policies,
    provider,
    sso,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal import portals, tables
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product import products
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session
from tests.support.model.run import filled
from tests.support.model.server import Row
from tests.support.model.tenant import Tenant

PLAN = {"system_name": "basic", "name": "B", "limits": [{"metric": "chat", "period": "day", "value": 1}],
        "pricing_rules": [{"metric": "chat", "cost_per_unit": 0.1, "min": 1, "max": 5}]}  # fmt: skip
PRODUCT = {
    "system_name": "product", "name": "P", "description": "d", "annotations": {"managed_by": "x"},
    "smoke": {"path": "/"},
    "proxy": {"endpoint": "https://a.example.com", "auth_user_key": "k", "error_status_no_match": 404},
    "policies": [{"name": "cors", "configuration": {"allow_credentials": True}}], "methods": [{"system_name": "chat"}],
    "mapping_rules": [{"http_method": "GET", "pattern": "/a", "metric": "chat", "delta": 1}],
    "features": [{"system_name": "ff"}], "application_plans": [PLAN], "service_plans": [{"name": "Default"}],
}  # fmt: skip
DOCUMENT = {"openapi": "3.0.0", "info": {"title": "a", "version": "1"}, "servers": [{"url": "https://a"}]}
SCHEMA = {"name": "my", "version": "1", "summary": "s", "configuration": {}}
PAGES = [{"type": "page", "path": "/a", "title": "T", "content": "x", "layout": "main_layout", "section": "root"},
         {"type": "section", "system_name": "ss", "parent": "root", "title": "S"}]  # fmt: skip
CASES: dict[str, tuple[Any, Any, Row]] = {
    "product": (products, products.plan_products, {"products": [PRODUCT]}),
    "backend": (backends, backends.plan_backends, {"backends": [
        {"system_name": "b1", "private_endpoint": "https://x", "metrics": [{"system_name": "mm"}]}]}),
    "account": (accounts, accounts.plan_accounts, {"accounts": [
        {"username": "team", "org_name": "T", "email": "a@x", "users": [{"username": "ann", "email": "a@b"}]}]}),
    "application": (applications, applications.plan_applications, {"applications": [
        {"account": "team", "product": "p", "name": "bot", "plan": "basic", "keys": ["key-1"], "user_key": "abc"}]}),
    "document": (active_docs, active_docs.plan_active_docs, {"active_docs": [
        {"system_name": "doc", "name": "D", "body": DOCUMENT}]}),
    "policy": (policies, policies.plan_policies, {"policies": [{"name": "my", "version": "1", "schema": SCHEMA}]}),
    "field": (field_definitions, field_definitions.plan_definitions, {"fields": [
        {"target": "account", "name": "vat"}]}),
    "provider": (provider, provider.plan_provider, {"from_email": "a@b", "settings": {"public_search": True}}),
    "sso": (sso, sso.plan_sso, {"sso_integrations": [
        {"kind": "keycloak", "client_id": "a", "client_secret": "b", "site": "https://x"}]}),
    "portal": (tables, portals.plan_portal, {"content": PAGES, "files": {"a.html.liquid": "x"}, "titles": {"/a": "A"}}),
}  # fmt: skip
TEXTS = ["", "é", "a" * 300, "{x}", "{% raw", "https://[x", "https://h:99999", "\0", "a b"]
MAPPINGS: list[Any] = [{}, {"a": None}, {"": [1]}, {1: {"b": 2}}, {"managed_by": ["x"]}, {"configuration": 3}]
OTHERS: dict[str, list[Any]] = {
    "str": TEXTS, "path": TEXTS, "dict": MAPPINGS, "raw": [*TEXTS, *MAPPINGS, 5, True, [], [{}]], "int": [0, -1, 2**63],
    "float": [-1.5, float("nan")], "bool": [True, False],
}  # fmt: skip


def variants(options: dict[str, Field], given: Row) -> Iterator[Row]:
    """The options with another value in one place."""
    for name, entry in options.items():
        value = given.get(name)
        inner = dict(entry.options or {})
        if inner and isinstance(value, list):
            yield from ({**given, name: [*value[:i], other, *value[i + 1 :]]}
                        for i, item in enumerate(value) for other in variants(inner, item))  # fmt: skip
            yield {**given, name: value + value}
        elif inner and isinstance(value, dict):
            yield from ({**given, name: other} for other in variants(inner, value))
        elif entry.type == "list":
            yield from ({**given, name: [other]} for other in OTHERS.get(entry.elements, []) if not inner)
        elif not entry.choices and not inner:
            yield from ({**given, name: other} for other in OTHERS.get(entry.type, []))


@pytest.mark.parametrize("name", CASES)
def test_any_option(name: str) -> None:
    module, planner, base = CASES[name]
    model = Tenant()
    if name not in ("application",):
        planner(Session(model), filled(module.OPTIONS, base))
    for given in variants(module.OPTIONS, base):
        options = filled(module.OPTIONS, given)
        try:
            check_values(options, module.OPTIONS)
            changes = planner(Session(model), options).changes
        except (RefusalError, OSError):  # the shell makes sentences of both
            continue
        assert written(changes) and len(diff(changes)) == len(operations(changes)) == len(changes)
