# SPDX-License-Identifier: GPL-3.0-or-later
"""A few calls of Keycloak's admin REST API, as little as the company's realm needs."""

from __future__ import annotations

from typing import Any

import httpx

from sandbox.keycloak.error import KeycloakError


class Admin:
    """Signs in as an administrator of the realm `master` and keeps the token for the length of one command."""

    def __init__(
        self, url: str, user: str, password: str, ca: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        self.url = url.rstrip("/")
        verify: Any = ca if ca else True
        self._http = httpx.Client(timeout=30, verify=verify, headers=headers)
        answer = self._send(
            "POST",
            "/realms/master/protocol/openid-connect/token",
            data={"grant_type": "password", "client_id": "admin-cli", "username": user, "password": password},
        )
        if answer.status_code != 200:
            raise KeycloakError(f"Keycloak at {self.url} refused the administrator {user!r}: {self._reason(answer)}.")
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def _send(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            return self._http.request(method, self.url + path, **more)
        except httpx.HTTPError as error:
            raise KeycloakError(f"Keycloak at {self.url} can't be reached: {error}.") from error

    @staticmethod
    def _reason(answer: httpx.Response) -> str:
        try:
            body = answer.json()
        except ValueError:
            return f"HTTP {answer.status_code}"
        text = body.get("errorMessage") or body.get("error_description") or body.get("error") or "no reason given"
        return f"{text} (HTTP {answer.status_code})"

    def get(self, path: str, **query: str) -> Any:
        """The JSON at `/admin/realms…`, or None where there is nothing; raises KeycloakError."""
        answer = self._send("GET", f"/admin/realms{path}", params=query)
        if answer.status_code == 404:
            return None
        if answer.status_code != 200:
            raise KeycloakError(f"GET {path} of Keycloak at {self.url}: {self._reason(answer)}.")
        return answer.json()

    def ask(self, path: str) -> Any:
        """The JSON that a POST at `/admin/realms…` returns, one that changes nothing; raises KeycloakError."""
        answer = self._send("POST", f"/admin/realms{path}")
        if answer.status_code != 200:
            raise KeycloakError(f"POST {path} of Keycloak at {self.url}: {self._reason(answer)}.")
        return answer.json()

    def write(self, method: str, path: str, body: Any) -> None:
        """POST or PUT of JSON at `/admin/realms…`; raises KeycloakError."""
        answer = self._send(method, f"/admin/realms{path}", json=body)
        if answer.status_code >= 300:
            raise KeycloakError(f"{method} {path} of Keycloak at {self.url}: {self._reason(answer)}.")
