# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists that the server gives by pages are read to their end, however many objects there are."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

from ansible_collections.rhai.maas.plugins.module_utils import threescale
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Resource
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session
from tests.support.model.server import Kind, Model

NAMES = [found.name for found in pkgutil.walk_packages(threescale.__path__, f"{threescale.__name__}.")]
TABLES = {
    (table.path, table.page): table
    for name in NAMES
    for table in vars(importlib.import_module(name)).values()
    if isinstance(table, Resource) and table.page
}


def test_there_are_such_tables() -> None:
    assert {page for _path, page in TABLES} == {100, 500} and len(TABLES) > 5


@pytest.mark.parametrize("table", TABLES.values(), ids=[path for path, _page in TABLES])
@pytest.mark.parametrize("pages", [0, 1, 2])
@pytest.mark.parametrize("more", [-1, 0, 1])
def test_every_object_is_read_once(table: Resource, pages: int, more: int) -> None:
    """One less than whole pages, exactly these, one more."""
    count = max(0, pages * table.page + more)
    model = Model()
    parents = dict.fromkeys(re.findall(r"{(\w+)}", table.path), 1)
    model.keep(Kind(table.path, table.collection, table.envelope))
    model.rows[table.path.format(**parents)] = [{"id": number} for number in range(count)]
    assert [row["id"] for row in Session(model).all(table, **parents)] == [*range(count)]
