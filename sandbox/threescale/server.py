# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole server as one ASGI application: host or `/_host/NAME/` to application, counters, faults, `/_sandbox/`."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote

from starlette.types import Message, Receive, Scope, Send

from . import control
from .counters import Counters
from .faults import Faults
from .front_door import front_door
from .hosts import applications
from .http.respond import dump
from .sandbox import Sandbox

log = logging.getLogger("sandbox.threescale")


class Server:
    """ASGI application. `/_sandbox/…` is answered on any host and not counted."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.counters = Counters()
        self.faults = Faults(sandbox)
        self.applications = applications(sandbox)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        if scope["path"].startswith("/_sandbox/"):
            await control.answer(self, scope, receive, send)
            return
        scope = self._placed(dict(scope))
        length = dict(scope["headers"]).get(b"content-length", b"")
        self.counters.count(scope["method"], scope["path"], scope.get("query_string", b""), length)
        await self.faults.around(self._dispatch, scope, receive, send)

    def _placed(self, scope: dict[str, Any]) -> dict[str, Any]:
        """With `threescale.kind` and `threescale.account` in it, and `/_host/NAME` taken off the path."""
        host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
        path: str = scope["path"]
        if path.startswith("/_host/"):
            name, _, rest = path[len("/_host/") :].partition("/")
            host = name if "." in name else f"{name}.{self.sandbox.config.superdomain}"
            scope["path"] = "/" + rest
            sent: bytes = scope.get("raw_path") or quote(path).encode()
            scope["raw_path"] = b"/" + sent[len("/_host/") :].partition(b"/")[2]
            scope["threescale.prefix"] = f"/_host/{name}"
            others = [(key, value) for key, value in scope["headers"] if key != b"host"]
            scope["headers"] = [*others, (b"host", host.encode("latin-1"))]
        self.sandbox.run_due()
        kind, account = self.sandbox.account_of_host(host.partition(":")[0])
        scope["threescale.kind"], scope["threescale.account"] = kind, account
        return scope

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        kind, account = scope["threescale.kind"], scope["threescale.account"]
        here = front_door(self.sandbox, kind, account, scope["method"], scope["path"])
        try:
            await (here or self.applications[kind])(scope, receive, watched)
        except Exception:  # a fault of the stand-in's own: shown in its log, answered as the real server does
            log.exception("%s %s failed", scope["method"], scope["path"])
            if started:
                raise
            await send_json(send, 500, {"status": 500, "error": "Internal Server Error"})

    @staticmethod
    async def _lifespan(receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return


async def send_json(send: Send, status: int, data: Any) -> None:
    """Send a JSON answer."""
    body = dump(data)
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
