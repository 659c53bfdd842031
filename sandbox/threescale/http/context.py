# SPDX-License-Identifier: GPL-3.0-or-later
"""What a handler gets: the request, the tenant, the caller, the store, and ways to answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..rules.times import iso
from ..store import Row
from .auth import Caller
from .errors import Forbidden, NotFound
from .paging import Page, page_of
from .params import Params
from .respond import JSON, Reply, json_reply
from .xml import Markup, document, element

if TYPE_CHECKING:
    from ..sandbox import Sandbox

Represent = Callable[["Context", Row], dict[str, Any]]
MAX_ID = 2**63 - 1


@dataclass
class Context:
    """One request of the Admin API (or master API), after authentication.

    `tenant` is the account that the host stands for (a tenant, or master). `form` is "json" or "xml".
    """

    sandbox: Sandbox
    tenant: Row
    caller: Caller
    params: Params
    variables: dict[str, str]
    form: str
    method: str
    path: str
    query: str
    host: str
    scheme: str = "http"
    notes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.db = self.sandbox.db
        self.zone: str | None = self.tenant["timezone"]

    # -- reading the request

    def number(self, name: str) -> int:
        """A path variable as an id; what does not start with digits is the id 0, which nothing has."""
        found = re.match(r"\d+", self.variables[name])
        return min(int(found[0]), MAX_ID) if found else 0

    def row(self, table: str, row_id: Any, **criteria: Any) -> Row:
        """The row of this id that holds these values too; raises `NotFound`. Ids may be texts ("5")."""
        if isinstance(row_id, str):
            found = re.match(r"\s*\d+", row_id)
            row_id = int(found[0]) if found else None
        row = self.db.get(table, row_id) if not isinstance(row_id, bool) else None
        if row is None or any(row[name] != value for name, value in criteria.items()):
            raise NotFound
        return row

    def here(self, table: str, variable: str, **criteria: Any) -> Row:
        """The row that a path variable names, if it is this tenant's and holds these values; raises `NotFound`."""
        return self.row(table, self.number(variable), tenant_id=self.tenant["id"], **criteria)

    def require(self, *sections: str) -> None:
        """Refuse (403) a member user without one of these sections."""
        if not any(self.caller.may(section) for section in sections):
            raise Forbidden

    # -- answering

    def time(self, moment: float | None) -> str | None:
        """A time as the tenant sees it."""
        return iso(moment, self.zone)

    def link(self, rel: str, path: str) -> dict[str, str]:
        """A link with the full address at the admin domain."""
        return {"rel": rel, "href": f"https://{self.tenant['self_domain']}{path}"}

    def one(self, key: str, data: dict[str, Any], status: int = 200, **headers: str) -> Reply:
        """A single object under its key."""
        if self.form == "xml":
            return Reply(status, document(self._xml(key, data)), "application/xml", dict(headers))
        return json_reply(status, {key: compact(data)}, **headers)

    def created(self, key: str, data: dict[str, Any], row_id: Any) -> Reply:
        """201 with the (not quite usable) Location of the real server."""
        reply = self.one(key, data, 201)
        reply.headers["Location"] = self.location(row_id)
        return reply

    def location(self, row_id: Any) -> str:
        """The request's path without suffix, its query, and `id=N`."""
        path = re.sub(r"\.(json|xml)$", "", self.path)
        query = "&".join(part for part in (self.query, f"id={quote(str(row_id))}") if part)
        return f"{self.scheme}://{self.host}{path}?{query}"

    def many(
        self,
        list_key: str,
        key: str,
        rows: Iterable[Row],
        represent: Represent,
        *,
        paged: bool = False,
        metadata: bool = True,
    ) -> Reply:
        """A list: `{"services": [{"service": {…}}]}`, paged where the real one pages it."""
        page = page_of(list(rows), self.params.all) if paged else Page(list(rows))
        items = [represent(self, row) for row in page.rows]
        headers = last_modified(page.rows)
        if self.form == "xml":
            inner = Markup("".join(self._xml(key, item) for item in items))
            body = document(element(list_key, inner, page.numbers if page.more else None))
            return Reply(200, body, "application/xml", headers)
        out: dict[str, Any] = {list_key: [{key: compact(item)} for item in items]}
        if paged and metadata and page.more:
            out["metadata"] = page.numbers
        return json_reply(200, out, **headers)

    def _xml(self, key: str, data: dict[str, Any]) -> str:
        """An object as an element: in the form of its kind where that differs from JSON."""
        table, write = XML_FORMS.get(key, (None, None))
        row = self.db.get(table, data.get("id")) if table else None
        if row is not None and write is not None:
            return write(self, row)
        shape = XML_SHAPES.get(key)
        return shape(data) if shape is not None else element(key, without_links(data))

    def empty(self, status: int = 200) -> Reply:
        """An empty body, labelled JSON (or XML)."""
        return Reply(status, b"", JSON if self.form == "json" else "application/xml")


XmlForm = Callable[["Context", Row], str]
XML_FORMS: dict[str, tuple[str, XmlForm]] = {}


def xml_form(table: str, *keys: str) -> Callable[[XmlForm], XmlForm]:
    """Decorator: the function writes rows of TABLE, shown in JSON under one of KEYS, as XML elements."""

    def register(write: XmlForm) -> XmlForm:
        XML_FORMS.update(dict.fromkeys(keys, (table, write)))
        return write

    return register


XmlShape = Callable[[dict[str, Any]], str]
XML_SHAPES: dict[str, XmlShape] = {}


def xml_shape(*keys: str) -> Callable[[XmlShape], XmlShape]:
    """Decorator: the function writes what JSON shows under one of KEYS as XML."""

    def register(shape: XmlShape) -> XmlShape:
        XML_SHAPES.update(dict.fromkeys(keys, shape))
        return shape

    return register


class Null:
    """Stands for a null that is rendered; every other None is left out of JSON."""


NULL = Null()


def last_modified(rows: list[Row]) -> dict[str, str]:
    """The header of a list: when the latest of its records changed. A single record has none on the real server."""
    moments = [row["updated_at"] for row in rows if row.get("updated_at") is not None]
    return {"Last-Modified": formatdate(max(moments), usegmt=True)} if moments else {}


def compact(data: dict[str, Any]) -> dict[str, Any]:
    """Without the keys whose value is None; `NULL` becomes a null."""
    return {key: None if value is NULL else value for key, value in data.items() if value is not None}


def or_null(value: Any) -> Any:
    """`NULL` for None: a key whose null is rendered."""
    return NULL if value is None else value


def without_links(data: dict[str, Any]) -> dict[str, Any]:
    """For XML, which has no links."""
    return {key: None if value is NULL else value for key, value in data.items() if key != "links"}
