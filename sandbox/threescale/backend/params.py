# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters of a query string or form, nested by brackets as Rack nests them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote_to_bytes

from .errors import not_valid_data, syntax_error

Params = dict[str, Any]


def _text(raw: bytes) -> str:
    try:
        return unquote_to_bytes(raw.replace(b"+", b" ")).decode()
    except UnicodeDecodeError as error:
        raise not_valid_data() from error


def parse(data: bytes) -> Params:
    """`a[b]=1` gives {"a": {"b": "1"}}, `a[]=1` gives {"a": ["1"]}. A key without `=` is None. Raises BackendError."""
    out: Params = {}
    for pair in re.split(rb"[&;]", data):
        if not pair:
            continue
        name, sign, value = pair.partition(b"=")
        _store(out, _text(name), _text(value) if sign else None)
    return out


def _store(node: Params, name: str, value: str | None) -> None:
    match = re.match(r"[\[\]]*([^\[\]]+)\]*", name)
    if not match:
        return
    key, rest = match[1], name[match.end() :]
    if not rest:
        node[key] = value
    elif rest == "[]":
        _list_at(node, key).append(value)
    elif inner := re.fullmatch(r"\[\]\[([^\[\]]+)\]|\[\](.+)", rest):
        child = inner[1] or inner[2]
        items = _list_at(node, key)
        if not items or not isinstance(items[-1], dict) or child in items[-1]:
            items.append({})
        _store(items[-1], child, value)
    else:
        _store(_hash_at(node, key), rest, value)


def _list_at(node: Params, key: str) -> list[Any]:
    found = node.setdefault(key, [])
    if not isinstance(found, list):
        raise syntax_error()
    return found


def _hash_at(node: Params, key: str) -> Params:
    found = node.setdefault(key, {})
    if not isinstance(found, dict):
        raise syntax_error()
    return found
