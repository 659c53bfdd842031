# SPDX-License-Identifier: GPL-3.0-or-later
"""One row for each module: what it makes, changes and removes. Tables for the tests that try all modules alike.

Texts in braces are filled in for each place where a row is tried: ``{realm}``, ``{folder}``, ``{master_url}``,
``{master_token}``, ``{portal_url}``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Options = dict[str, Any]
Call = tuple[str, Options]


@dataclass(frozen=True)
class Row:
    """A module that keeps something. ``given`` is what must be there before; ``gone`` is None where nothing is removed.

    ``variant`` tells several rows of one module apart; ``alone``: it needs a server of its own, as it works across
    tenants.
    ``lost`` is what no later run can bring back when the answer that told it is lost.
    """

    module: str
    make: Options
    change: Options | None = None
    gone: Options | None = None
    given: tuple[Call, ...] = ()
    variant: str = ""
    alone: bool = False
    lost: str = ""

    @property
    def name(self) -> str:
        """The module, with the variant."""
        return f"{self.module} {self.variant}".strip()

    @property
    def phases(self) -> list[tuple[str, Options]]:
        """Name and options of the steps that the row has."""
        named = (("create", self.make), ("change", self.change), ("delete", self.gone))
        return [(name, options) for name, options in named if options is not None]


@dataclass(frozen=True)
class Reading:
    """A module that only reads. ``returns`` is the result that must not be empty."""

    module: str
    options: Options
    returns: str
    given: tuple[Call, ...] = ()
    alone: bool = False

    @property
    def name(self) -> str:
        """The module."""
        return self.module


def filled(node: Any, values: dict[str, str]) -> Any:
    """Options with the texts in braces filled in."""
    if isinstance(node, dict):
        return {name: filled(value, values) for name, value in node.items()}
    if isinstance(node, (list, tuple)):
        return [filled(value, values) for value in node]
    if isinstance(node, str):
        for name, value in values.items():
            node = node.replace("{" + name + "}", value)
    return node
