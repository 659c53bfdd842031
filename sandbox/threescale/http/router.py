# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes: a table that each resource fills, and a tree that finds the route of a path."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .context import Context
    from .respond import Reply

Handler = Callable[["Context"], "Reply"]

ADMIN = frozenset({"account_management"})
CMS = frozenset({"cms", "account_management"})
FINANCE = frozenset({"finance", "account_management"})
STATS = frozenset({"stats"})
REGISTRY = frozenset({"policy_registry"})
POLICIES = frozenset({"account_management", "policy_registry"})


@dataclass(frozen=True)
class Route:
    """A verb and a path pattern (`/admin/api/services/{id}`) with its handler.

    `default`: the format without a suffix, "xml" or "json". `json_only`: no other format (406). `scopes`: the token
    needs one of them. `needs_user`: the provider key is refused (403). `key_only`: no token signs in.
    `sso_token`: `token` signs in too.
    `feature`: only releases that have it (`release.py`) have the route.
    `session_only`: for signed-in users of the web pages, which are not played here, so that all are refused.
    """

    method: str
    pattern: str
    handler: Handler
    scopes: frozenset[str] = ADMIN
    default: str = "xml"
    json_only: bool = False
    needs_user: bool = False
    key_only: bool = False
    sso_token: bool = False
    session_only: bool = False
    feature: str = ""
    names: tuple[str, ...] = ()

    @property
    def dotted(self) -> bool:
        """Whether the last part may hold dots: a key, or the `NAME-VERSION` of a policy."""
        return self.pattern.endswith("/{key}") or self.pattern == "/admin/api/registry/policies/{id}"

    @property
    def updates(self) -> bool:
        """Whether a PUT here updates a record, so that PATCH does the same."""
        last = self.pattern.rpartition("/")[2]
        return last.startswith("{") or last in SINGLE


@dataclass
class _Node:
    literals: dict[str, _Node] = field(default_factory=dict)
    parameter: _Node | None = None
    routes: dict[str, Route] = field(default_factory=dict)


class Routes:
    """The routes of one module. Options given here hold for all of them.

    routes = Routes(default="json")

    @routes.get("/admin/api/backend_apis/{id}")
    def show(ctx: Context) -> Reply: …
    """

    def __init__(self, **options: object) -> None:
        self.options = options
        self.table: list[Route] = []

    def add(self, method: str, pattern: str, handler: Handler, **options: object) -> None:
        """Add a route; PUT answers PATCH too where it updates a record."""
        route = Route(method, pattern, handler, **{**self.options, **options})  # type: ignore[arg-type]
        self.table.append(route)

    def _decorator(
        self, method: str, patterns: tuple[str, ...], options: dict[str, object]
    ) -> Callable[[Handler], Handler]:
        def register(handler: Handler) -> Handler:
            for pattern in patterns:
                self.add(method, pattern, handler, **options)
            return handler

        return register

    def get(self, *patterns: str, **options: object) -> Callable[[Handler], Handler]:
        """Decorator for GET."""
        return self._decorator("GET", patterns, options)

    def post(self, *patterns: str, **options: object) -> Callable[[Handler], Handler]:
        """Decorator for POST."""
        return self._decorator("POST", patterns, options)

    def put(self, *patterns: str, **options: object) -> Callable[[Handler], Handler]:
        """Decorator for PUT (and PATCH, where it updates a record)."""
        return self._decorator("PUT", patterns, options)

    def patch(self, *patterns: str, **options: object) -> Callable[[Handler], Handler]:
        """Decorator for PATCH alone."""
        return self._decorator("PATCH", patterns, options)

    def delete(self, *patterns: str, **options: object) -> Callable[[Handler], Handler]:
        """Decorator for DELETE."""
        return self._decorator("DELETE", patterns, options)


@dataclass(frozen=True)
class Match:
    """A route found: its variables and the format of the path's suffix (None: no suffix)."""

    route: Route
    variables: dict[str, str]
    suffix: str | None


SUFFIXES = ("json", "xml", "csv")
# Formats that the real server knows the names of but offers nowhere (406); any other suffix belongs to the name.
FOREIGN = ("html", "txt", "text", "js", "css", "yaml", "yml", "pdf", "rss", "atom", "ics", "png", "zip")
# A PUT is a PATCH too where it updates a record: one with an id, or one of those that there is one of.
SINGLE = ("provider", "credit_card", "proxy", "oidc_configuration", "settings", "webhooks", "permissions")


class Router:
    """Finds routes. Literals win over variables; a suffix `.json` or `.xml` is taken off the last part."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._root = _Node()
        for route in routes:
            self._add(route)

    def _add(self, route: Route) -> None:
        node, names = self._root, []
        for part in route.pattern.strip("/").split("/"):
            if part.startswith("{"):
                names.append(part[1:-1])
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.literals.setdefault(part, _Node())
        node.routes[route.method] = Route(**{**route.__dict__, "names": tuple(names)})

    def find(self, method: str, parts: list[str]) -> Match | None:
        """The route for a verb and the (decoded) parts of a path, or None."""
        method = "GET" if method == "HEAD" else method
        bare, suffix = list(parts), None
        head, dot, tail = parts[-1].rpartition(".")
        if head and dot and tail in (*SUFFIXES, *FOREIGN):
            bare[-1], suffix = head, tail
        found = self._walk(self._root, bare, 0, [], method)
        if found is not None and suffix not in (None, "json", "xml") and found[0].dotted:
            found, suffix = self._walk(self._root, parts, 0, [], method), None
        if found is None:
            return None
        route, values = found
        return Match(route, dict(zip(route.names, values, strict=True)), suffix)

    def _walk(
        self, node: _Node, parts: list[str], at: int, values: list[str], method: str
    ) -> tuple[Route, list[str]] | None:
        if at == len(parts):
            route = node.routes.get(method)
            if route is None and method == "PATCH" and "PUT" in node.routes and node.routes["PUT"].updates:
                route = node.routes["PUT"]
            return (route, values) if route else None
        child = node.literals.get(parts[at])
        if child is not None:
            found = self._walk(child, parts, at + 1, values, method)
            if found is not None:
                return found
        if node.parameter is not None and parts[at]:
            return self._walk(node.parameter, parts, at + 1, [*values, parts[at]], method)
        return None
