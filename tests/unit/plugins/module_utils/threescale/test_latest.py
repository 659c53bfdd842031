# SPDX-License-Identifier: GPL-3.0-or-later
"""When one list of a whole tenant is asked for in place of many answers."""

from __future__ import annotations

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.latest import list_is_cheaper


@pytest.mark.parametrize(
    ("asked", "products", "cheaper"),
    [(16, 17, True), (3, 60, True), (2, 2, False), (3, 61, False), (16, 1000, False), (0, 0, False)],
)
def test_a_list_of_strangers_is_dearer_than_some_calls(asked: int, products: int, cheaper: bool) -> None:
    assert list_is_cheaper(asked, products) is cheaper
