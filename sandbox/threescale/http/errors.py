# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: N818 (named after the answers that they become)
"""Refusals, each with the status and body that the real server gives. Raise them anywhere below a handler."""

from __future__ import annotations

from typing import Any

BLANK = "can't be blank"
TAKEN = "has already been taken"
INVALID = "invalid"


class ApiError(Exception):
    """An answer other than success. JSON has `data` as body (None: empty); XML is made from `xml` or the data."""

    def __init__(self, status: int, data: Any = None, text: str | None = None, media_type: str | None = None) -> None:
        super().__init__(f"{status} {data if text is None else text}")
        self.status, self.data, self.text, self.media_type = status, data, text, media_type


class NotFound(ApiError):
    """404 for a record that is not there or not to be seen."""

    def __init__(self) -> None:
        super().__init__(404, {"status": "Not found"})


class Forbidden(ApiError):
    """403 by ability: role, switch, last product."""

    def __init__(self) -> None:
        super().__init__(403, {"status": "Forbidden"})


class AccessDenied(ApiError):
    """403 for missing or unknown credentials."""

    def __init__(self, message: str = "Access denied") -> None:
        super().__init__(403, {"error": message})


class WrongPermissions(AccessDenied):
    """403 for a token of another scope, or one that may only read."""

    def __init__(self) -> None:
        super().__init__("Your access token does not have the correct permissions")


class ParameterMissing(ApiError):
    """400 as plain text."""

    def __init__(self, name: str) -> None:
        super().__init__(400, text=f"Required parameter missing: {name}", media_type="text/plain")


class WrongType(ApiError):
    """422 for a wrapper that is no object."""

    def __init__(self, name: str) -> None:
        super().__init__(422, text=f"Wrong type for parameter: {name}")


class NotOffered(ApiError):
    """406 for a format that the route does not offer; plain text where the format is neither JSON nor XML."""

    def __init__(self, form: str) -> None:
        message = f'The server does not understand "{form}" request.'
        plain = form not in ("json", "xml")
        super().__init__(406, {"error": message}, message if plain else None, "text/plain" if plain else None)


class Invalid(ApiError):
    """422 with messages by attribute: {"name": ["can't be blank"]}."""

    def __init__(self, errors: dict[str, list[Any]], status: int = 422) -> None:
        super().__init__(status, {"errors": errors})
        self.errors = errors


class Vetoed(Invalid):
    """403 for a delete that a validation refuses; same body as 422."""

    def __init__(self, message: str, attribute: str = "base") -> None:
        super().__init__({attribute: [message]}, status=403)


class Refused(ApiError):
    """422 (or another status) with a single message: {"error": "…"}."""

    def __init__(self, message: str, status: int = 422) -> None:
        super().__init__(status, {"error": message})


class Conflict(ApiError):
    """409: empty for a unique index; with a body for a stale object."""

    def __init__(self, stale: bool = False) -> None:
        super().__init__(409, {"status": 409, "error": "Conflict"} if stale else None)


class ServerError(ApiError):
    """500, where the real server fails too."""

    def __init__(self) -> None:
        super().__init__(500, {"status": 500, "error": "Internal Server Error"})


class Errors:
    """Messages collected by validations; `check()` raises them all at once."""

    def __init__(self) -> None:
        self.by_attribute: dict[str, list[Any]] = {}
        self._named: tuple[str, ...] = ()

    def add(self, attribute: str, message: Any) -> None:
        """Add a message; the order of adding is the order in the answer."""
        self.by_attribute.setdefault(attribute, []).append(message)

    def name(self, *attributes: str) -> None:
        """Have these in the answer too, without a message, when there is one."""
        self._named += attributes

    def check(self) -> None:
        """Raise `Invalid` if there is any message."""
        if self.by_attribute:
            raise Invalid({**{name: [] for name in self._named}, **self.by_attribute})
