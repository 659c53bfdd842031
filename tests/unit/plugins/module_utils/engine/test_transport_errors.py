# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection that broke is told from a certificate that is not trusted: only the first may pass by itself."""

from __future__ import annotations

import ssl

import pytest
import requests

from ansible_collections.rhai.maas.plugins.module_utils.engine.http import transport_error


@pytest.mark.parametrize(
    ("cause", "told"),
    [
        (ssl.SSLEOFError(8, "EOF occurred in violation of protocol (_ssl.c:2427)"), "ended without an answer"),
        (ssl.SSLCertVerificationError(1, "certificate verify failed: self-signed certificate"), "is not trusted"),
    ],
)
def test_a_handshake_that_ended_says_nothing_of_the_certificate(cause: Exception, told: str) -> None:
    error = transport_error("GET", "/admin/api", "https://admin.example.com", requests.exceptions.SSLError(cause))
    assert told in str(error)
