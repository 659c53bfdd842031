# SPDX-License-Identifier: GPL-3.0-or-later
"""The 3scale stand-in, as the operator, its seed job and zync reach it."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import httpx

from sandbox.operators.config import Config
from sandbox.operators.runtime import Wait


class ThreeScale:
    """Calls over HTTP; ``Wait`` as long as the server does not answer."""

    def __init__(self, config: Config) -> None:
        self.config = config
        # Plain HTTP on this machine: without a certificate store to load, and one connection for zync's many looks.
        self._client = httpx.AsyncClient(base_url=config.threescale_url, timeout=15, trust_env=False, verify=False)

    async def _call(self, method: str, path: str, token: str, host: str = "", body: Any = None) -> httpx.Response:
        if not self.config.threescale_url:
            raise Wait("the configuration has no threescale.url", 10)
        headers = {"Host": host} if host else {}
        try:
            return await self._client.request(method, path, json=body, headers=headers, auth=("", token))
        except httpx.TransportError as error:
            raise Wait(f"3scale at {self.config.threescale_url} does not answer: {error!r}", 2) from None

    async def endpoints(self) -> dict[str, Any]:
        """``{"tenants": [{"name", "domain", "self_domain", "id", "master"}], "products": [{"tenant_id",
        "system_name", "staging", "production"}]}``; addresses may be None."""
        answer = await self._call("GET", "/_sandbox/endpoints", self.config.threescale_master_token)
        if answer.status_code != 200:
            raise OSError(f"3scale: GET /_sandbox/endpoints: {answer.status_code} {answer.text[:200]}")
        found: dict[str, Any] = answer.json()
        return found

    async def seed(self, values: dict[str, str]) -> None:
        """The tenant of the APIManager, made once from the Secret ``system-seed``."""
        body = {
            "name": values["TENANT_NAME"],
            "token": values["ADMIN_ACCESS_TOKEN"],
            "admin_user": values["ADMIN_USER"],
            "admin_password": values["ADMIN_PASSWORD"],
        }
        if values.get("ADMIN_EMAIL"):
            body["admin_email"] = values["ADMIN_EMAIL"]
        answer = await self._call("PUT", "/_sandbox/tenants", self.config.threescale_master_token, body=body)
        if answer.status_code not in (200, 201):
            raise OSError(f"3scale: PUT /_sandbox/tenants: {answer.status_code} {answer.text[:200]}")

    async def forget(self) -> None:
        """All tenants, as when the databases went."""
        answer = await self._call("DELETE", "/_sandbox/tenants", self.config.threescale_master_token)
        if answer.status_code != 204:
            raise OSError(f"3scale: DELETE /_sandbox/tenants: {answer.status_code} {answer.text[:200]}")

    async def registry(self, method: str, host: str, token: str, ident: int | None = None, body: Any = None) -> Any:
        """The policy registry of a tenant; ``OSError`` with the server's words when it refuses."""
        path = "/admin/api/registry/policies" + (f"/{ident}" if ident else "") + ".json"
        answer = await self._call(method, path, token, host, body)
        if answer.status_code >= 400:
            raise OSError(f"error calling 3scale system - reason: {_reason(answer)} - code: {answer.status_code}")
        return answer.json()


def _reason(answer: httpx.Response) -> str:
    """What the operator's client shows of a refusal: the errors themselves where there are some, else the body."""
    with contextlib.suppress(ValueError, KeyError, TypeError):
        return json.dumps(answer.json()["errors"], separators=(",", ":"))
    return answer.text[:300]
