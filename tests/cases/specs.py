# SPDX-License-Identifier: GPL-3.0-or-later
"""What options a module has, taken from its own tables: what is tried with every option is never listed by hand."""

from __future__ import annotations

import functools
import importlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from unittest import mock

from ansible_collections.rhai.maas.plugins.module_utils.engine.field import Field
from ansible_collections.rhai.maas.plugins.module_utils.engine.shell import Shell
from tests.cases import Options

MODULES = "ansible_collections.rhai.maas.plugins.modules"
Fields = Mapping[str, Field]


@dataclass(frozen=True)
class Table:
    """A module's options, the list whose items' options may stand at the top level ("" for none), its connection."""

    options: Fields
    single: str
    connection: Mapping[str, Mapping[str, Any]]


_ONE_AT_A_TIME = threading.Lock()  # the shell is replaced for the moment, and rows are tried side by side


@functools.cache
def table(module: str) -> Table:
    """What a module hands to the shell that runs it."""
    kept: list[Table] = []

    def run(
        shell: Shell[Any], options: Fields, _planner: object, single: str = "", *_more: object, **_: object
    ) -> None:
        kept.append(Table(options, single, shell.connection))

    with _ONE_AT_A_TIME, mock.patch.multiple(Shell, keep=run, show=run):
        importlib.import_module(f"{MODULES}.{module}").main()
    return kept[0]


def options_of(module: str) -> Fields:
    """A module's options, those of one object included."""
    found = table(module)
    return {**found.options, **((found.options[found.single].options or {}) if found.single else {})}


#: A value that the servers take, by the end of an option's name; the first that fits.
LIKELY: tuple[tuple[tuple[str, ...], str], ...] = (
    (("email", "username_as_email"), "probe@example.com"),
    (("endpoint", "url", "site", "uri"), "https://probe.example.com"),
    (("hostname_rewrite", "host"), "probe.example.com"),
    (("path", "pattern"), "/probe"),
)
OTHERS: dict[str, list[Any]] = {
    "bool": [True, False],
    "int": [403, 0],
    "float": [0.5, 0],
    "dict": [{"probe": "1"}, {}],
    "raw": ["probe"],
}


def values(name: str, entry: Field) -> list[Any]:
    """Values to try an option with: each choice, both ways of a switch, a likely text and an empty one."""
    if entry.type == "list":
        return [[value] for value in values(name, Field(type=entry.elements, choices=entry.choices))] + [[]]
    if entry.choices:
        return list(entry.choices)
    if entry.type in OTHERS:
        return OTHERS[entry.type]
    return [next((value for ends, value in LIKELY if name.endswith(ends)), "probe"), ""]


def alone(
    fields: Fields,
    given: Options,
    left_out: tuple[str, ...] = (),
    tried: Callable[[str, Field], list[Any]] = values,
) -> Iterator[tuple[str, Options]]:
    """Each option by itself with each value to try, and its place, such as ``proxy.endpoint``.

    ``given`` has an example of each list, from which an item's required options are taken.
    """
    for name, entry in fields.items():
        if name in left_out:
            continue
        if not entry.options:
            if entry.required:
                continue
            yield from ((name, {name: value}) for value in tried(name, entry))
            continue
        listed = entry.type == "list"
        items = given.get(name) or {}
        example = (items[0] if items else {}) if listed else items
        key = {inner: example[inner] for inner, option in entry.options.items() if option.required and inner in example}
        if len(key) < sum(option.required for option in entry.options.values()):
            continue
        for place, value in alone(entry.options, example, ("state",), tried):
            yield f"{name}.{place}", {name: [{**key, **value}] if listed else {**key, **value}}
