# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of a product whose meaning hangs on others: given twice they change nothing, or they are refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cases.product import BACKENDS, MAKE
from tests.integration.threescale.conftest import Runner, Step
from tests.support.standin import Standin

TWICE: list[dict[str, Any]] = [
    {"txt_support": "Ask the team", "terms": "None"},
    {"backend_version": "oidc", "proxy": {"oidc_issuer_type": "rest", "oidc_issuer_endpoint": "https://a:b@sso.example.com"}},
    {"deployment_option": "plugin_ruby"},
    {"deployment_option": "self_managed", "proxy": {"endpoint": "https://gateway.example.com"}},
    {"notification_settings": {"web_provider": [50, 100]}},
]  # fmt: skip
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"system_name": "granite 8b"}, "products[0].system_name: 'granite 8b' can't be a system_name"),
    ({"backend_usages": [{"backend": "nowhere"}]}, "there is no backend 'nowhere'. There are: api"),
    ({"mapping_rules": [{"http_method": "GET", "pattern": "v1"}]}, "mapping_rules[0].pattern: 'v1'"),
    ({"mapping_rules": [{"http_method": "GET", "pattern": "/", "metric": "nix"}]}, "names a metric or method that"),
    ({"proxy": {"endpoint": "https://gateway/path"}}, "proxy.endpoint"),
    (
        {"application_plans": [{"system_name": "standard", "limits": [{"metric": "x", "period": "day", "value": 1}]}]},
        "there is no metric or method 'x'",
    ),
    ({"policies": [{"name": "apicast"}, {"name": "apicast"}]}, "apicast stands there 2 times"),
    ({"policies": [{"name": "corrs"}]}, "the gateway has no policy 'corrs' of version builtin"),
    ({"policies": [{"name": "own", "version": "1.0"}]}, "is neither in the registry nor in custom_policies"),
    ({"policies": [{"name": "cors", "configuration": {"allow_credentials": "yes"}}]}, "must be true or false"),
    (
        {"proxy": {"jwt_claim_with_client_id": "azp", "jwt_claim_with_client_id_type": "plain"}},
        "proxy.jwt_claim_with_client_id counts only with backend_version: oidc, and here it is '1'",
    ),
    ({"proxy": {"oidc_issuer_endpoint": "https://a:b@sso"}}, "proxy.oidc_issuer_endpoint counts only with"),
    ({"proxy": {"oidc_issuer_type": "rest"}}, "proxy.oidc_issuer_type counts only with backend_version: oidc"),
    ({"proxy": {"auth_user_key": "api key"}}, "products[0].proxy.auth_user_key: 'api key' must be letters, digits"),
    ({"proxy": {"error_status_no_match": 600}}, "proxy.error_status_no_match: '600' must be a status from 200 to 599"),
    ({"proxy": {"error_no_match": "Don't"}}, "proxy.error_no_match: 'Don't' must be 1 to 255 characters among"),
    ({"proxy": {"error_auth_missing": ""}}, "proxy.error_auth_missing: must be 1 to 255 characters"),
    ({"proxy": {"secret_token": ""}}, "products[0].proxy.secret_token: must be letters, digits, '-' and '_' only."),
    ({"proxy": {"hostname_rewrite": "https://a"}}, "proxy.hostname_rewrite: 'https://a' must be a host name"),
    ({"proxy": {"api_test_path": ""}}, "proxy.api_test_path: must be a path such as /status"),
    ({"notification_settings": {"web": [50]}}, "notification_settings: there is no 'web'; there are web_provider,"),
]


@pytest.fixture
def product(run: Runner) -> dict[str, Any]:
    """A product with a backend, in production."""
    run.done(Step(*BACKENDS), Step("threescale_product", MAKE))
    return {"system_name": "granite", "promotion": "production"}


@pytest.mark.parametrize("parts", TWICE, ids=[next(iter(parts)) for parts in TWICE])
def test_given_twice(run: Runner, product: dict[str, Any], parts: dict[str, Any]) -> None:
    """The second run has nothing to do, the deployment included."""
    _first, again = run.done(*[Step("threescale_product", {**product, **parts})] * 2)
    assert not again.changed and not again.writes, again.actions
    back = {"deployment_option": "hosted", "backend_version": "1", "notification_settings": {}}
    run.done(Step("threescale_product", {**product, **back}))


@pytest.mark.parametrize(("parts", "words"), REFUSED, ids=[words for _parts, words in REFUSED])
def test_bad_input_is_refused_before_any_write(
    standin: Standin, run: Runner, product: dict[str, Any], parts: dict[str, Any], words: str
) -> None:
    """The message names the option; nothing is written."""
    (refused,) = run(Step("threescale_product", {"products": [{**product, **parts}]}))
    assert refused.failed and words in refused.message, refused.message
    assert standin.counters()["writes"] == 0
