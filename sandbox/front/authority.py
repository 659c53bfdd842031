# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox's own certificate authority, kept in the state folder."""

from __future__ import annotations

import trustme

from sandbox.front.parts import Context
from sandbox.front.settings import write_private


def ensure(context: Context) -> None:
    """Makes the authority at the first start; the router's certificates come from it."""
    key = context.ca.with_name("ca.key")
    if context.ca.exists() and key.exists():
        return
    authority = trustme.CA(
        organization_name="Sandbox", organization_unit_name="Certificate authority of this state folder"
    )
    write_private(key, authority.private_key_pem.bytes().decode())
    write_private(context.ca, authority.cert_pem.bytes().decode())
    context.ca.chmod(0o644)
