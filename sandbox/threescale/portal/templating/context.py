# SPDX-License-Identifier: GPL-3.0-or-later
"""The context of one rendering: what tags and filters work with."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from liquid.context import RenderContext
from liquid.exceptions import LiquidError
from liquid.utils import ReadOnlyChainMap

from .values import TemplateError


class PortalContext(RenderContext):
    """Variables of one rendering, `registers` for tags and filters, and what becomes of errors."""

    __slots__ = ("depth", "errors", "escaping", "interrupt", "raising", "registers")
    env: Any  # a PortalEnvironment, which knows this class and not the other way round
    registers: dict[str, Any]

    def __init__(
        self,
        template: Any,
        variables: Mapping[str, object],
        registers: dict[str, Any],  # noqa: A002
        escaping: bool,
        raising: bool,
    ) -> None:
        super().__init__(template, globals=variables)
        self.scope = ReadOnlyChainMap(self.locals, self.globals, self.counters)
        self.registers = registers
        self.escaping, self.raising = escaping, raising
        self.interrupt: str | None = None
        self.errors: list[Exception] = []
        self.depth = 0

    def find(self, name: object) -> Any:
        """The value of a variable, nil where there is none."""
        return self.scope.get(name) if isinstance(name, str) else None

    def apply_filter(self, name: str, value: Any, arguments: list[Any]) -> Any:
        """The value after a filter; an unknown filter changes nothing."""
        function = self.env.filters.get(name)
        if function is None:
            return value
        lowest, highest = _arity(function)
        if not lowest <= len(arguments) + 1 <= highest:
            expected = str(lowest) if lowest == highest else f"{lowest}..{highest}"
            raise TemplateError(f"wrong number of arguments (given {len(arguments) + 1}, expected {expected})")
        if getattr(function, "needs_context", False):
            return function(self, value, *arguments)
        return function(value, *arguments)

    def report(self, error: Exception) -> str:
        """The text that stands for a failed node; raises where errors are to end the rendering."""
        self.errors.append(error)
        if self.raising:
            raise error
        if isinstance(error, LiquidError):
            return str(error)
        return f"Liquid error: {error}"


@functools.cache
def _arity(function: Callable[..., Any]) -> tuple[int, int]:
    """The least and the greatest number of arguments of a filter, its input counted."""
    parameters = list(inspect.signature(function).parameters.values())
    if getattr(function, "needs_context", False):
        parameters = parameters[1:]
    return sum(parameter.default is parameter.empty for parameter in parameters), len(parameters)
