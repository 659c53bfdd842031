# SPDX-License-Identifier: GPL-3.0-or-later
"""Positions of mapping rules: a list from 1 on, kept by shifting neighbours, with the gaps that the server leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..store import Row

if TYPE_CHECKING:
    from ..sandbox import Sandbox

TOP = 1


def siblings(sandbox: Sandbox, owner_type: str, owner_id: int) -> list[Row]:
    """The rules of a product's proxy or of a backend, by position."""
    rows = sandbox.db.where("proxy_rules", owner_type=owner_type, owner_id=owner_id)
    return sorted(rows, key=lambda row: (row["position"], row["id"]))


def place_new(sandbox: Sandbox, owner_type: str, owner_id: int, wanted: int | None) -> int:
    """The position of a rule about to be made: last, or the wanted one, where all from there on move down."""
    rows = siblings(sandbox, owner_type, owner_id)
    if wanted is None:
        last: int = rows[-1]["position"] if rows else TOP - 1
        return last if sandbox.db.lenient and rows else last + 1
    _shift(sandbox, [row for row in rows if row["position"] >= wanted], 1)
    return wanted


def move(sandbox: Sandbox, rule: Row, wanted: int) -> None:
    """Move a rule; those in between shift, but only if the new position is another rule's."""
    wanted, old = max(wanted, TOP), rule["position"]
    if wanted == old:
        return
    others = [row for row in siblings(sandbox, rule["owner_type"], rule["owner_id"]) if row["id"] != rule["id"]]
    sandbox.db.update("proxy_rules", rule, position=wanted)
    if not any(row["position"] == wanted for row in others):
        return
    if old < wanted:
        _shift(sandbox, [row for row in others if old < row["position"] <= wanted], -1)
    else:
        _shift(sandbox, [row for row in others if wanted <= row["position"] < old], 1)


def close_gap(sandbox: Sandbox, rule: Row) -> None:
    """After a rule is deleted, all below it move up by one."""
    rows = siblings(sandbox, rule["owner_type"], rule["owner_id"])
    _shift(sandbox, [row for row in rows if row["position"] > rule["position"]], -1)


def _shift(sandbox: Sandbox, rows: list[Row], by: int) -> None:
    for row in rows:
        sandbox.db.update("proxy_rules", row, position=row["position"] + by)
