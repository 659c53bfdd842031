# SPDX-License-Identifier: GPL-3.0-or-later
"""Drops of rows: equality, errors of a form, fields that the tenant defines."""

from __future__ import annotations

from typing import Any

from ...store import Row
from ..templating.drop import Drop, TextDrop, attribute
from .world import World

Errors = dict[str, list[str]]
HUMAN = {"org_name": "Organization/Group Name", "base": ""}


class RowDrop(Drop):
    """A drop of a row; ERRORS are what a form's submission found wrong with it."""

    def __init__(self, world: World, row: Row, errors: Errors | None = None) -> None:
        self.world, self.row, self.error_lists = world, row, errors or {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RowDrop) and type(other) is type(self) and other.row.get("id") == self.row.get("id")

    def __hash__(self) -> int:
        return hash((type(self).__name__, self.row.get("id")))

    @attribute()
    def errors(self) -> ErrorsDrop:
        return ErrorsDrop(self.error_lists)

    @attribute()
    def to_param(self) -> Any:
        return self.row.get("id")


def human(name: str) -> str:
    """`account_plan_id` -> `Account plan`."""
    words = name.removesuffix("_id").replace("_", " ").strip()
    return HUMAN.get(name, words[:1].upper() + words[1:])


class ErrorDrop(TextDrop):
    """One message about one attribute; prints as a sentence."""

    ruby_name = "Errors::Message"

    def __init__(self, name: str, text: str) -> None:
        self.name, self.text = name, text

    @attribute("attribute")
    def about(self) -> str:
        return self.name

    @attribute()
    def message(self) -> str:
        return self.text

    def to_text(self) -> str:
        return f"{human(self.name)} {self.text}".strip()


class ErrorsDrop(Drop):
    """All messages, or by `errors.name` those of one attribute."""

    def __init__(self, lists: Errors) -> None:
        self.lists = lists

    def each(self) -> list[ErrorDrop]:
        """The messages in order."""
        return [ErrorDrop(name, text) for name, texts in self.lists.items() for text in texts]

    @attribute("empty?")
    def is_empty(self) -> bool:
        return not self.each()

    @attribute("present?")
    def present(self) -> bool:
        return bool(self.each())

    def missing(self, name: object) -> Any:
        return [ErrorDrop(str(name), text) for text in self.lists.get(str(name), [])]


class ChoiceDrop(TextDrop):
    """One choice of a field."""

    ruby_name = "Field::Choice"

    def __init__(self, text: str) -> None:
        self.text = text

    @attribute()
    def label(self) -> str:
        return self.text

    @attribute()
    def id(self) -> str:  # noqa: A003
        return self.text

    def to_text(self) -> str:
        return self.text


class FieldDrop(TextDrop):
    """A field of an account, user or application, as the tenant defined it."""

    def __init__(self, definition: Row, row: Row, param: str, errors: Errors) -> None:
        self.definition, self.row, self.param, self.error_lists = definition, row, param, errors

    @attribute()
    def value(self) -> str:
        name = self.definition["name"]
        value = self.row.get(name) if name in self.row else (self.row.get("extra_fields") or {}).get(name)
        return "" if value is None else str(value)

    @attribute()
    def name(self) -> str:
        return str(self.definition["name"])

    @attribute()
    def label(self) -> str:
        return str(self.definition["label"])

    @attribute()
    def required(self) -> bool:
        return bool(self.definition["required"])

    @attribute("hidden", "hidden?")
    def hidden(self) -> bool:
        return bool(self.definition["hidden"])

    @attribute("visible", "visible?")
    def visible(self) -> bool:
        return not self.definition["hidden"]

    @attribute()
    def read_only(self) -> bool:
        return bool(self.definition["read_only"])

    @attribute()
    def errors(self) -> list[ErrorDrop]:
        return [ErrorDrop(self.name(), text) for text in self.error_lists.get(self.name(), [])]

    @attribute()
    def input_name(self) -> str:
        return f"{self.param}[{self.definition['name']}]"

    @attribute()
    def html_id(self) -> str:
        return self.input_name().replace("][", "_").replace("[", "_").replace("]", "")

    @attribute()
    def choices(self) -> list[ChoiceDrop]:
        return [ChoiceDrop(str(choice)) for choice in self.definition["choices"] or []]

    def to_text(self) -> str:
        return self.value()

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, str) and self.value() == other)

    def __hash__(self) -> int:
        return hash(self.definition["id"])


class FieldsDrop(Drop):
    """The fields of an object, in order, or by `fields.name` one of them."""

    def __init__(self, fields: list[FieldDrop]) -> None:
        self.fields = fields

    def each(self) -> list[FieldDrop]:
        """The fields in order."""
        return self.fields

    @attribute()
    def first(self) -> FieldDrop | None:
        return self.fields[0] if self.fields else None

    @attribute()
    def last(self) -> FieldDrop | None:
        return self.fields[-1] if self.fields else None

    @attribute("empty?")
    def is_empty(self) -> bool:
        return not self.fields

    @attribute("present?")
    def present(self) -> bool:
        return bool(self.fields)

    def missing(self, name: object) -> Any:
        return next((field for field in self.fields if field.name() == name), None)


class FieldedDrop(RowDrop):
    """A row with fields: `target` names them, `param` is how a form's inputs are called."""

    target = ""
    param = ""
    columns: frozenset[str] = frozenset()

    def _fields(self, builtin: bool | None = None) -> FieldsDrop:
        drops = [
            FieldDrop(definition, self.row, self.param, self.error_lists)
            for definition in self.world.fields(self.target)
            if builtin is None or builtin == (definition["name"] in self.columns)
        ]
        return FieldsDrop(drops)

    @attribute()
    def fields(self) -> FieldsDrop:
        return self._fields()

    @attribute()
    def extra_fields(self) -> FieldsDrop:
        return self._fields(builtin=False)

    @attribute()
    def builtin_fields(self) -> FieldsDrop:
        return self._fields(builtin=True)
