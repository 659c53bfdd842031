# SPDX-License-Identifier: GPL-3.0-or-later
"""What any host answers to anyone: the check of load balancers, pages that have moved, the way to the admin portal.

The pages of the admin portal itself are not played.
"""

from __future__ import annotations

import html

from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response

from .sandbox import Sandbox
from .store import Row

_LOGIN = "/p/login"
_MOVED = {"/admin/messages": "/admin/messages/received", "/p/admin/dashboard": "/admin"}  # on the portal
_PAGE = "<!DOCTYPE html>\n<html><head><title>{name} - Login | Red Hat 3scale API Management</title></head></html>\n"


def front_door(sandbox: Sandbox, kind: str, account: Row | None, method: str, path: str) -> Response | None:
    """The answer, or None where the host's own application has to give one."""
    if method not in ("GET", "HEAD"):
        return None
    if path == "/check.txt":
        return PlainTextResponse("ok")
    if account is None:
        return None
    if kind == "portal":
        target = _MOVED.get(path.rstrip("/"))
        return RedirectResponse(f"{sandbox.config.url(account['domain'])}{target}", 301) if target else None
    base = sandbox.config.url(account["self_domain"])
    if path in ("/", "/admin"):
        return RedirectResponse(f"{base}/p/admin", 301)
    if path in ("/p/admin", "/p/admin/dashboard"):
        return RedirectResponse(f"{base}{_LOGIN}", 302)
    if path == _LOGIN:
        return HTMLResponse(_PAGE.format(name=html.escape(account["org_name"])))
    if path == "/status" and kind == "master":
        return JSONResponse({"status": True, "redis_connection": True, "redis_error": None, "mysql_connection": True})
    return None
