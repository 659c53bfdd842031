# SPDX-License-Identifier: GPL-3.0-or-later
"""Patterns of mapping rules: `/v1/{model}/chat$?x={y}`."""

from __future__ import annotations

import re

from .validate import Check

_UNRESERVED, _RESERVED, _ESCAPED = r"\-_.!~*'()a-zA-Z\d", r";/?:@&=+$,\[\]", r"%[a-fA-F\d]{2}"
_VARIABLE = r"\{\w+\}"
_PARAM = rf"(?:[{_UNRESERVED}:@&=+,]|{_ESCAPED}|{_VARIABLE})*"
_SEGMENT = rf"{_PARAM}(?:;{_PARAM})*"
_QUERY = rf"(?:[{_UNRESERVED}{_RESERVED}]|{_ESCAPED}|\w+={_VARIABLE})*"
PATTERN = re.compile(rf"\A/{_SEGMENT}(?:/{_SEGMENT})*[$]?(?:\?(?:{_QUERY}))?\Z", re.ASCII)
_WILDCARDS = "can only contain valid URL characters and\n'wildcards' - words inside curly brackets ('{}')\n"
BAD_PATTERN = f"a Mapping Rule has to start with '/' and {_WILDCARDS}"
NO_PATTERN = f"a Mapping Rule can't be empty, has to start with '/' and {_WILDCARDS}"
METHODS = ("GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS")


def variables(pattern: str) -> list[str]:
    """Names of the variables of the path."""
    return list(dict.fromkeys(re.findall(r"\{(\w+)\}", pattern.partition("?")[0])))


def query_variables(pattern: str) -> dict[str, str | None]:
    """{"x": "{y}"} of the pattern's query."""
    query = pattern.partition("?")[2]
    if not query:
        return {}
    out: dict[str, str | None] = {}
    for pair in query.split("&"):
        key, sign, value = pair.partition("=")
        out[key] = value if sign else None
    return out


def check_pattern(check: Check) -> None:
    """Format, length, no variable twice, none as a key."""
    pattern = check.row.get("pattern") or ""
    if not pattern.strip():
        check.add("pattern", NO_PATTERN)
        return
    if not PATTERN.match(pattern):
        check.add("pattern", BAD_PATTERN)
    check.longest(255, "pattern")
    named = re.findall(r"\{(\w+)\}", pattern.partition("?")[0]) + [
        pair.partition("=")[0] for pair in pattern.partition("?")[2].split("&") if pair
    ]
    if len(named) != len(set(named)):
        check.add("pattern", "Can't have repeated variable names")
    if any(re.search(r"\{\w+\}", key) for key in query_variables(pattern)):
        check.add("pattern", "Can't use variables as keys in the querystring")
