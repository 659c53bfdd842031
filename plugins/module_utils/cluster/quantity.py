# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""Quantities of Kubernetes (``500m``, ``24Gi``, ``1e3``) as numbers, and back for people. Pure, no I/O."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

_WRITTEN = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|(m|u|n|k|[MGTPE]i?|Ki)?)")
_FACTORS = {"n": Decimal("1e-9"), "u": Decimal("1e-6"), "m": Decimal("1e-3")}
_FACTORS |= {letter: Decimal(1000) ** power for power, letter in enumerate("kMGTPE", 1)}
_FACTORS |= {f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", 1)}


def amount(quantity: Any) -> Decimal | None:
    """The number, None where it is no quantity."""
    found = _WRITTEN.fullmatch(str(quantity).strip())
    if not found:
        return None
    digits, exponent, suffix = found.groups()
    return Decimal(digits + (exponent or "")) * _FACTORS.get(suffix or "", Decimal(1))


def written(number: Decimal) -> str:
    """The number as people write it: in binary units where it is a whole number of them, else plain."""
    for power, letter in ((4, "Ti"), (3, "Gi"), (2, "Mi")):
        unit = Decimal(1024) ** power
        if number >= unit and number % (unit / 4) == 0:
            return f"{format((number / unit).normalize(), 'f')}{letter}"
    return format(number.normalize(), "f") if number else "0"
