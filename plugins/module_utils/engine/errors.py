# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""What can go wrong with a request, as small types that carry what was tried and what the server said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.dialect import NEUTRAL, Dialect


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

    hint = NEUTRAL.unreachable()


class NoAnswerError(ApiError):
    """The request was sent and the connection ended before a whole answer: it may or may not have been carried out."""

    hint = "Run again: what was done is recognised, the rest is finished."


class DeniedError(ApiError):
    """401 or 403: the token, its scopes, or the person behind it."""

    hint = NEUTRAL.hint(403, None, (), True)


class NotFoundError(ApiError):
    """404."""

    hint = NEUTRAL.missing()


class ConflictError(ApiError):
    """409: another client wrote at the same moment, or the object exists by now."""

    hint = NEUTRAL.hint(409, None, (), True)


class InvalidError(ApiError):
    """400 or 422: the server's validation."""

    hint = NEUTRAL.hint(422, None, (), True)


class BusyError(ApiError):
    """429, 502, 503, 504: too much, or not up yet."""

    hint = NEUTRAL.hint(503, None, (), True)


class NotTheApiError(ApiError):
    """A success that the API can't have said: a sign-in page or a proxy stands in front of it."""


class BrokenError(ApiError):
    """500: the server's own fault, or a database deadlock."""


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


def from_status(
    method: str, path: str, status: int, body: Any, text: str, dialect: Dialect = NEUTRAL, answered: bool = True
) -> ApiError:
    """The error that an answer means, in the words of a server's dialect.

    ``answered``: the same address answered other requests before, so that a 404 is not about the address.
    """
    kind = _BY_STATUS.get(status, BrokenError if status >= 500 else ApiError)
    said = dialect.reasons(body, text)
    return kind(method, path, status, said, dialect.hint(status, body, said, answered))
