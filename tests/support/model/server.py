# SPDX-License-Identifier: GPL-3.0-or-later
"""A server in memory behind the collection's own client: lists of objects by path, and what it refuses."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable

from ansible_collections.rhai.maas.plugins.module_utils.engine.http import Answer, Client, Connection

Row = dict[str, Any]
Handler = Callable[..., Any]


class RefusedError(Exception):
    """What the server answers with a status of 400 or above."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status}: {body}")
        self.status, self.body = status, body


def taken(name: str) -> RefusedError:
    """The refusal of a value that another one has."""
    return RefusedError(422, {"errors": {name: ["has already been taken"]}})


@dataclass(frozen=True)
class Kind:
    """One list of objects. ``path`` has braces for parents; ``end`` is the end of addresses.

    ``exclusive`` are attributes that siblings don't share. The hooks get the list's path and the row: ``new`` fills in
    what the server adds, ``check`` refuses a row that is about to be, ``kept`` refuses a removal.
    """

    path: str
    collection: str
    envelope: str
    wrapper: str = ""
    exclusive: tuple[str, ...] = ()
    end: str = ".json"
    most: int = 0
    new: Handler | None = None
    check: Handler | None = None
    kept: Handler | None = None
    gone: Handler | None = None


class Model(Client):
    """The server. ``writes`` are its writes so far; ``watch`` is called after each that was carried out."""

    def __init__(self) -> None:
        super().__init__(Connection("http://model", "", retries=0, concurrency=0), sleep=lambda _seconds: None)
        self.answered = True
        self.rows: dict[str, list[Row]] = {}
        self.number = 0
        self.writes_done: list[str] = []
        self.watch: Callable[[], None] = lambda: None
        self._routes: list[tuple[str, re.Pattern[str], Handler]] = []

    def route(self, method: str, path: str, handler: Handler) -> None:
        """Let ``handler`` answer ``path``, whose braces it gets as arguments, with ``body`` and ``query``."""
        expression = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path))
        self._routes.insert(0, (method, re.compile(expression), handler))

    def once(self, method: str, path: str, query: Any = None, body: Any = None, files: Any = None, *_: Any) -> Answer:
        routes = ((expression.fullmatch(path), h) for known, expression, h in self._routes if known == method)
        found, handler = next(((match, h) for match, h in routes if match), (None, None))
        if found is None or handler is None:
            raise AssertionError(f"the model knows no {method} {path}")
        sent = json.loads(json.dumps(body)) if body is not None else {}
        if files:
            sent["files"] = files
        before = copy.deepcopy(self.rows) if method != "GET" else self.rows
        try:
            answer = handler(**found.groupdict(), body=sent, query=query or {})
        except RefusedError as refusal:
            self.rows = before
            return Answer(refusal.status, refusal.body, json.dumps(refusal.body), b"")
        if method != "GET":
            self.writes_done.append(f"{method} {path}")
            self.watch()
        answer = copy.deepcopy(answer)
        return Answer(200, answer, json.dumps(answer), b"", {})

    def keep(self, kind: Kind) -> None:
        """Keep a kind of object: a list, creation, and what is done to one."""

        def listed(body: Row, query: Row, **parents: str) -> Any:
            return _answer_list(kind, self.rows.get(kind.path.format(**parents), []), query)

        def create(body: Row, query: Row, **parents: str) -> Any:
            return _one(kind, self.add(kind, kind.path.format(**parents), body.get(kind.wrapper, body)))

        def show(body: Row, query: Row, item: str, **parents: str) -> Any:
            return _one(kind, self.find(kind.path.format(**parents), item))

        def update(body: Row, query: Row, item: str, **parents: str) -> Any:
            place = kind.path.format(**parents)
            row = self.find(place, item)
            row.update({name: value for name, value in body.get(kind.wrapper, body).items() if name != "id"})
            self._check(kind, place, row)
            return _one(kind, row)

        def delete(body: Row, query: Row, item: str, **parents: str) -> Any:
            self.remove(kind, kind.path.format(**parents), item)
            return {}

        self.route("GET", kind.path + kind.end, listed)
        self.route("POST", kind.path + kind.end, create)
        for method, handler in (("GET", show), ("PUT", update), ("DELETE", delete)):
            self.route(method, kind.path + "/{item}" + kind.end, handler)

    def next(self) -> int:
        """A new id."""
        self.number += 1
        return self.number

    def add(self, kind: Kind, place: str, values: Mapping[str, Any]) -> Row:
        """A new object of a list."""
        row = {"id": self.next(), **values}
        self.rows.setdefault(place, []).append(row)
        if kind.most and len(self.rows[place]) > kind.most:
            raise RefusedError(422, {"errors": {"base": ["Limit reached"]}})
        if kind.new is not None:
            kind.new(place, row)
        self._check(kind, place, row)
        return row

    def find(self, place: str, item: Any) -> Row:
        """One object of a list, or 404."""
        for row in self.rows.get(place, []):
            if str(row["id"]) == str(item):
                return row
        raise RefusedError(404, {"status": "Not found"})

    def remove(self, kind: Kind, place: str, item: Any) -> None:
        """Remove an object with everything below it."""
        row = self.find(place, item)
        if kind.kept is not None:
            kind.kept(place, row)
        self.rows[place].remove(row)
        for below in [path for path in self.rows if path.startswith(f"{place}/{row['id']}/")]:
            del self.rows[below]
        if kind.gone is not None:
            kind.gone(place, row)

    def _check(self, kind: Kind, place: str, row: Row) -> None:
        for name in kind.exclusive:
            for other in self.rows.get(place, []):
                if other is not row and row.get(name) not in (None, "") and fold(other.get(name)) == fold(row[name]):
                    raise taken(name)
        if kind.check is not None:
            kind.check(place, row)


def fold(value: Any) -> str:
    """Letter case doesn't tell values apart."""
    return str(value).lower()


def _one(kind: Kind, row: Row) -> Any:
    return {kind.envelope: row} if kind.envelope else row


def _answer_list(kind: Kind, rows: list[Row], query: Row) -> Any:
    if "per_page" in query:
        first = (int(query["page"]) - 1) * int(query["per_page"])
        rows = rows[first : first + int(query["per_page"])]
    listed = [_one(kind, row) for row in rows]
    return {kind.collection: listed} if kind.collection else listed
