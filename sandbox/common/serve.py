# SPDX-License-Identifier: GPL-3.0-or-later
"""Run an ASGI application in the foreground until SIGTERM or SIGINT."""

from __future__ import annotations

import logging
import sys

import uvicorn
from starlette.types import ASGIApp


def serve(app: ASGIApp, host: str, port: int, name: str) -> None:
    """Serve ``app`` on ``host:port``; logs go to stdout; returns after a clean end."""
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.info("%s listens on http://%s:%d", name, host, port)
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=2,
        lifespan="on",
    )
    server = uvicorn.Server(config)
    server.run()
    if not server.started:
        raise SystemExit(f"{name} could not listen on {host}:{port}: is another program using that port?")
