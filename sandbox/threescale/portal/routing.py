# SPDX-License-Identifier: GPL-3.0-or-later
"""The portal's routes: what a path is answered by, which menu it lights, whether one must be signed in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from .answers import Answer
from .visit import Visit

Handler = Callable[[Visit], Answer]


@dataclass(frozen=True)
class Route:
    """A verb and a path pattern with its handler.

    PLACE is `controller/action` as templates see it (`{% page_section %}`), MENU `main` or `main/submenu`.
    """

    method: str
    pattern: re.Pattern[str]
    handler: Handler
    place: str
    menu: str
    login: bool
    csrf: bool = True


class Routes:
    """The routes of one module; options given here hold for all of them."""

    def __init__(self, menu: str = "", login: bool = True) -> None:
        self.menu, self.login = menu, login
        self.table: list[Route] = []

    def on(
        self, method: str, path: str, place: str, menu: str | None = None, login: bool | None = None, csrf: bool = True
    ) -> Callable[[Handler], Handler]:
        """Decorator: the function answers this verb at this path; `{name}` is a variable, a suffix is taken off."""

        def register(handler: Handler) -> Handler:
            pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/.]+)", path)
            self.table.append(
                Route(
                    method,
                    re.compile(f"{pattern}(\\.\\w+)?/*\\Z"),
                    handler,
                    place,
                    self.menu if menu is None else menu,
                    self.login if login is None else login,
                    csrf,
                )
            )
            return handler

        return register


def find(table: list[Route], visit: Visit) -> Route | None:
    """The first route of the visit's verb and path; its variables are put into the visit."""
    method = "PUT" if visit.method == "PATCH" else visit.method
    for route in table:
        if route.method != method:
            continue
        match = route.pattern.match(visit.path)
        if match:
            visit.variables = {name: value for name, value in match.groupdict().items() if value is not None}
            controller, _, action = route.place.partition("/")
            main, _, submenu = route.menu.partition("/")
            visit.page.controller, visit.page.action = controller, action
            visit.page.menus = {**({"main_menu": main} if main else {}), **({"submenu": submenu} if submenu else {})}
            return route
    return None
