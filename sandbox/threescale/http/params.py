# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: N818 (named after what happened)
"""Parameters of a request: query and body (form, multipart, JSON), nested by brackets, flat or under a wrapper."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote_plus

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartParser
from starlette.requests import Request

from .errors import ParameterMissing, WrongType

_JSON = ("application/json", "text/x-json", "application/jsonrequest", "application/vnd.api+json")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_NAME = re.compile(r"[\[\]]*([^\[\]]+)\]*")


class MalformedBody(Exception):
    """The body is not what its content type says, or its parameters contradict each other."""


def pairs_of(text: str, query: bool = True) -> list[tuple[str, str | None]]:
    """The pairs of a query, which `;` separates too, or of a form. A name alone has no value: None.

    Raises `MalformedBody` for a percent sign without two hexadecimal digits.
    """
    pairs = []
    for part in re.split("[&;] *" if query else "& *", text):
        if _BAD_ESCAPE.search(part):
            raise MalformedBody
        name, sign, value = part.partition("=")
        pairs.append((unquote_plus(name), unquote_plus(value) if sign else None))
    return pairs


def query_of(text: str) -> dict[str, Any]:
    """The parameters of a query. Raises `MalformedBody`."""
    return nest(pairs_of(text))


def nest(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """{"a": {"b": 1}, "c": [2]} from ("a[b]", 1), ("c[]", 2), as Rack reads them; a later flat key wins.

    Raises `MalformedBody` where a name stands for a value and for a list or hash too.
    """
    out: dict[str, Any] = {}
    for key, value in pairs:
        _put(out, key, value)
    return out


def _put(node: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    found = _NAME.match(name)
    if found is None:
        return node
    key, after = found[1], name[found.end() :]
    if not after:
        node[key] = value
    elif after == "[":
        node[name] = value
    elif after.startswith("[]"):
        _append(_child(node, key, []), after[2:], value)
    else:
        _put(_child(node, key, {}), after, value)
    return node


def _child(node: dict[str, Any], key: str, empty: Any) -> Any:
    if node.get(key) is None:
        node[key] = empty
    if type(node[key]) is not type(empty):
        raise MalformedBody
    return node[key]


def _append(items: list[Any], after: str, value: Any) -> None:
    """To a list: a value, or a part of its last hash (of a new one, when that has the part already)."""
    if not after:
        items.append(value)
        return
    if not items or not isinstance(items[-1], dict) or _has(items[-1], after):
        items.append({})
    _put(items[-1], after, value)


def _has(node: Any, name: str) -> bool:
    if "[]" in name:
        return False
    for part in filter(None, re.split(r"[\[\]]+", name)):
        if not isinstance(node, dict) or part not in node:
            return False
        node = node[part]
    return True


class Params:
    """Query and body of a request. `all` is both merged: the query wins, as in the real server.

    `wrappable`: the body is of a kind whose flat keys can be wrapped; `form`: it is a plain form.
    """

    def __init__(self, query: dict[str, Any], body: dict[str, Any], wrappable: bool, form: bool = False) -> None:
        self.query, self.body, self.wrappable, self.form = query, body, wrappable, form
        self.all = {**body, **query}

    def get(self, name: str, default: Any = None) -> Any:
        """A parameter of query or body at the top level."""
        return self.all.get(name, default)

    def text(self, name: str) -> str | None:
        """As `get`, as text; None when absent or no scalar."""
        value = self.all.get(name)
        if value is None or isinstance(value, (dict, list)):
            return None
        return str(value).lower() if isinstance(value, bool) else str(value)

    def require(self, name: str) -> Any:
        """As `get`; absent or blank gives 400."""
        value = self.all.get(name)
        if value in (None, "", [], {}):
            raise ParameterMissing(name)
        return value

    def wrapped(self, wrapper: str, known: Iterable[str], required: bool = True) -> dict[str, Any]:
        """The attributes under `wrapper`, or the flat keys of the body that are `known` where the wrapper is absent.

        Raises `ParameterMissing` when nothing is there (not `required`: only when there is no body at all), `WrongType`
        when it is no object.
        """
        if wrapper in self.all:
            value = self.all[wrapper]
            if isinstance(value, dict):
                found = value
            elif value is None or value is False:
                found = {}
            else:
                raise WrongType(wrapper)
        elif self.wrappable:
            names = set(known)
            found = {name: value for name, value in self.body.items() if name in names}
        else:
            raise ParameterMissing(wrapper)
        if required and not found:
            raise ParameterMissing(wrapper)
        return found


async def read_params(request: Request) -> Params:
    """Parse query and body. Raises `MalformedBody` for JSON that is none."""
    query = query_of(request.url.query)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    data = await request.body()
    if kind in _JSON:
        return Params(query, _json_object(data), True)
    if data and (kind == "application/x-www-form-urlencoded" or (not kind and request.method == "POST")):
        body = nest(pairs_of(data.decode("utf-8", "replace"), query=False))
        return Params(query, body, bool(kind), bool(kind))  # what says not what it is, is read but never wrapped
    if kind == "multipart/form-data" and data:
        return Params(query, await _multipart(request.headers, data), True)
    return Params(query, {}, False)


def _json_object(data: bytes) -> dict[str, Any]:
    if not data.strip():
        return {}
    try:
        value = json.loads(data, parse_constant=_no_number)
    except ValueError as error:
        raise MalformedBody from error
    return value if isinstance(value, dict) else {"_json": value}


def _no_number(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are no JSON


async def _multipart(headers: Headers, data: bytes) -> dict[str, Any]:
    async def stream() -> Any:
        yield data

    try:
        form = await MultiPartParser(headers, stream(), max_part_size=32 * 1024 * 1024).parse()
    except Exception as error:  # the parser has several kinds of its own
        raise MalformedBody from error
    return nest((name, value) for name, value in form.multi_items())


__all__ = ["MalformedBody", "Params", "UploadFile", "nest", "query_of", "read_params"]
