# SPDX-License-Identifier: GPL-3.0-or-later
"""A small asynchronous client of the Kubernetes API: what the node, the DNS server and the supervisor need of it."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import yaml

Object = dict[str, Any]
MERGE = "application/merge-patch+json"
APPLY = "application/apply-patch+yaml"


class ApiError(Exception):
    """The server refused: `status` is the HTTP code, `reason` the machine-readable word, the text its message."""

    def __init__(self, method: str, path: str, status: int, reason: str, message: str) -> None:
        super().__init__(f"{method} {path}: {status} {reason}: {message}")
        self.status, self.reason, self.message = status, reason, message


class Client:
    """Requests with a kubeconfig's address, CA and token. Paths are the API's own, such as /api/v1/pods."""

    def __init__(self, kubeconfig: Path) -> None:
        config = yaml.safe_load(kubeconfig.read_text())
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        self.server: str = cluster["server"]
        self.ca_file: str = cluster["certificate-authority"]
        self.token: str = user["token"]
        context = ssl.create_default_context(cafile=self.ca_file)
        self._http = httpx.AsyncClient(
            base_url=self.server,
            headers={"Authorization": f"Bearer {self.token}"},
            verify=context,
            timeout=httpx.Timeout(30.0, read=60.0),
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=20),
            trust_env=False,
        )

    async def close(self) -> None:
        """Ends all connections."""
        await self._http.aclose()

    async def request(self, method: str, path: str, body: object = None, content_type: str = "application/json") -> Any:
        """One request; the decoded JSON answer, or the text where it is none. Raises ApiError, httpx.HTTPError."""
        content = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": content_type} if content is not None else {}
        answer = await self._http.request(method, path, content=content, headers=headers)
        if answer.status_code >= 400:
            raise _error(method, path, answer)
        return answer.json() if "json" in answer.headers.get("content-type", "") else answer.text

    async def get(self, path: str) -> Any:
        """GET, see request()."""
        return await self.request("GET", path)

    async def find(self, path: str) -> Any:
        """GET that answers None where the object is not there."""
        try:
            return await self.get(path)
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    async def merge(self, path: str, body: Object) -> Any:
        """JSON merge patch."""
        return await self.request("PATCH", path, body, MERGE)

    async def apply(self, path: str, body: Object, manager: str = "sandbox") -> Any:
        """Server-side apply; makes the object when it is missing."""
        return await self.request("PATCH", f"{path}?fieldManager={manager}&force=true", body, APPLY)

    async def watch(self, path: str) -> AsyncIterator[tuple[str, Object]]:
        """Every object of a list and then each change, for ever: ("ADDED"|"MODIFIED"|"DELETED", object).

        After a lost connection the list is read again, so an object can come a second time as ADDED; "RESYNC" with
        {"items": […]} comes before that, so that the caller can drop what is gone.
        """
        joiner = "&" if "?" in path else "?"
        while True:
            try:
                listing = await self.get(path)
                yield "RESYNC", listing
                for item in listing["items"]:
                    yield "ADDED", item
                version = listing["metadata"]["resourceVersion"]
                async for event in self._stream(
                    f"{path}{joiner}watch=1&allowWatchBookmarks=true&resourceVersion={version}"
                ):
                    yield event
            except (httpx.HTTPError, ApiError):
                await asyncio.sleep(1)  # the server restarts, or the version is too old: read the list again

    async def _stream(self, path: str) -> AsyncIterator[tuple[str, Object]]:
        timeout = httpx.Timeout(30.0, read=None)
        async with self._http.stream("GET", path, timeout=timeout) as answer:
            if answer.status_code >= 400:
                await answer.aread()
                raise _error("GET", path, answer)
            async for line in answer.aiter_lines():
                event = json.loads(line)
                if event["type"] == "ERROR":
                    return
                if event["type"] != "BOOKMARK":
                    yield event["type"], event["object"]


def _error(method: str, path: str, answer: httpx.Response) -> ApiError:
    try:
        status = answer.json()
    except ValueError:
        status = {}
    message = status.get("message") or answer.text[:500] or answer.reason_phrase
    return ApiError(method, path, answer.status_code, status.get("reason", ""), message)
