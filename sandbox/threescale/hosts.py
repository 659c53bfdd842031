# SPDX-License-Identifier: GPL-3.0-or-later
"""Which application answers at which kind of host.

| kind of host | account in `scope["threescale.account"]` | application |
| --- | --- | --- |
| admin (`T-admin.D`), master (`master.D`) | the tenant, the master account | `api.Api` |
| portal (`T.D`) | the tenant | `portal.make_app(sandbox)`, when that package is there |
| storage (`s3.D`) with `--files s3` | None | `portal/object_storage.py` |
| backend (`backend.D`, `backend-T.D`) | None | `backend.make_app(sandbox)`, when that package is there |
"""

from __future__ import annotations

import importlib
import importlib.util
import os

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from .api import Api
from .portal.object_storage import make_storage
from .resources import load_router
from .sandbox import Sandbox


async def _nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    await JSONResponse({"status": 404, "error": "Not Found"}, 404)(scope, receive, send)


def _optional(name: str, sandbox: Sandbox) -> ASGIApp:
    full = f"{__package__}.{name}"
    if importlib.util.find_spec(full) is None:
        return _nothing_here
    module = importlib.import_module(full)
    if not hasattr(module, "make_app"):
        return _nothing_here
    try:
        app: ASGIApp = module.make_app(sandbox)
    except ImportError:
        if not os.environ.get("SANDBOX_SKIP_BROKEN"):  # for work on one part while another one is being written
            raise
        return _nothing_here
    return app


def applications(sandbox: Sandbox) -> dict[str, ASGIApp]:
    """Kind of host -> application."""
    api = Api(sandbox, load_router(sandbox.config.release))
    return {
        "admin": api,
        "master": api,
        "unknown": _nothing_here,
        "portal": _optional("portal", sandbox),
        "backend": _optional("backend", sandbox),
        "storage": make_storage(sandbox),
    }
