# SPDX-License-Identifier: GPL-3.0-or-later
"""One request to the portal: parameters, cookies, session, who is signed in."""

from __future__ import annotations

import secrets
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from starlette.requests import Request

from ..http.params import Params, query_of
from ..store import Row
from .answers import Answer, redirect
from .drops.world import Page, World
from .session import COOKIE, Session

if TYPE_CHECKING:
    from ..sandbox import Sandbox

USER_COOKIE = "user_session"
_FORMATS = {"json": "json", "xml": "xml", "html": "html", "htm": "html", "js": "js"}


class Visit:
    """A request with everything that answering it needs. VARIABLES are the parts of the path that a route names."""

    def __init__(self, sandbox: Sandbox, tenant: Row, request: Request, params: Params) -> None:
        self.sandbox, self.tenant, self.db = sandbox, tenant, sandbox.db
        self.params = params.all
        self.scope = request.scope
        self.method = self._method(request, params)
        self.path = unquote(request.url.path)
        self.query_string = request.url.query
        self.headers = request.headers
        self.cookies = _cookies(request.headers.get("cookie", ""))
        self.session = Session(tenant["provider_key"] or str(tenant["id"]), self.cookies.get(COOKIE))
        self.secure, self.origin, self.host_with_port = self._origin(request)
        self.variables: dict[str, str] = {}
        self.set_cookies: list[str] = []
        self.answer_headers: dict[str, str] = {}
        self.user_session = self._user_session()
        self.user = self._signed_in()
        query = query_of(self.query_string)
        self.page = Page(
            self.path,
            self.url,
            self.host_with_port.partition(":")[0],
            self.host_with_port,
            self.origin,
            query,
            self.params,
        )

    @staticmethod
    def _method(request: Request, params: Params) -> str:
        method = "GET" if request.method == "HEAD" else request.method
        override = params.body.get("_method")
        if (
            method == "POST"
            and isinstance(override, str)
            and override.upper() in ("PUT", "PATCH", "DELETE", "GET", "POST")
        ):
            return override.upper()
        return method

    def _origin(self, request: Request) -> tuple[bool, str, str]:
        forwarded = request.headers.get("x-forwarded-proto", "").partition(",")[0].strip()
        scheme = forwarded or (self.sandbox.config.scheme if self.sandbox.config.public_port else request.url.scheme)
        host = request.headers.get("host", "") or str(self.tenant["domain"])
        if ":" not in host:
            host += self.sandbox.config.port_suffix
        if host.endswith({"http": ":80", "https": ":443"}.get(scheme, "?")):
            host = host.rpartition(":")[0]
        return scheme == "https", f"{scheme}://{host}", host

    @property
    def url(self) -> str:
        """The address that the browser asked for."""
        return self.origin + self.full_path

    @property
    def full_path(self) -> str:
        """Path and query."""
        return self.path + (f"?{self.query_string}" if self.query_string else "")

    @property
    def format(self) -> str:
        """ "html", "json", "xml", "js" by the path's suffix, "other" for any other suffix."""
        name = self.path.rpartition("/")[2]
        stem, dot, suffix = name.rpartition(".")
        return _FORMATS.get(suffix, "other") if dot and stem else "html"

    # -- who is signed in

    def _user_session(self) -> Row | None:
        key = self.cookies.get(USER_COOKIE)
        found = self.db.first("user_sessions", key=key) if key else None
        return found if found is not None and found["revoked_at"] is None else None

    def _signed_in(self) -> Row | None:
        user = self.db.get("users", self.user_session["user_id"]) if self.user_session else None
        account = self.db.get("accounts", user["account_id"]) if user else None
        ours = account is not None and account["provider_account_id"] == self.tenant["id"] and not account["provider"]
        return user if user and ours and user["state"] != "suspended" else None

    @property
    def account(self) -> Row | None:
        """The signed-in user's account."""
        return self.db.get("accounts", self.user["account_id"]) if self.user else None

    def sign_in(self, user: Row) -> None:
        """Start a user session."""
        key = secrets.token_hex(32)
        self.user_session = self.db.insert(
            "user_sessions",
            user_id=user["id"],
            tenant_id=self.tenant["id"],
            key=key,
            accessed_at=self.sandbox.now(),
            user_agent=self.headers.get("user-agent"),
        )
        self.db.update("users", user, touch=False, last_login_at=self.sandbox.now())
        self.user = user
        self.set_cookie(USER_COOKIE, key)

    def sign_out(self) -> None:
        """End the user session and forget the browser's session."""
        if self.user_session is not None:
            self.db.update("user_sessions", self.user_session, revoked_at=self.sandbox.now())
        self.user_session = self.user = None
        self.set_cookie(USER_COOKIE, "")
        self.session.reset()

    # -- answering

    def set_cookie(self, name: str, value: str, http_only: bool = True) -> None:
        """Send a cookie along; an empty value removes it."""
        ends = "; expires=Thu, 01 Jan 1970 00:00:00 GMT; max-age=0" if not value else ""
        flags = ("; HttpOnly" if http_only else "") + ("; Secure" if self.secure else "")
        self.set_cookies.append(f"{name}={value}; path=/{ends}{flags}; SameSite=Lax")

    def world(self) -> World:
        """What drops see of this request."""
        return World(self.sandbox, self.tenant, self.user, self.page)

    def to(self, path: str) -> Answer:
        """Redirect to a path of this portal."""
        return redirect(self.origin + path)

    def back_or_to(self, path: str) -> Answer:
        """Redirect to the page that the request came from."""
        return redirect(self.headers.get("referer") or self.origin + path)

    def back_or_default(self, path: str) -> Answer:
        """Redirect to the page that was asked for before signing in."""
        wanted = self.session.data.pop("return_to", None) or path
        return self.to(wanted)

    def words(self, name: str) -> dict[str, Any]:
        """The parameters below a name: `account[org_name]=…`; {} where there are none."""
        found = self.params.get(name)
        return found if isinstance(found, dict) else {}


def _cookies(header: str) -> dict[str, str]:
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(header)
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}
