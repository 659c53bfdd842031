# SPDX-License-Identifier: GPL-3.0-or-later
"""Fields that a tenant defines for accounts, users, applications: built-in columns and extra ones, both flat."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from ..store import Row
from .fields import to_text
from .validate import Check, blank

if TYPE_CHECKING:
    from ..sandbox import Sandbox

BUILT_IN = {
    "Account": (
        "org_name",
        "org_legaladdress",
        "org_legaladdress_cont",
        "telephone_number",
        "vat_code",
        "vat_rate",
        "fiscal_code",
        "state_region",
        "city",
        "country",
        "zip",
        "primary_business",
        "business_category",
        "po_number",
        "billing_address",
    ),
    "User": ("username", "email", "title", "first_name", "last_name", "job_role"),
    "Cinstance": ("name", "description"),
}
REQUIRED = {"Account": ("org_name",), "User": ("username", "email"), "Cinstance": ("name",)}


def definitions(sandbox: Sandbox, tenant_id: int, target: str) -> list[Row]:
    """The definitions of a target by position."""
    rows = sandbox.db.where("fields_definitions", account_id=tenant_id, target=target)
    return sorted(rows, key=lambda row: (row["pos"], row["id"]))


def extra_names(sandbox: Sandbox, tenant_id: int, target: str) -> list[str]:
    """Names of the fields that are no columns."""
    return [row["name"] for row in definitions(sandbox, tenant_id, target) if row["name"] not in BUILT_IN[target]]


def shown(sandbox: Sandbox, tenant_id: int, target: str, row: Row) -> dict[str, Any]:
    """Values of the defined fields, as they stand in JSON; unset ones are None."""
    out: dict[str, Any] = {}
    for definition in definitions(sandbox, tenant_id, target):
        name = definition["name"]
        out[name] = row.get(name) if name in BUILT_IN[target] else row["extra_fields"].get(name)
        if name == "vat_rate" and out[name] is not None:
            out[name] = _decimal(out[name])
    return out


def _decimal(value: float) -> str:
    """A number of two decimals as the server writes decimals: "21.0"."""
    text = f"{Decimal(str(value)).quantize(Decimal('0.01'), ROUND_HALF_UP):f}"
    return text.removesuffix("0") if text.endswith("0") else text


def extra_given(sandbox: Sandbox, tenant_id: int, target: str, given: dict[str, Any]) -> dict[str, Any]:
    """The extra fields among what is given, flat or under `extra_fields`; others are dropped silently."""
    nested = given.get("extra_fields")
    flat = {**given, **(nested if isinstance(nested, dict) else {})}
    out: dict[str, Any] = {}
    for name in extra_names(sandbox, tenant_id, target):
        if name in flat:
            value = flat[name]
            out[name] = [to_text(item) for item in value] if isinstance(value, list) else to_text(value)
    return out


def check_defined(sandbox: Sandbox, check: Check, tenant_id: int, target: str) -> None:
    """What definitions ask for: required fields and choices. `check.row` holds columns and `extra_fields`."""
    for definition in definitions(sandbox, tenant_id, target):
        name = definition["name"]
        built_in = name in BUILT_IN[target]
        if name in REQUIRED[target] or not definition["required"]:
            continue
        value = check.row.get(name) if built_in else (check.row.get("extra_fields") or {}).get(name)
        if blank(value):
            check.add(name, "can't be blank")
        elif built_in and definition["choices"] and value not in definition["choices"]:
            check.add(name, "illegal value")
