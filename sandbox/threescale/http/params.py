# SPDX-License-Identifier: GPL-3.0-or-later
# ruff: noqa: N818 (named after what happened)
"""Parameters of a request: query and body (form, multipart, JSON), nested by brackets, flat or under a wrapper."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartParser
from starlette.requests import Request

from .errors import ParameterMissing, WrongType


class MalformedBody(Exception):
    """The body is not what its content type says."""


def nest(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """{"a": {"b": 1}, "c": [2]} from ("a[b]", 1), ("c[]", 2), as Rack reads them; a later flat key wins."""
    out: dict[str, Any] = {}
    for key, value in pairs:
        head, *rest = key.replace("]", "").split("[") if "[" in key else [key]
        _put(out, head, rest, value)
    return out


def _put(node: dict[str, Any], head: str, rest: list[str], value: Any) -> None:
    if not rest:
        node[head] = value
    elif rest[0] == "":
        items = node.setdefault(head, [])
        if not isinstance(items, list):
            return
        if len(rest) == 1:
            items.append(value)
            return
        if not items or not isinstance(items[-1], dict) or rest[1] in items[-1]:
            items.append({})
        _put(items[-1], rest[1], rest[2:], value)
    else:
        child = node.setdefault(head, {})
        if isinstance(child, dict):
            _put(child, rest[0], rest[1:], value)


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
    query = nest(parse_qsl(request.url.query, keep_blank_values=True))
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    data = await request.body()
    if kind == "application/json":
        return Params(query, _json_object(data), True)
    if kind == "application/x-www-form-urlencoded" and data:
        return Params(query, nest(parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True)), True, True)
    if kind == "multipart/form-data" and data:
        return Params(query, await _multipart(request.headers, data), True)
    return Params(query, {}, False)


def _json_object(data: bytes) -> dict[str, Any]:
    if not data.strip():
        return {}
    try:
        value = json.loads(data)
    except ValueError as error:
        raise MalformedBody from error
    return value if isinstance(value, dict) else {"_json": value}


async def _multipart(headers: Headers, data: bytes) -> dict[str, Any]:
    async def stream() -> Any:
        yield data

    try:
        form = await MultiPartParser(headers, stream(), max_part_size=32 * 1024 * 1024).parse()
    except Exception as error:  # the parser has several kinds of its own
        raise MalformedBody from error
    return nest((name, value) for name, value in form.multi_items())


__all__ = ["MalformedBody", "Params", "UploadFile", "nest", "read_params"]
