# SPDX-License-Identifier: GPL-3.0-or-later
"""The hub's HTTP interface, as far as downloads need it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from sandbox.common.control import Control
from sandbox.hub.access import Access, Denied
from sandbox.hub.store import Blob, Repo, entry

PIECE = 1 << 20  # bytes that are sent at once
Endpoint = Callable[[Request], Awaitable[Response]]


class Hub:
    """Repositories and who may read them."""

    def __init__(self, repos: dict[str, Repo], access: Access) -> None:
        self.repos, self.access = repos, access
        blobs = [blob for repo in repos.values() for blob in repo.blobs.values()]
        self.storage = {blob.sha256: blob.content for blob in blobs if blob.lfs}

    def find(self, request: Request) -> Repo:
        """The repository and revision of the path, checked."""
        names = request.path_params
        repo = self.access.repo(self.repos, f"{names['owner']}/{names['name']}", request)
        revision = names.get("revision", "main")
        if not repo.knows(revision):
            raise Denied(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        return repo

    async def info(self, request: Request) -> Response:
        """``GET /api/models/OWNER/NAME[/revision/REVISION][?blobs=true]``."""
        return JSONResponse(self.find(request).info(request.query_params.get("blobs", "").lower() in ("1", "true")))

    async def tree(self, request: Request) -> Response:
        """``GET /api/models/OWNER/NAME/tree/REVISION[/FOLDER][?recursive=true]``."""
        repo = self.find(request)
        recursive = request.query_params.get("recursive", "").lower() in ("1", "true")
        entries = repo.tree(request.path_params.get("path", ""), recursive)
        if entries is None:
            raise Denied(404, f'{request.path_params["path"]} does not exist on "main"', "EntryNotFound")
        return JSONResponse(entries, headers={"X-Repo-Commit": repo.sha})

    async def paths_info(self, request: Request) -> Response:
        """``POST /api/models/OWNER/NAME/paths-info/REVISION`` with ``{"paths": […]}`` or a form."""
        repo = self.find(request)
        if request.headers.get("content-type", "").startswith("application/json"):
            paths = (await request.json()).get("paths", [])
        else:
            paths = [str(value) for key, value in (await request.form()).multi_items() if key == "paths"]
        return JSONResponse([entry(repo.blobs[path]) for path in paths if path in repo.blobs])

    async def refs(self, request: Request) -> Response:
        """``GET /api/models/OWNER/NAME/refs``."""
        repo = self.find(request)
        tags = [{"name": n, "ref": f"refs/tags/{n}", "targetCommit": repo.sha} for n in sorted(repo.revisions)]
        main = {"name": "main", "ref": "refs/heads/main", "targetCommit": repo.sha}
        return JSONResponse({"tags": tags, "branches": [main], "converts": []})

    async def auth_check(self, request: Request) -> Response:
        """``GET /api/models/OWNER/NAME/auth-check``: may files be read?"""
        self.access.file(self.find(request), request)
        return Response()

    async def whoami(self, request: Request) -> Response:
        """``GET /api/whoami-v2``."""
        if self.access.token(request) is None:
            raise Denied(401, "Invalid username or password.")
        token = {"type": "access_token", "accessToken": {"displayName": "sandbox", "role": "read"}}
        return JSONResponse({"type": "user", "id": "0", "name": "sandbox", "orgs": [], "auth": token})

    async def models(self, request: Request) -> Response:
        """``GET /api/models[?search=…][&author=…]``."""
        search, author = (request.query_params.get(key, "").lower() for key in ("search", "author"))
        found = [r for n, r in sorted(self.repos.items()) if search in n and (not author or n.startswith(f"{author}/"))]
        return JSONResponse([repo.info(blobs=False) for repo in found])

    async def resolve(self, request: Request) -> Response:
        """``GET`` or ``HEAD /OWNER/NAME/resolve/REVISION/PATH``: the file, or where large-file storage keeps it."""
        repo = self.find(request)
        self.access.file(repo, request)
        blob = repo.blobs.get(request.path_params["path"])
        if blob is None:
            raise Denied(404, "Entry not found", "EntryNotFound")
        headers = {"X-Repo-Commit": repo.sha, "Accept-Ranges": "bytes"}
        if not blob.lfs:
            return ranged(blob.content, f'"{blob.oid}"', request, headers)
        return self._to_storage(repo, blob, request, headers)

    def _to_storage(self, repo: Repo, blob: Blob, request: Request, headers: dict[str, str]) -> Response:
        headers |= {
            "X-Linked-Size": str(len(blob.content)),
            "X-Linked-ETag": f'"{blob.sha256}"',
            "ETag": f'"{blob.oid}"',
        }
        base = f"{request.url.scheme}://{request.headers.get('host', request.url.netloc)}"
        url = f"{base}/_storage/{blob.sha256}?Signature={self.access.signature(blob.sha256)}&Commit={repo.sha}"
        return RedirectResponse(url, 302, headers)

    async def stored(self, request: Request) -> Response:
        """``GET /_storage/SHA256?Signature=…``: the content, no token needed."""
        digest = request.path_params["digest"]
        content = self.storage.get(digest)
        if content is None or request.query_params.get("Signature") != self.access.signature(digest):
            raise Denied(403, "SignatureDoesNotMatch")
        # Storage and hub share one host here, so clients follow the link already at HEAD and look for the commit there.
        headers = {"Accept-Ranges": "bytes", "X-Repo-Commit": request.query_params.get("Commit", "")}
        return ranged(content, f'"{digest}"', request, headers)


def ranged(content: bytes | memoryview, etag: str, request: Request, headers: dict[str, str]) -> Response:
    """The content or the one range of it that is asked for; 304 and 416 where they belong."""
    headers = {**headers, "ETag": etag}
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    size = len(content)
    wanted = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("range", ""))
    if not wanted or wanted.group(0) == "bytes=-":
        return _sent(content, 200, headers)
    first, last = wanted.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start >= size or end < start:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    return _sent(content[start : end + 1], 206, headers)


def _sent(content: bytes | memoryview, status: int, headers: dict[str, str]) -> Response:
    """A large file goes out piece by piece, so that no more of it lies in memory than the client has taken."""
    if len(content) <= PIECE:
        return Response(bytes(content), status, headers, "application/octet-stream")
    pieces = (bytes(content[start : start + PIECE]) for start in range(0, len(content), PIECE))
    headers = {**headers, "Content-Length": str(len(content))}
    return StreamingResponse(pieces, status, headers, "application/octet-stream")


def _guarded(endpoint: Endpoint) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Denied as denied:
            return denied.response()

    return answer


def application(repos: dict[str, Repo], access: Access) -> ASGIApp:
    """The ASGI application."""
    hub = Hub(repos, access)
    api = "/api/models/{owner}/{name}"
    table: list[tuple[str, str, Endpoint]] = [
        ("GET", "/api/whoami-v2", hub.whoami),
        ("GET", "/api/models", hub.models),
        ("GET", api, hub.info),
        ("GET", api + "/refs", hub.refs),
        ("GET", api + "/auth-check", hub.auth_check),
        ("GET", api + "/revision/{revision:path}", hub.info),
        ("GET", api + "/tree/{revision}", hub.tree),
        ("GET", api + "/tree/{revision}/{path:path}", hub.tree),
        ("POST", api + "/paths-info/{revision}", hub.paths_info),
        ("GET", "/{owner}/{name}/resolve/{revision}/{path:path}", hub.resolve),
        ("GET", "/_storage/{digest}", hub.stored),
    ]
    routes: list[Any] = [Route(path, _guarded(endpoint), methods=[method]) for method, path, endpoint in table]

    async def health(_request: Request) -> Response:
        return JSONResponse({"repositories": sorted(repo.name for repo in repos.values())})

    routes.insert(0, Route("/_sandbox/health", health))
    return Control(Starlette(routes=routes), is_write=lambda _method, _path: False)
