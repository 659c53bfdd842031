# SPDX-License-Identifier: GPL-3.0-or-later
"""The router's certificate: one for all names, of the sandbox's authority, made anew when a name is missing in it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import trustme
from cryptography import x509

from sandbox.common.nginx import write_private

RENEW_BEFORE = timedelta(days=7)


def names_for(superdomain: str, hosts: list[str]) -> list[str]:
    """The names in the certificate: the superdomain, one wildcard, and hosts that the wildcard does not cover."""
    others = sorted(host for host in hosts if host.partition(".")[2] != superdomain)
    return [f"*.{superdomain}", superdomain, *dict.fromkeys(others)]


def _covers(certificate: Path, names: list[str]) -> bool:
    if not certificate.is_file():
        return False
    leaf = x509.load_pem_x509_certificate(certificate.read_bytes())
    found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    covered = set(found.get_values_for_type(x509.DNSName))
    fresh = leaf.not_valid_after_utc > datetime.now(timezone.utc) + RENEW_BEFORE
    return fresh and covered.issuperset(names)


def _is_of(certificate: Path, authority: x509.Certificate) -> bool:
    leaf = x509.load_pem_x509_certificate(certificate.read_bytes())
    try:
        leaf.verify_directly_issued_by(authority)
    except Exception:  # noqa: BLE001 any doubt means: make a new one
        return False
    return True


def ensure(state: Path, ca_certificate: Path, ca_key: Path, names: list[str]) -> tuple[Path, Path]:
    """(certificate with chain, key) in the state folder for these names."""
    certificate, key = state / "router.crt", state / "router.key"
    authority_pem = ca_certificate.read_bytes()
    authority = x509.load_pem_x509_certificate(authority_pem)
    if key.is_file() and _covers(certificate, names) and _is_of(certificate, authority):
        return certificate, key
    leaf = trustme.CA.from_pem(authority_pem, ca_key.read_bytes()).issue_cert(*names, common_name=names[1][:64])
    write_private(key, leaf.private_key_pem.bytes().decode())
    certificate.write_bytes(b"".join(pem.bytes() for pem in leaf.cert_chain_pems))
    return certificate, key
