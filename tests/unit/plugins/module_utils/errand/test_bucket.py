# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses are signed as botocore signs them."""

from __future__ import annotations

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.errand.bucket import signed

PLACE = {
    "endpoint": "https://s3.example.com:8443",
    "name": "results",
    "region": "us-east-1",
    "access_key": "AKIAEXAMPLE",
    "secret_key": "wJalr/secret+key",
}
NOW = "20260101T120000Z"
# made by botocore 1.44 (S3SigV4QueryAuth) of the same requests
SIGNATURES = [
    (
        "PUT",
        "report/20260101-120000/usage ä+1.json",
        {},
        "01645286ca79c74a3b42de9f229cc27dcc22c69133e6b772c9f73ba57eb125b2",
    ),
    (
        "GET",
        "",
        {"list-type": "2", "prefix": "report/"},
        "3849218f2c6f738994335b74e243d5d8dfe4db829cd5a65e43c7bdff06816c8c",
    ),
    ("DELETE", "a/b", {}, "257d694899e4ef151b931c99d6fbfb8ac2261a9f264164f23561f50bc32feae8"),
]


@pytest.mark.parametrize(("method", "key", "query", "signature"), SIGNATURES)
def test_signature(method: str, key: str, query: dict[str, str], signature: str) -> None:
    url = signed(key, method, PLACE, NOW, query)
    assert url.endswith(f"&X-Amz-Signature={signature}") and PLACE["secret_key"] not in url


def test_an_endpoint_that_is_no_url_is_named() -> None:
    with pytest.raises(ValueError, match=r"'s3\.example\.com', must be a URL"):
        signed("a", "GET", {**PLACE, "endpoint": "s3.example.com"}, NOW)
