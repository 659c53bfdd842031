# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""The HTTP client: one connection pool, one token, one retry policy, every call counted."""

from __future__ import annotations

import json
import random
import re
import threading
import time
import traceback
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable

from ansible_collections.rhai.maas.plugins.module_utils.engine.dialect import NEUTRAL, Dialect
from ansible_collections.rhai.maas.plugins.module_utils.engine.errors import (
    ApiError,
    BusyError,
    NoAnswerError,
    NotTheApiError,
    UnreachableError,
    from_status,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.version import USER_AGENT

REQUESTS_ERROR: str | None = None
try:
    import requests
    from requests.adapters import HTTPAdapter
except ImportError:
    REQUESTS_ERROR = traceback.format_exc()

_WHOSE = re.compile(r"^(<[\w.]+ object at 0x[0-9a-f]+>|HTTPS?Connection(Pool)?\([^)]*\)): ")  # says urllib3 first
READS = ("GET", "HEAD")
LONGEST_WAIT = 30.0
MOST_AT_ONCE = 8  # requests in flight: what reads over a slow line gain from


@dataclass(frozen=True)
class Connection:
    """Where the server is and how to reach it. ``ca_path`` is a file or folder of certificates, ``timeout`` in seconds.

    ``user`` and ``secret`` go into the Authorization header as HTTP Basic, so that no address ever holds the token.
    ``dialect`` words what goes wrong. With ``json_only`` a success with anything but JSON in it is an error.
    """

    url: str
    secret: str
    user: str = ""
    validate_certs: bool = True
    ca_path: str = ""
    timeout: float = 30.0
    retries: int = 5
    concurrency: int = 4
    dialect: Dialect = NEUTRAL
    json_only: bool = True


@dataclass(frozen=True)
class Answer:
    """What the server said: status, parsed JSON (None when there is none), text and bytes as they came."""

    status: int
    json: Any
    text: str
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Client:
    """Sends requests and repeats them where that is safe.

    Retry policy, with truncated exponential delays and jitter (0.5, 1, 2, 4 … 30 s), at most ``retries`` times:

    - 429, any method: after Retry-After where the server says so;
    - no connection (nothing was sent), any method;
    - 502, 503, 504, a timeout, a connection that broke, a truncated body: GET, PUT, PATCH and DELETE.

    A POST that may have been carried out is never repeated here: the caller looks up what came of it (``apply``).
    A DELETE answered with 404 when repeated counts as done.
    """

    def __init__(self, connection: Connection, sleep: Callable[[float], None] = time.sleep) -> None:
        self.connection = connection
        self.base = connection.url.rstrip("/")
        self.sleep = sleep
        self._lock = threading.Lock()
        self._gate = threading.BoundedSemaphore(min(MOST_AT_ONCE, 2 * connection.concurrency))
        self.reads = 0
        self.writes = 0
        self.answered = False  # whether this address has answered as the API
        self._session = requests.Session()
        adapter = HTTPAdapter(pool_connections=2, pool_maxsize=max(8, connection.concurrency), max_retries=0)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        if not connection.validate_certs:
            warnings.filterwarnings("ignore", message="Unverified HTTPS request")  # the user said so

    def get(self, path: str, query: Mapping[str, Any] | None = None, missing: Sequence[int] = ()) -> Answer:
        """A read. Statuses in ``missing`` are answers, not errors."""
        return self.send("GET", path, query=query, expected=missing)

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        files: Mapping[str, tuple[str, bytes]] | None = None,
        cookies: Mapping[str, str] | None = None,
        expected: Sequence[int] = (),
    ) -> Answer:
        """Send one request, with the class's retry policy. Raises :class:`ApiError`."""
        attempt = 0
        while True:
            try:
                answer = self.once(method, path, query, body, files, cookies)
                if 200 <= answer.status < 300:
                    return self._understood(method, path, answer)
                if answer.status in expected or (method == "DELETE" and attempt and answer.status == 404):
                    return answer
                dialect = self.connection.dialect
                raise from_status(method, path, answer.status, answer.json, answer.text, dialect, self.answered)
            except ApiError as error:
                wait = self._wait(method, error, attempt)
                if wait is None:
                    raise
                attempt += 1
                self.sleep(wait)

    def _understood(self, method: str, path: str, answer: Answer) -> Answer:
        """A success, unless it isn't the API that says so: what can't be read must never pass for an empty list."""
        if self.connection.json_only and answer.json is None and answer.text.strip() not in ("", "null"):
            dialect = self.connection.dialect
            said = dialect.reasons(None, answer.text)
            raise NotTheApiError(method, path, answer.status, said, dialect.not_the_api())
        self.answered = True
        return answer

    def _wait(self, method: str, error: ApiError, attempt: int) -> float | None:
        """Seconds until the next attempt, or None when there must be none."""
        if attempt >= self.connection.retries:
            return None
        unsent = error.transient
        throttled = error.status == 429
        lost = isinstance(error, (NoAnswerError, BusyError)) and method != "POST"
        if not (unsent or throttled or lost):
            return None
        delay: float = min(LONGEST_WAIT, 0.5 * 2**attempt) * random.uniform(0.75, 1.25)
        asked = error.retry_after
        return min(LONGEST_WAIT, max(delay, asked)) if asked else delay

    def count(self, method: str) -> None:
        with self._lock:
            if method in READS:
                self.reads += 1
            else:
                self.writes += 1

    def _look_around(self) -> None:
        """What the environment says of proxies and certificates, looked up once and not for each request."""
        with self._lock:
            if self._session.trust_env:
                verify: Any = (self.connection.ca_path or True) if self.connection.validate_certs else False
                found = self._session.merge_environment_settings(self.base, {}, False, verify, None)
                self._session.proxies, self._session.verify = found["proxies"], found["verify"]
                self._session.trust_env = False

    def once(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None,
        body: Any,
        files: Mapping[str, tuple[str, bytes]] | None,
        cookies: Mapping[str, str] | None,
    ) -> Answer:
        connection = self.connection
        asks = method == "PUT" and body == {} and files is None  # an empty change reads what has no GET
        self.count("GET" if asks else method)
        try:
            self._look_around()
            with self._gate:
                response = self._session.request(
                    method,
                    self.base + path,
                    params=dict(query) if query else None,
                    json=body if files is None else None,
                    data=_form(body) if files is not None else None,
                    files=dict(files) if files is not None else None,
                    auth=(connection.user, connection.secret) if connection.secret else _anonymous,
                    cookies=dict(cookies) if cookies else None,
                    headers={"Accept": "application/json", "User-Agent": USER_AGENT},
                    timeout=connection.timeout,
                    allow_redirects=False,
                )
        except requests.exceptions.RequestException as error:
            raise transport_error(method, path, self.base, error, connection.dialect) from None
        except (OSError, UnicodeError, ValueError) as error:
            said = [f"{self.base}: {error}"]
            raise UnreachableError(method, path, 0, said, connection.dialect.unreachable()) from None
        return self.read_answer(method, path, response)

    def read_answer(self, method: str, path: str, response: Any) -> Answer:
        content: bytes = response.content
        text = response.text if len(content) < 64_000_000 else ""
        parsed = None
        if "json" in response.headers.get("Content-Type", "") and content.strip():
            try:
                parsed = json.loads(content.decode("utf-8"))
            except ValueError:
                raise NoAnswerError(method, path, 0, [f"a truncated answer ({response.status_code})"]) from None
        if response.status_code == 429:
            error = from_status(method, path, 429, parsed, text, self.connection.dialect)
            error.retry_after = _seconds(response.headers.get("Retry-After"))
            raise error
        return Answer(response.status_code, parsed, text, content, dict(response.headers))


def part_of(client: Client, method: str, path: str, answer: Answer, name: str, kind: type = dict) -> Any:
    """What an answer holds under a name, or all of it; None where it is empty. Raises :class:`NotTheApiError`.

    JSON of something else (a gateway's status, another API) must pass neither for an empty list nor for an object.
    """
    if answer.json is None:
        return None
    found = answer.json.get(name) if name and isinstance(answer.json, dict) else None if name else answer.json
    if isinstance(found, kind):
        return found
    said = [f"the answer holds no '{name}'" if name else "the answer is no list"]
    raise NotTheApiError(method, path, answer.status, said, client.connection.dialect.not_the_api())


def _anonymous(request: Any) -> Any:
    """No credentials at all, not even those of a .netrc file, which requests would look for."""
    return request


def _form(body: Any) -> dict[str, str]:
    """Values of a multipart request: booleans and numbers as text, None left out."""
    return {
        name: ("true" if value else "false") if isinstance(value, bool) else str(value)
        for name, value in (body or {}).items()
        if value is not None
    }


def _seconds(header: str | None) -> float | None:
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None


def transport_error(method: str, path: str, base: str, error: Exception, dialect: Dialect = NEUTRAL) -> ApiError:
    """Tell "nothing was sent" from "no answer came", and both from a certificate that is not trusted."""
    kinds = requests.exceptions
    said = _root(error)
    # a router that starts anew ends connections in the middle of the handshake: that says nothing of the certificate
    if isinstance(error, kinds.SSLError) and "EOF occurred in violation of protocol" not in said:
        return UnreachableError(
            method,
            path,
            0,
            [f"the certificate of {base} is not trusted ({said})"],
            "Give the CA's certificates in ca_path (or, for a trial only, validate_certs: false).",
        )
    unknown = "Name or service not known" in repr(error) or "NameResolution" in repr(error)
    refused = unknown or isinstance(error, kinds.ConnectTimeout) or "NewConnectionError" in repr(error)
    if refused or isinstance(error, (kinds.ProxyError, kinds.InvalidURL, kinds.InvalidSchema, kinds.MissingSchema)):
        result = UnreachableError(method, path, 0, [f"{base} can't be reached ({said})"], dialect.unreachable())
        result.transient = refused and not unknown
        return result
    return NoAnswerError(method, path, 0, [f"the connection to {base} ended without an answer ({said})"])


def _root(error: BaseException) -> str:
    """The innermost cause, in its own words and without object addresses."""
    reason = getattr(error, "reason", None) or (error.args[0] if error.args else None)
    if isinstance(reason, BaseException):
        return _root(reason)
    text = str(error.args[-1] if error.args else error)
    return _WHOSE.sub("", text)
