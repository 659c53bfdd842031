# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Keycloak's admin API: python-keycloak signs in and sends, the collection's client repeats, counts and explains."""

from __future__ import annotations

import json
import traceback
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ansible_collections.rhai.maas.plugins.module_utils.engine import session
from ansible_collections.rhai.maas.plugins.module_utils.engine.dialect import Dialect
from ansible_collections.rhai.maas.plugins.module_utils.engine.errors import (
    ApiError,
    DeniedError,
    NotFoundError,
    NotTheApiError,
    UnreachableError,
    from_status,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.http import Answer, Client, Connection, transport_error
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import RefusalError

KEYCLOAK_ERROR: str | None = None
try:
    import requests
    from keycloak import KeycloakOpenIDConnection
    from keycloak.exceptions import KeycloakConnectionError, KeycloakError
except ImportError:
    KEYCLOAK_ERROR = traceback.format_exc()

TOKEN_PATH = "/realms/{realm}/protocol/openid-connect/token"
HINTS: Mapping[int, str] = {
    400: "Correct the option that the server names.",
    401: "Check token, or the user and password: they must be valid in auth_realm.",
    403: "The user or client needs the role realm-admin of the realm (or admin of the realm master).",
    404: (
        "Check auth_keycloak_url: up to RH-SSO 7.6 it ends with /auth, later generations have no such path; "
        "and check the realm's name."
    ),
    409: "Another client writes to the same objects; run again when it is done.",
}


class Words(Dialect):
    """What to say of Keycloak in general; what its statuses mean stands in ``HINTS``."""

    address = "auth_keycloak_url"
    credentials = "auth_username, auth_password, auth_client_id, auth_client_secret and auth_realm"


class KeycloakClient(Client):
    """The collection's client, its requests sent by python-keycloak, which fetches the token and renews it on a 401."""

    def __init__(self, connection: Connection, params: Mapping[str, Any]) -> None:
        super().__init__(connection)
        self._token_path = TOKEN_PATH.format(realm=params["auth_realm"])
        token = params.get("token")
        self._keycloak = KeycloakOpenIDConnection(
            server_url=self.base + "/",
            username=params.get("auth_username") or None,
            password=params.get("auth_password") or None,
            token={"access_token": token, "expires_in": 86400} if token else None,
            realm_name=params["auth_realm"],
            client_id=params["auth_client_id"],
            client_secret_key=params.get("auth_client_secret") or None,
            verify=(connection.ca_path or True) if connection.validate_certs else False,
            timeout=int(connection.timeout),
            max_retries=0,  # repeated here, by one policy
        )

    def send(self, method: str, path: str, **more: Any) -> Answer:
        """As the base class; errors carry Keycloak's words and what to do about them."""
        try:
            return super().send(method, path, **more)
        except ApiError as error:
            if error.status == 404 and error.path == path:
                error.hint = HINTS[404] if method == "GET" else "Correct the name that the server does not know."
            raise

    def once(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        *_more: Any,
        **_named: Any,
    ) -> Answer:
        """One request. Keycloak's admin API takes neither files nor cookies, which the base class may hand over too."""
        self.count("GET" if path.endswith("/import-config") else method)  # that POST only asks
        data = None if body is None else json.dumps(body)
        relative = path.lstrip("/")
        try:
            if method == "GET":
                response = self._keycloak.raw_get(relative, **(query or {}))
            elif method == "DELETE":
                response = self._keycloak.raw_delete(relative, data=data)
            elif method == "PUT":
                response = self._keycloak.raw_put(relative, data=data)
            else:
                response = self._keycloak.raw_post(relative, data=data)
        except KeycloakError as error:
            raise self._sign_in_error(method, path, error) from None
        except (KeyError, TypeError):  # python-keycloak's, where the answer to a sign-in is no token
            hint = self.connection.dialect.not_the_api()
            raise NotTheApiError("POST", self._token_path, 200, ["the answer holds no token"], hint) from None
        answer = self.read_answer(method, path, response)
        if answer.status >= 400 and answer.status != 404:  # the caller may expect that one
            refusal = from_status(method, path, answer.status, None, "; ".join(_said(answer.content)))
            refusal.hint = HINTS.get(answer.status, refusal.hint)
            raise refusal
        return _with_id(answer)

    def _sign_in_error(self, method: str, path: str, error: KeycloakError) -> ApiError:
        """What went wrong below python-keycloak, or while it fetched the token."""
        cause = error.__cause__ or error.__context__
        if isinstance(error, KeycloakConnectionError):
            if isinstance(cause, requests.exceptions.RequestException):
                found = transport_error(method, path, self.base, cause)
                if isinstance(found, UnreachableError) and found.hint == UnreachableError.hint:
                    found.hint = "Check auth_keycloak_url and the network."
                return found
            return UnreachableError(method, path, 0, [str(error)], "Check auth_keycloak_url and the network.")
        status = error.response_code or 0
        said = _said(error.response_body or b"")
        if status in (400, 401, 403):
            hint = f"Check {Words.credentials}."
            return DeniedError("POST", self._token_path, status, said, hint)
        if status == 404:
            return NotFoundError("POST", self._token_path, status, said, HINTS[404])
        return from_status("POST", self._token_path, status, None, "; ".join(said))


def _said(body: bytes) -> list[str]:
    """Keycloak's own words in an error's body: the admin API's and the token endpoint's shapes."""
    try:
        parsed = json.loads(body)
    except ValueError:
        text = " ".join(body.decode("utf-8", "replace").split())
        return [text[:300]] if text and not text.startswith("<") else []
    if not isinstance(parsed, Mapping):
        return []
    if isinstance(parsed.get("errors"), list):
        return [words for entry in parsed["errors"] for words in _said(json.dumps(entry).encode())]
    words = [str(parsed[name]) for name in ("errorMessage", "error", "error_description") if parsed.get(name)]
    if parsed.get("field") and words:
        # the user profile's validation: field, name of the rule, and its parameters after the field itself
        limits = [str(item) for item in (parsed.get("params") or [])[1:]]
        return [f"{parsed['field']}: {words[0]}" + (f" ({', '.join(limits)})" if limits else "")]
    return words[-1:]


def _with_id(answer: Answer) -> Answer:
    """A creation is answered by an address alone: its last part is the new object's id."""
    place = {name.lower(): value for name, value in answer.headers.items()}.get("location")
    if answer.status != 201 or not place or answer.json is not None:
        return answer
    made = {"id": place.rstrip("/").rpartition("/")[2]}
    return Answer(answer.status, made, answer.text, answer.content, answer.headers)


class Session(session.Session):
    """A module's session with one Keycloak. ``check`` is Ansible's check mode."""

    def __init__(self, client: KeycloakClient, check: bool) -> None:
        super().__init__(client, check=check)
        self.client = client
        self.made: dict[tuple[str, ...], Any] = {}  # references to what this run makes, by kind, realm and name

    def read(self, path: str) -> Any:
        """A single object as JSON, or a list; None when it isn't there."""
        answer = self.client.get(path, missing=(404,))
        return None if answer.status == 404 else answer.json

    def ask(self, path: str, body: Mapping[str, Any]) -> Any:
        """The answer to a POST that changes nothing."""
        return self.client.send("POST", path, body=body).json

    def below_realm(
        self, realm: str, collection: str, query: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]] | None:
        """A list below a realm; None when the realm is only planned (check mode).

        Raises :class:`RefusalError` when the realm is not there and nobody is going to make it.
        """
        answer = self.client.get(f"{realm_path(realm)}/{collection}", query, missing=(404,))
        if answer.status != 404:
            return list(answer.json or [])
        missing = f"there is no realm '{realm}' at {self.client.base}"
        if not self.check:
            raise RefusalError(f"realm: {missing}. Create it first (rhai.maas.keycloak_realm), or correct its name.")
        self.warnings.append(f"{missing}; shown is what would be made in it")
        return None


def realm_path(realm: str) -> str:
    """The admin API's path of a realm."""
    return "/admin/realms/" + segment(realm)


def segment(name: Any) -> str:
    """A name as one segment of a path."""
    return quote(str(name), safe="")
