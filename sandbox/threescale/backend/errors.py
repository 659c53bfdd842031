# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals of the backend: a code that programs read, a text for people, an HTTP status."""

from __future__ import annotations

from xml.sax.saxutils import escape

PROLOGUE = '<?xml version="1.0" encoding="UTF-8"?>'


class BackendError(Exception):
    """A refusal; `code` and `text` stand in the XML body."""

    def __init__(self, code: str, text: str, status: int = 403) -> None:
        super().__init__(text)
        self.code, self.text, self.status = code, text, status

    def xml(self) -> str:
        """The body of the answer."""
        return f'{PROLOGUE}<error code="{self.code}">{escape(self.text)}</error>'


class HaltError(Exception):
    """An answer without a body."""

    def __init__(self, status: int) -> None:
        super().__init__(str(status))
        self.status = status


def authentication_error() -> BackendError:
    """Both kinds of credentials at once."""
    return BackendError("authentication_error", "either app_id or user_key is allowed, not both")


def user_key_invalid(key: str) -> BackendError:
    """A user_key that no application of the product has."""
    return BackendError("user_key_invalid", f'user key "{key}" is invalid')


def application_not_found(app_id: str | None) -> BackendError:
    """No credentials at all, or an application that is gone."""
    return BackendError("application_not_found", f'application with id="{app_id or ""}" was not found', 404)


def metric_invalid(name: str) -> BackendError:
    """A metric that the product lacks."""
    return BackendError("metric_invalid", f'metric "{name}" is invalid', 404)


def usage_value_invalid(name: str, value: object) -> BackendError:
    """A usage that is no whole number."""
    if not isinstance(value, str) or not value.strip():
        return BackendError("usage_value_invalid", f'usage value for metric "{name}" can not be empty')
    return BackendError("usage_value_invalid", f'usage value "{value}" for metric "{name}" is invalid')


def bad_request(code: str, text: str) -> BackendError:
    """400 for parameters that can't be understood."""
    return BackendError(code, text, 400)


def syntax_error() -> BackendError:
    """400 for a query string that nests in two ways."""
    return bad_request("bad_request", "request contains syntax errors, should not be repeated without modification")


def not_valid_data() -> BackendError:
    """422 for bytes that are no UTF-8."""
    return BackendError("not_valid_data", "all data must be valid UTF8", 422)
