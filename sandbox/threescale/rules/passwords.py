# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords, kept as salted digests. Few rounds: this guards nothing but a sandbox."""

from __future__ import annotations

import hashlib
import hmac
import secrets

_ROUNDS = 1000


def digest(password: str) -> str:
    """`salt$hash` of a password."""
    salt = secrets.token_hex(8)
    return f"{salt}${_hash(password, salt)}"


def matches(password: str, kept: str | None) -> bool:
    """Whether the password is the one whose digest was kept."""
    salt, _, wanted = (kept or "").partition("$")
    return bool(wanted) and hmac.compare_digest(_hash(password, salt), wanted)


def _hash(password: str, salt: str) -> str:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), _ROUNDS).hex()
