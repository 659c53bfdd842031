# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches of usage. The call is answered before they are judged: one wrong transaction drops the whole batch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from ..store import Database, Row
from . import alerts, counters, usage
from .errors import BackendError, bad_request
from .lookup import application_of
from .metrics import MetricTree

OLDEST, NEWEST = 24 * 3600, 3600  # seconds into the past and into the future
_DATE = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?", re.I
)


class DroppedError(Exception):
    """The batch is not counted; nobody is told."""


@dataclass(frozen=True)
class Transaction:
    """One judged transaction, ready to be counted."""

    application: Row
    used: usage.Usage
    moment: float
    code: int | None


def check_transactions(transactions: object) -> Mapping[str, Any]:
    """The transactions of a report call; raises BackendError for what is refused at once."""
    if not transactions:
        raise bad_request("transactions_is_blank", "transactions parameter is blank")
    if not isinstance(transactions, dict):
        raise bad_request("transactions_format_invalid", "transactions format is invalid")
    if any(data is None for data in transactions.values()):
        raise bad_request("transactions_has_nil_transaction", "transactions has a nil transaction")
    if any(isinstance(data, dict) and data.get("user_id") for data in transactions.values()):
        text = "End-users are no longer supported, do not specify the user_id parameter"
        raise bad_request("end_users_no_longer_supported", text)
    return transactions


def parse_moment(text: object, now: float) -> float:
    """Epoch seconds of a timestamp: epoch, or date and time with an offset or in UTC; now for anything else."""
    if not isinstance(text, str) or not text:
        return now
    if re.fullmatch(r"\s*\d+\s*", text):
        return float(text)
    found = _DATE.search(text)
    if not found:
        return now
    numbers = [int(part or 0) for part in found.groups()[:6]]
    try:
        moment = datetime(*numbers[:6], tzinfo=timezone.utc)  # type: ignore[arg-type, misc]
    except ValueError:
        return now
    zone = found[7]
    if zone and zone[0] in "+-":
        digits = zone[1:].replace(":", "")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        moment -= offset if zone[0] == "+" else -offset
    return moment.timestamp()


def _code(transaction: Mapping[str, Any]) -> int | None:
    log = transaction.get("log")
    code = log.get("code") if isinstance(log, dict) else None
    return int(code) if isinstance(code, str) and re.fullmatch(r"\d{3}", code) else None


def _judge(db: Database, service: Row, tree: MetricTree, data: Any, now: float, flat: bool) -> Transaction | None:
    if not isinstance(data, dict):
        raise DroppedError
    application = application_of(db, service, data.get("app_id"), data.get("user_key"))
    raw = data.get("usage")
    if not raw:
        return None
    if not isinstance(raw, dict):
        raise DroppedError
    used = tree.process(raw, flat)
    if any(usage.applied(value) > counters.MOST for value in used.values()):
        raise DroppedError
    moment = parse_moment(data.get("timestamp"), now)
    if not -OLDEST <= int(moment) - int(now) <= NEWEST:
        raise DroppedError
    return Transaction(application, used, moment, _code(data))


def process(db: Database, service: Row, transactions: list[Any], now: float, flat: bool = False) -> int:
    """Counts a batch, or drops it whole. How many transactions were counted."""
    tree = MetricTree(db, service)
    try:
        judged = [_judge(db, service, tree, data, now, flat) for data in transactions]
    except (BackendError, DroppedError):
        return 0
    counted = [transaction for transaction in judged if transaction is not None]
    with db.transaction():
        for transaction in counted:
            counters.count_usage(db, transaction.application, transaction.used, transaction.moment)
            if transaction.code is not None:
                counters.count_response_code(db, transaction.application, transaction.code, transaction.moment)
            alerts.warn(db, service, transaction.application, tree, now)
    return len(counted)


def worth_processing(transactions: Mapping[str, Any]) -> list[Any]:
    """The transactions without those whose usage is all 0; the zeros of the others are taken out."""
    kept: list[Any] = []
    for data in transactions.values():
        raw = data.get("usage") if isinstance(data, dict) else None
        if not isinstance(raw, dict):
            kept.append(data)
            continue
        rest = usage.without_zeros(raw)
        if rest:
            kept.append({**data, "usage": rest})
    return kept
