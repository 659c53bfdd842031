# SPDX-License-Identifier: GPL-3.0-or-later
"""The developer portal: pages made of Liquid, sign-up, sign-in, subscriptions, applications and keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from ..sandbox import Sandbox


def make_app(sandbox: Sandbox) -> ASGIApp:
    """The ASGI application for the portal hosts of all tenants."""
    from .app import Portal  # noqa: PLC0415 - resources import this package; the application imports resources' rules

    return Portal(sandbox)
