# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of the single sign-on that can't go together, by a table."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.cluster.sign_on import sso_faults

GOOD: dict[str, Any] = {"install": True, "generation": "rhsso"}
COMPANY = {"alias": "company", "client_id": "maas", "discovery_url": "https://a/.well-known/openid-configuration"}


def provider(without: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    item = {key: value for key, value in {**COMPANY, **more}.items() if key not in without}
    return {"identity_providers": [item], "without_config": ["company"]}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, ""),
        ({"generation": "rhbk"}, "sso_database: the Red Hat build of Keycloak brings no database"),
        ({"install": False}, "sso_install is false, so sso_url"),
        ({"redirect_uris": ["*"]}, "sso_redirect_uris"),
        ({"identity_providers": [COMPANY, COMPANY]}, "two entries have one alias"),
        (provider(), ""),
        (provider(("discovery_url",)), "sso_identity_providers (company): oidc needs discovery_url"),
        (provider(("client_id", "discovery_url")), "needs client_id and discovery_url"),
        (provider(("discovery_url",), provider_id="google"), ""),
        (provider(("client_id", "discovery_url"), provider_id="google"), "google needs client_id"),
        (provider(("client_id", "discovery_url"), provider_id="saml"), ""),
        (provider(("client_id", "discovery_url"), state="absent"), ""),
        ({**provider(("discovery_url",)), "without_config": []}, ""),
    ],
)
def test_what_can_not_go_together(settings: dict[str, Any], said: str) -> None:
    found = sso_faults({**GOOD, **settings})
    assert said in " ".join(found) and len(found) == bool(said), found
