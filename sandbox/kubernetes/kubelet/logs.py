# SPDX-License-Identifier: GPL-3.0-or-later
"""The kubelet's HTTPS port: the API server asks it for containers' output (`kubectl logs`, k8s_log)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import trustme
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from sandbox.kubernetes.kubelet.status import Container
from sandbox.kubernetes.kubelet.worker import PodWorker

CHUNK = 64 * 1024
FOLLOW_SECONDS = 0.2
Find = Callable[[str, str], PodWorker | None]


def tail(content: bytes, lines: int | None) -> bytes:
    """The last lines of an output; None means all of it."""
    if lines is None:
        return content
    return b"".join(content.splitlines(keepends=True)[-lines:]) if lines > 0 else b""


def application(find: Find) -> Starlette:
    """Answers /containerLogs/NAMESPACE/POD/CONTAINER with follow, tailLines, limitBytes and previous."""

    async def container_logs(request: Request) -> Response:
        path = request.path_params
        worker = find(path["namespace"], path["pod"])
        if worker is None:
            return PlainTextResponse(f'pod "{path["pod"]}" is not on this node', 404)
        known = {container.name: container for container in (*worker.inits, *worker.containers)}
        container = known.get(path["container"])
        if container is None:
            text = f"container {path['container']} is not valid for pod {path['pod']}"
            return PlainTextResponse(text, 400)
        query = request.query_params
        attempt = container.restarts - (1 if query.get("previous") == "true" else 0)
        log = worker.context.log(container.name, attempt)
        lines = int(query["tailLines"]) if "tailLines" in query else None
        if query.get("follow") == "true":
            return StreamingResponse(_follow(log, container, attempt, lines), media_type="text/plain")
        content = tail(log.read_bytes(), lines) if log.exists() else b""
        limit = int(query["limitBytes"]) if "limitBytes" in query else len(content)
        return Response(content[:limit], media_type="text/plain")

    async def healthz(_request: Request) -> Response:
        return PlainTextResponse("ok")

    logs = Route("/containerLogs/{namespace}/{pod}/{container}", container_logs)
    return Starlette(routes=[logs, Route("/healthz", healthz)])


async def _follow(log: Path, container: Container, attempt: int, lines: int | None) -> AsyncIterator[bytes]:
    offset = 0
    if log.exists():
        content = log.read_bytes()
        offset = len(content)
        yield tail(content, lines)
    while True:
        # Asked before reading: what comes between the two must not be lost.
        ended = container.exit_code is not None or container.restarts != attempt
        chunk = _read(log, offset)
        if chunk:
            offset += len(chunk)
            yield chunk
        elif ended:
            return
        else:
            await asyncio.sleep(FOLLOW_SECONDS)


def _read(log: Path, offset: int) -> bytes:
    if not log.exists():
        return b""
    with log.open("rb") as handle:
        handle.seek(offset)
        return handle.read(CHUNK)


class LogServer(uvicorn.Server):
    """uvicorn inside the kubelet's own loop: signals stay the kubelet's."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]  # noqa: ANN201  (uvicorn's own signature)
        """Leaves the signal handlers alone."""
        yield


def server(find: Find, folder: Path) -> LogServer:
    """A server with a certificate of its own; the API server does not check it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    certificate = trustme.CA().issue_cert("127.0.0.1", "localhost")
    chain, key = folder / "kubelet.crt", folder / "kubelet.key"
    certificate.cert_chain_pems[0].write_to_path(str(chain))
    key.touch(mode=0o600)
    certificate.private_key_pem.write_to_path(str(key))
    config = uvicorn.Config(
        application(find),
        ssl_certfile=str(chain),
        ssl_keyfile=str(key),
        log_level="warning",
        timeout_graceful_shutdown=1,
    )
    return LogServer(config)
