# SPDX-License-Identifier: GPL-3.0-or-later
"""Who calls: the product by its token (or the tenant by its provider key), the application by its key or id."""

from __future__ import annotations

from typing import Any

from ..store import Database, Row
from .errors import BackendError, application_not_found, authentication_error, user_key_invalid


def _number(text: object) -> int | None:
    return int(text) if isinstance(text, str) and text.isascii() and text.isdecimal() and text[0] != "0" else None


def _live_service(db: Database, service_id: object) -> Row | None:
    service = db.get("services", _number(service_id))
    return service if service is not None and service["deleted_at"] is None else None


def service_of(db: Database, params: dict[str, Any]) -> Row:
    """The product of a call. Raises BackendError for credentials that are missing or wrong."""
    provider_key, service_id = params.get("provider_key"), params.get("service_id")
    if provider_key is not None and not isinstance(provider_key, str):
        provider_key = None
    if provider_key:
        return _service_of_provider(db, provider_key, service_id)
    token = params.get("service_token")
    if not token:
        raise BackendError("provider_key_or_service_token_required", "Provider key or service token are required")
    if not service_id:
        raise BackendError("service_id_missing", "Service ID is missing", 422)
    service = _live_service(db, service_id)
    if service is None or not db.where("service_tokens", value=token, service_id=service["id"]):
        raise service_token_invalid(token, service_id)
    return service


def service_token_invalid(token: object, service_id: object) -> BackendError:
    """403 for a token that is not this product's."""
    return BackendError("service_token_invalid", f'service token "{token}" or service id "{service_id}" is invalid')


def _service_of_provider(db: Database, key: str, service_id: object) -> Row:
    tenant = next((row for row in db.rows["accounts"].values() if row.get("provider_key") == key), None)
    own = db.where("services", account_id=tenant["id"], deleted_at=None) if tenant else []
    if service_id:
        service = _live_service(db, service_id)
        if service is not None and service in own:
            return service
        if service is None or own:
            raise BackendError("service_id_invalid", f'service id "{service_id}" is invalid') if own else _unknown(key)
        raise _unknown(key)
    if not own:
        text = f'provider key "{key}" invalid and/or service ID missing'
        raise BackendError("provider_key_invalid_or_service_missing", text)
    return own[0]


def _unknown(key: str) -> BackendError:
    return BackendError("provider_key_invalid", f'provider key "{key}" is invalid')


def application_of(db: Database, service: Row, app_id: str | None, user_key: str | None) -> Row:
    """The application. Raises BackendError: unknown key (403), nothing given or gone (404), both given (403)."""
    if app_id:
        if user_key is not None:
            raise authentication_error()
        found = db.first("applications", service_id=service["id"], application_id=app_id)
    elif user_key:
        found = db.first("applications", service_id=service["id"], user_key=user_key)
        if found is None:
            forgotten = db.first("deleted_application_keys", service_id=service["id"], user_key=user_key)
            if forgotten is None:
                raise user_key_invalid(user_key)
            app_id = forgotten["application_id"]
    else:
        raise application_not_found(None)
    if found is None:
        raise application_not_found(app_id)
    return found


def remember_deleted(db: Database, application: Row) -> None:
    """The real one keeps a deleted application's key, and so answers 404 for it, not 403."""
    if application["user_key"]:
        db.insert(
            "deleted_application_keys",
            service_id=application["service_id"],
            user_key=application["user_key"],
            application_id=application["application_id"],
        )
