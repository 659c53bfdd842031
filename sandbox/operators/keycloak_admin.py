# SPDX-License-Identifier: GPL-3.0-or-later
"""The one real Keycloak server of a generation, as the sandbox's own administrator."""

from __future__ import annotations

import time
from typing import Any

import httpx

from sandbox.operators.config import Server
from sandbox.operators.runtime import Wait

HELPER = "sandbox-operators"
_TOKENS: dict[str, tuple[str, float]] = {}  # by address: token, time until which it is good; a login costs a hash


class KeycloakAdmin:
    """Admin API calls; ``Wait`` as long as the server does not answer."""

    def __init__(self, server: Server) -> None:
        self.server = server

    async def _token(self, client: httpx.AsyncClient) -> str:
        """An access token: as the configured administrator, or as the one kept for when that one's password changed."""
        token, until = _TOKENS.get(self.server.url, ("", 0.0))
        if time.monotonic() < until:
            return token
        for user in (self.server.user, HELPER):
            form = {"grant_type": "password", "client_id": "admin-cli", "username": user}
            form["password"] = self.server.password
            login = await client.post("/realms/master/protocol/openid-connect/token", data=form)
            if login.status_code == 200:
                token, seconds = str(login.json()["access_token"]), float(login.json()["expires_in"])
                _TOKENS[self.server.url] = (token, time.monotonic() + seconds / 2)
                return token
        text = f"Keycloak at {self.server.url} refuses the sandbox's administrator: {login.status_code}"
        raise Wait(text, 3)

    async def _call(self, method: str, path: str, body: Any = None, ok: tuple[int, ...] = ()) -> httpx.Response:
        async with httpx.AsyncClient(base_url=self.server.url, timeout=30, trust_env=False, verify=False) as client:
            try:
                headers = {"Authorization": f"Bearer {await self._token(client)}"}
                answer = await client.request(method, path, json=body, headers=headers)
            except httpx.TransportError as error:
                raise Wait(f"Keycloak at {self.server.url} does not answer: {error!r}", 2) from None
        if answer.status_code == 401:
            _TOKENS.pop(self.server.url, None)
        if answer.status_code >= 400 and answer.status_code not in ok:
            raise OSError(f"Keycloak: {method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer

    async def answers(self) -> None:
        """``Wait`` unless the server is up."""
        await self._call("GET", "/admin/realms/master")

    async def ensure_admin(self, user: str, password: str) -> None:
        """A user of the master realm with every right and this password."""
        if user == self.server.user:
            if password == self.server.password:
                return
            await self.ensure_admin(HELPER, self.server.password)  # the sandbox keeps a way in
        users = "/admin/realms/master/users"
        representation = {"username": user, "enabled": True, "emailVerified": True}
        credential = {"type": "password", "value": password, "temporary": False}
        await self._call("POST", users, {**representation, "credentials": [credential]}, ok=(409,))
        found = (await self._call("GET", f"{users}?exact=true&username={user}")).json()[0]["id"]
        await self._call("PUT", f"{users}/{found}/reset-password", credential)
        role = (await self._call("GET", "/admin/realms/master/roles/admin")).json()
        await self._call("POST", f"{users}/{found}/role-mappings/realm", [{"id": role["id"], "name": role["name"]}])

    async def realms(self) -> list[str]:
        """Names of all realms."""
        return [
            str(realm["realm"]) for realm in (await self._call("GET", "/admin/realms?briefRepresentation=true")).json()
        ]

    async def create_realm(self, representation: dict[str, Any]) -> bool:
        """Make a realm; False where it is there already (it is left as it is)."""
        if representation.get("realm") in await self.realms():
            return False
        answer = await self._call("POST", "/admin/realms", representation, ok=(409,))
        return answer.status_code != 409

    async def delete_realm(self, name: str) -> None:
        """Delete a realm; no matter if it is gone."""
        await self._call("DELETE", f"/admin/realms/{name}", ok=(404,))

    async def ensure_client(self, realm: str, client: dict[str, Any]) -> str:
        """Make or update a client; its secret."""
        base = f"/admin/realms/{realm}/clients"
        found = (await self._call("GET", f"{base}?clientId={client['clientId']}")).json()
        if found:
            await self._call("PUT", f"{base}/{found[0]['id']}", {**found[0], **client})
        else:
            await self._call("POST", base, client)
            found = (await self._call("GET", f"{base}?clientId={client['clientId']}")).json()
        secret = (await self._call("GET", f"{base}/{found[0]['id']}/client-secret")).json()
        return str(secret.get("value") or "")
