# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""What can go wrong with a request, as small types that carry what was tried and what the server said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class ApiError(Exception):
    """A request that did not succeed.

    ``status`` is 0 when no answer came. ``reasons`` are the server's own words, ``hint`` says what to do.
    """

    hint = "See the server's log for the cause."
    transient = False  # nothing was sent, so that any request may be repeated
    retry_after: float | None = None  # seconds that the server asked for

    def __init__(self, method: str, path: str, status: int = 0, reasons: Sequence[str] = (), hint: str = "") -> None:
        self.method = method
        self.path = path
        self.status = status
        self.reasons = list(reasons)
        self.hint = hint or self.hint
        super().__init__(self.describe())

    def says(self, words: str) -> bool:
        """Whether the server's reasons contain these words (in any case)."""
        return words.lower() in " ".join(self.reasons).lower()

    def describe(self) -> str:
        """One sentence: the request, the status and the reasons."""
        why = "; ".join(self.reasons) or "no reason given"
        answered = f"answered {self.status}" if self.status else "gave no answer"
        return f"{self.method} {self.path} {answered}: {why}"


class UnreachableError(ApiError):
    """The server can't be reached at all: name, port, certificate."""

    hint = "Check threescale_url, the network and, behind a private CA, ca_path."


class NoAnswerError(ApiError):
    """The request was sent and the connection ended before a whole answer: it may or may not have been carried out."""

    hint = "Run again: what was done is recognised, the rest is finished."


class DeniedError(ApiError):
    """401 or 403: the token, its scopes, or the person behind it."""

    hint = "Check access_token: it must be valid, may write, and needs the scope of this area."


class NotFoundError(ApiError):
    """404."""

    hint = "Check threescale_url: it is the address of the tenant's admin portal (https://TENANT-admin.DOMAIN)."


class ConflictError(ApiError):
    """409: another client wrote at the same moment, or the object exists by now."""

    hint = "Another client writes to the same objects; run again when it is done."


class InvalidError(ApiError):
    """400 or 422: the server's validation."""

    hint = "Correct the option that the server names."


class BusyError(ApiError):
    """429, 502, 503, 504: too much, or not up yet."""

    hint = "The server is overloaded or starting; run again later, or raise retries."


class BrokenError(ApiError):
    """500: the server's own fault, or a database deadlock."""


MOST_REASONS = 3  # of one field: a document's validation may give hundreds
LONGEST_REASON = 300  # characters

_BY_STATUS: Mapping[int, type[ApiError]] = {
    400: InvalidError,
    401: DeniedError,
    403: DeniedError,
    404: NotFoundError,
    406: InvalidError,
    409: ConflictError,
    422: InvalidError,
    429: BusyError,
    502: BusyError,
    503: BusyError,
    504: BusyError,
}


def from_status(method: str, path: str, status: int, body: Any, text: str) -> ApiError:
    """The error that an answer means. Bodies have the shapes of the reference's §2."""
    kind = _BY_STATUS.get(status, BrokenError if status >= 500 else ApiError)
    said = reasons(body, text)
    hint = ""
    if 300 <= status < 400:
        hint = "The address redirects elsewhere; give the final one (mind http and https)."
    elif kind is DeniedError and isinstance(body, Mapping) and "errors" in body:
        hint = "The object is in use or protected: remove what depends on it first."
    elif kind is InvalidError and "/active_docs" in path and any(line.startswith("body ") for line in said):
        hint = (
            "Correct the document, or give skip_swagger_validations: true: the document then goes in as it is, with "
            "nothing but its addresses checked, and stays."
        )
    elif kind is InvalidError and any("system_name" in line and "taken" in line for line in said):
        hint = (
            "Another object has this system_name. A deleted product or backend keeps its name for five to ten minutes: "
            "wait, or choose another name."
        )
    return kind(method, path, status, said, hint)


def reasons(body: Any, text: str) -> list[str]:
    """The server's words, one line for each field it complains about."""
    if isinstance(body, Mapping):
        if isinstance(body.get("errors"), Mapping):
            return [_field(name, entries) for name, entries in body["errors"].items() if _words(entries)]
        if "policies_config" in body:
            return _chain_errors(body["policies_config"])
        if isinstance(body.get("error"), Mapping):
            error = body["error"]
            return [f"{error.get('event', '')} from {error.get('from', '')}: {error.get('error', '')}"]
        for name in ("error", "status", "errorMessage"):
            if body.get(name):
                return [str(body[name])]
    plain = " ".join(text.split())
    if plain.startswith("<"):
        return ["an HTML page instead of an answer of the API"]
    return [plain[:300]] if plain else []


def _words(entries: Any) -> list[str]:
    listed = entries if isinstance(entries, list) else [entries]
    return [str(entry) for entry in listed if entry]


def _field(name: str, entries: Any) -> str:
    listed = _words(entries)
    words = ", ".join(line[:LONGEST_REASON] for line in listed[:MOST_REASONS])
    if len(listed) > MOST_REASONS:
        words += f" and {len(listed) - MOST_REASONS} more reasons"
    return words if name == "base" else f"{name} {words}"


def _chain_errors(chain: Any) -> list[str]:
    return [
        f"policy {policy.get('name')}: {_field(name, entries)}"
        for policy in chain or []
        if isinstance(policy, Mapping)
        for name, entries in (policy.get("errors") or {}).items()
    ]
