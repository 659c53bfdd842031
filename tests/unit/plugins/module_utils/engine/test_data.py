# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables and plans hold no function: what a resource is, and what is to be done about it, is data."""

from __future__ import annotations

import dataclasses
import importlib
import json
import pkgutil
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.module_utils import engine, keycloak, threescale
from ansible_collections.rhai.maas.plugins.module_utils.engine.data import read, written
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Call, Change, Field, Find, Ref, Resource


def modules() -> Iterator[ModuleType]:
    for package in (engine, keycloak, threescale):
        for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            yield importlib.import_module(found.name)


def functions(value: Any, place: str) -> Iterator[str]:
    """Where a function stands in a table."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for part in dataclasses.fields(value):
            yield from functions(getattr(value, part.name), f"{place}.{part.name}")
    elif isinstance(value, Mapping):
        for name, entry in value.items():
            yield from functions(entry, f"{place}[{name!r}]")
    elif isinstance(value, (list, tuple, set, frozenset)):
        for number, entry in enumerate(value):
            yield from functions(entry, f"{place}[{number}]")
    elif callable(value):
        yield place


def is_table(value: Any) -> bool:
    entries = list(value.values()) if isinstance(value, Mapping) else [value]
    made = [entry for entry in entries if dataclasses.is_dataclass(entry) and not isinstance(entry, type)]
    inner = [getattr(entry, part.name) for entry in made for part in dataclasses.fields(entry)]
    return any(isinstance(entry, (Field, Resource)) for entry in [*entries, *inner])


TABLES = {
    f"{module.__name__.rpartition('module_utils.')[2]}.{name}": value
    for module in modules()
    for name, value in vars(module).items()
    if not isinstance(value, type) and is_table(value)
}


def test_tables_are_found() -> None:
    some = {"threescale.metrics.PRODUCT_OWNER", "threescale.product.tables.USAGE", "keycloak.realm.REALM"}
    assert some <= set(TABLES)
    assert len(TABLES) > 60


@pytest.mark.parametrize("name", TABLES)
def test_no_table_holds_a_function(name: str) -> None:
    assert list(functions(TABLES[name], name)) == []


def test_an_unknown_form_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="there is no form 'txet'"):
        Field(form="txet")


def test_a_plan_is_read_as_it_was_written() -> None:
    """References, changes and files are the same objects again, shared by those that share them."""
    parent = Ref("thing", "p", told={"a": (1, 2)})
    find = Find("/things.json", {}, "things", "thing", {"name": "p", "parent": parent}, forms={"name": "text"})
    call = Call("POST", "/things", {}, {"n": [1, None, True]}, files={"attachment": ("x", b"\x00\xff")})
    first = Change("create", "thing", "p", call=call, ref=parent, find=find, secrets=frozenset({"b", "a"}))
    second = Change("run", "thing", "q", task="try", data={"parent": parent, 1: "one"}, needs=[first])
    again = read(json.loads(json.dumps(written([first, second]))))
    assert [change.key for change in again] == ["p", "q"]
    assert again[1].needs == [again[0]] and again[1].data["parent"] is again[0].ref and again[1].data[1] == "one"
    assert again[0].call is not None and again[0].secrets == first.secrets and again[0].find is not None
    assert again[0].call.body == call.body and again[0].call.files == {"attachment": ["x", b"\x00\xff"]}
    assert again[0].find.where["parent"] is again[0].ref and written(again) == written([first, second])


def test_a_function_can_t_be_written() -> None:
    with pytest.raises(TypeError, match="is no data"):
        written([Change("run", "thing", "q", data={"how": lambda: 1})])
