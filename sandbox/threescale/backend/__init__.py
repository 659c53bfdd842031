# SPDX-License-Identifier: GPL-3.0-or-later
"""The backend (apisonator): authorize, authrep, report. It counts usage and judges limits; porta shows it.

| module | holds |
| --- | --- |
| `app.py` | the HTTP layer: paths, options, headers |
| `params.py`, `errors.py` | parameters as Rack nests them; refusals with their codes and texts |
| `periods.py`, `usage.py` | periods of limits; usage values (pure) |
| `metrics.py` | a product's metrics with their parents |
| `lookup.py` | product by token, application by key |
| `status.py`, `authorize.py` | what is said about a call; how it comes about |
| `report.py`, `counters.py` | batches of usage; the counters |
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.types import ASGIApp

if TYPE_CHECKING:
    from ..sandbox import Sandbox


def make_app(sandbox: Sandbox) -> ASGIApp:
    """The backend as an ASGI application."""
    from .app import Backend  # here, since the application needs the whole store
    from .lookup import remember_deleted

    sandbox.db.on_delete("applications", lambda row: remember_deleted(sandbox.db, row))
    return Backend(sandbox)
