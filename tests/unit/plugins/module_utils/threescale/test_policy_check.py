# SPDX-License-Identifier: GPL-3.0-or-later
"""Policy chains held to schemas: the gateway's own, those of the registry, unknown ones, wrong configurations."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import RefusalError
from ansible_collections.rhai.maas.plugins.module_utils.threescale.policy_check import (
    Known,
    Schemas,
    check_chains,
    custom_names,
    schemas_of,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.policy_schemas import SCHEMAS

LIMIT = {"type": "object", "properties": {"tokens": {"type": "integer", "minimum": 1}}, "required": ["tokens"]}
CUSTOM: Schemas = schemas_of([{"name": "llm", "version": "0.1", "schema": {"configuration": LIMIT}}])
NEWER = {"sse": [{"version": "builtin", "configuration": {"type": "object", "required": ["mode"]}}]}


def check(*chain: dict[str, Any], custom: Schemas | None = CUSTOM, assume: bool = False) -> list[str]:
    products = [{"system_name": "p", "policies": list(chain)}]
    return check_chains(products, Known(SCHEMAS, custom, lambda: NEWER, assume))


def policy(name: str, configuration: Any = None, version: str = "builtin") -> dict[str, Any]:
    return {"name": name, "version": version, "configuration": configuration}


@pytest.mark.parametrize(
    "good",
    [
        policy("apicast"),
        policy("cors", {"allow_origin": "*", "allow_credentials": True, "allow_methods": ["GET"]}),
        policy("headers", {"request": [{"op": "set", "header": "X", "value": "1", "value_type": "plain"}]}),
        policy("upstream_mtls", {"certificate_type": "path", "certificate": "/a", "certificate_key_type": "path"}),
        policy("rate_limit_headers", {}),
        policy("llm", {"tokens": 5}, "0.1"),
        policy("sse", {"mode": "x"}),
    ],
)
def test_what_the_gateway_takes(good: dict[str, Any]) -> None:
    assert check(good) == []


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (policy("corrs"), "policies[0]: the gateway has no policy 'corrs' of version builtin"),
        (policy("cors", version="1.0"), "policy 'cors' 1.0 is neither in the registry nor in custom_policies"),
        (policy("llm", version="0.2"), "It is there as version 0.1."),
        (policy("cors", {"allow_credentials": "yes"}), "configuration of policy 'cors': allow_credentials must be"),
        (policy("cors", {"allow_methods": ["FETCH"]}), "allow_methods[0] must be one of GET, HEAD"),
        (policy("ip_check", {}), "lacks ips, check_type"),
        (policy("upstream_mtls", {"certificate_type": "file", "certificate_key_type": "path"}), "certificate_type"),
        (policy("llm", {"tokens": 0}, "0.1"), "tokens must be 1 or more"),
        (policy("sse", {}), "lacks mode"),
    ],
)  # fmt: skip
def test_what_it_would_leave_out(bad: dict[str, Any], words: str) -> None:
    with pytest.raises(RefusalError) as refused:
        check(policy("apicast"), bad) if words.startswith("configuration") else check(bad)
    assert words in str(refused.value)


def test_reasons_show_no_value_and_are_few() -> None:
    """Configurations hold secrets; a page of reasons helps nobody."""
    operations = [{"op": "set", "header": 1, "value": ["s3cret"]} for _count in range(4)]
    with pytest.raises(RefusalError) as refused:
        check(policy("headers", {"request": operations}))
    assert "s3cret" not in str(refused.value) and "and 5 more" in str(refused.value)


def test_registry_out_of_reach_and_check_mode() -> None:
    assert "the token can't read the registry" in check(policy("own", version="1"), custom=None)[0]
    assert "check mode takes it as planned" in check(policy("own", version="1"), assume=True)[0]
    assert custom_names([{"policies": [policy("a", version="1"), policy("apicast")]}, {"state": "absent"}]) == {
        ("a", "1")
    }
