# SPDX-License-Identifier: GPL-3.0-or-later
"""Drops: the objects that templates may look into, and lists of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, TypeVar

Reader = Callable[[Any], Any]
_R = TypeVar("_R", bound=Reader)


def attribute(*names: str) -> Callable[[_R], _R]:
    """Mark a method of a drop as readable by templates, under these names (else its own; `_p` at its end reads `?`)."""

    def mark(method: _R) -> _R:
        own = method.__name__
        method.liquid_names = names or (own[:-2] + "?" if own.endswith("_p") else own,)  # type: ignore[attr-defined]
        return method

    return mark


class Drop:
    """An object of templates. `{{ drop.name }}` calls the method marked `name`; anything else is `missing(name)`."""

    ruby_name: ClassVar[str] = ""
    _readers: ClassVar[dict[str, Reader]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._readers = {}
        for base in reversed(cls.__mro__[1:]):
            cls._readers.update(vars(base).get("_readers", {}))
        for name, member in list(vars(cls).items()):
            for liquid_name in getattr(member, "liquid_names", ()):
                cls._readers[liquid_name] = vars(cls)[name]

    @classmethod
    def readable(cls) -> list[str]:
        """The names that templates may read, sorted."""
        return sorted(cls._readers)

    def read(self, name: object) -> Any:
        """The value of an attribute; nil where there is none."""
        reader = self._readers.get(name) if isinstance(name, str) else None
        return reader(self) if reader is not None else self.missing(name)

    def missing(self, name: object) -> Any:  # noqa: ARG002 - for those that answer to any name
        """The value of an attribute that no method gives."""
        return None

    def __str__(self) -> str:
        return f"Liquid::Drops::{self.ruby_name or type(self).__name__.removesuffix('Drop')}"


class TextDrop(Drop):
    """A drop that prints as text."""

    def to_text(self) -> str:
        """Its text."""
        raise NotImplementedError

    def __str__(self) -> str:
        return self.to_text()


class Collection(list[Any]):
    """A list of drops in which `[system_name]` finds one."""

    def __init__(self, drops: Iterable[Any] = ()) -> None:
        super().__init__(drops)

    def by_system_name(self, name: object) -> Any:
        """The drop whose system name this is, or None."""
        if not isinstance(name, str):
            return None
        return next(
            (
                drop
                for drop in self
                if isinstance(drop, Drop) and "system_name" in drop._readers and drop.read("system_name") == name
            ),
            None,
        )
