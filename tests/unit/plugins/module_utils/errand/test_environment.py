# SPDX-License-Identifier: GPL-3.0-or-later
"""What may stand in a play's environment."""

from __future__ import annotations

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.errand.environment import secrets_of, told

OPEN = {
    "K8S_AUTH_KUBECONFIG": "/home/ann/.kube/config",
    "K8S_AUTH_KEY_FILE": "/etc/maas/client.key",
    "K8S_AUTH_HOST": "https://api.example.com:6443",
    "KEYCLOAK_URL": "https://sso.example.com",
    "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/var/run/token",
    "HTTPS_PROXY": "http://proxy.example.com:3128",
    "http_proxy": "http://ann@proxy.example.com:3128",
    "NO_PROXY": ".svc,.cluster.local",
    "SSL_CERT_FILE": "/etc/pki/ca.crt",
    "K8S_AUTH_API_KEY": "",
}


def test_addresses_and_paths_are_no_secrets() -> None:
    assert told(OPEN) == OPEN


@pytest.mark.parametrize(
    "name",
    ["K8S_AUTH_API_KEY", "K8S_AUTH_PASSWORD", "K8S_AUTH_PROXY_HEADERS_PROXY_BASIC_AUTH", "KEYCLOAK_CLIENT_SECRET"]
    + ["KEYCLOAK_TOKEN", "THREESCALE_ACCESS_TOKEN", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
    + ["MAAS_GIT_TOKEN", "IDENTITY_PROVIDER_CLIENT_SECRET", "CONTROLLER_PASSWORD", "controller_oauth_token"],
)
def test_secrets_are_known_by_the_end_of_their_names(name: str) -> None:
    assert secrets_of({**OPEN, name: "planted"}) == [name]


def test_a_proxy_with_a_password_is_a_secret() -> None:
    assert secrets_of({"https_proxy": "http://ann:planted@proxy.example.com:3128"}) == ["https_proxy"]


def test_refusal_names_them_and_what_to_do() -> None:
    with pytest.raises(
        ValueError, match=r"^maas_environment: HF_TOKEN, HTTPS_PROXY would be seen .*[(]export NAME="
    ) as told_of:
        told({"HF_TOKEN": "planted", **OPEN, "HTTPS_PROXY": "http://ann:planted@proxy"})
    assert "planted" not in str(told_of.value)
