# SPDX-License-Identifier: GPL-3.0-or-later
"""Judges one call: key, referrer, state, limits, in this order; the first that refuses decides."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ..store import Database, Row
from . import counters, periods, report, usage
from .errors import application_not_found
from .lookup import application_of, service_of
from .metrics import MetricTree
from .status import Status

Params = dict[str, Any]
Validator = Callable[[Database, Row, Status, Params], bool]


def _key(db: Database, service: Row, status: Status, params: Params) -> bool:
    keys = [row["value"] for row in _keys_of(db, status.application)]
    given = params.get("app_key")
    if service["backend_version"] == "1" or not keys or given in keys:
        return True
    text = f'application key "{given}" is invalid' if (given or "").strip() else "application key is missing"
    return status.reject("application_key_invalid", text)


def _oauth_key(db: Database, _service: Row, status: Status, params: Params) -> bool:
    """With OAuth a key need not be sent; one that is has to be right, though, even an empty one."""
    given = params.get("app_key")
    if given is None or given in [row["value"] for row in _keys_of(db, status.application)]:
        return True
    text = f'application key "{given}" is invalid' if given.strip() else "application key is missing"
    return status.reject("application_key_invalid", text)


def _redirect(_db: Database, _service: Row, status: Status, params: Params) -> bool:
    """The address to come back to, where one is sent; `redirect_url` goes before `redirect_uri`."""
    name = "redirect_url" if "redirect_url" in params or "redirect_uri" not in params else "redirect_uri"
    status.redirect_name, given = name, params.get(name)
    if not given or given == status.application["redirect_url"]:
        return True
    return status.reject(f"{name}_invalid", f'{name} "{given}" is invalid')


def _keys_of(db: Database, application: Row) -> list[Row]:
    return db.where("application_keys", application_id=application["id"])


def _oauth_setting(_db: Database, service: Row, status: Status, _params: Params) -> bool:
    if service["backend_version"] in ("oauth", "oidc"):
        return True
    return status.reject("oauth_not_enabled", "oauth is not enabled")


def _referrer(db: Database, service: Row, status: Status, params: Params) -> bool:
    filters = [row["value"] for row in db.where("referrer_filters", application_id=status.application["id"])]
    if not service["referrer_filters_required"] or not filters:
        return True
    given = params.get("referrer")
    if given == "*" or any(re.fullmatch(re.escape(one).replace(r"\*", ".*"), given or "") for one in filters):
        return True
    text = f'referrer "{given}" is not allowed' if (given or "").strip() else "referrer is missing"
    return status.reject("referrer_not_allowed", text)


def _state(_db: Database, _service: Row, status: Status, _params: Params) -> bool:
    return status.application["state"] == "live" or status.reject("application_not_active", "application is not active")


def _service_state(db: Database, service: Row, status: Status, _params: Params) -> bool:
    tenant = db.get("accounts", service["account_id"])
    active = (
        tenant is not None and tenant["state"] != "scheduled_for_deletion"
    )  # suspension is no matter of the backend
    return active or status.reject("service_not_active", "service is not active")


def _limits(_db: Database, _service: Row, status: Status, params: Params) -> bool:
    used = None
    if params.get("usage"):
        used = status.tree.process(params["usage"], params.get("flat_usage", False))
    for limit in status.limits:
        current = status.stored.get((limit["metric_id"], limit["period"]), 0)
        if used is not None:
            if limit["metric_id"] not in used:
                continue
            current = usage.applied(used[limit["metric_id"]], current)
        if current > limit["value"]:
            return status.reject("limits_exceeded", "usage limits are exceeded")
    return True


COMMON: tuple[Validator, ...] = (_referrer, _state, _service_state, _limits)
PLAIN: tuple[Validator, ...] = (_key, *COMMON)
OIDC: tuple[Validator, ...] = (_oauth_key, *COMMON)  # a product with OAuth asked about without `oauth_`
OAUTH: tuple[Validator, ...] = (_oauth_setting, _oauth_key, _redirect, *COMMON)


def _limits_of(db: Database, plan_id: int, tree: MetricTree) -> list[Row]:
    rank = {period: position for position, period in enumerate(periods.DESCENDING)}
    rows = [row for row in db.where("usage_limits", plan_id=plan_id) if row["metric_id"] in tree.names]
    return sorted(rows, key=lambda row: (row["metric_id"], rank[row["period"]]))


def judge(db: Database, params: Params, now: float, counts: bool, oauth: bool = False) -> tuple[Row, Status]:
    """The product and the verdict. Raises BackendError for credentials or usage that can't be judged."""
    service = service_of(db, params)
    if oauth and not params.get("app_id"):
        raise application_not_found(None)
    application = application_of(db, service, params.get("app_id"), params.get("user_key"))
    tree = MetricTree(db, service)
    plan = db.get("plans", application["plan_id"])
    limits = _limits_of(db, application["plan_id"], tree)
    stored = counters.stored_usage(db, application, limits, now)
    name = str(plan["name"]) if plan else ""
    status = Status(tree, application, name, limits, stored, params.get("usage"), counts, now)
    if oauth:
        status.first_key = next((row["value"] for row in _keys_of(db, application)), "")
    with_oauth = service["backend_version"] in ("oauth", "oidc")
    for validator in OAUTH if oauth else OIDC if with_oauth else PLAIN:
        if not validator(db, service, status, params):
            break
    return service, status.finish()


def authrep(db: Database, params: Params, now: float, oauth: bool = False) -> Status:
    """Judges, and counts what is admitted."""
    service, status = judge(db, params, now, counts=True, oauth=oauth)
    named = usage.without_zeros(params.get("usage") or {})
    if status.authorized and named:
        transaction = {
            "app_id": status.application["application_id"],
            "usage": named,
            "log": params.get("log"),
        }
        report.process(db, service, [transaction], now, params.get("flat_usage", False))
    return status
