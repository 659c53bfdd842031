# SPDX-License-Identifier: GPL-3.0-or-later
"""The portal as items with the names of their files."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal.export import (
    file_name,
    portal_items,
    text_of,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal.plan import Present
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal.tree import tree_items

PAGE = {"type": "page", "liquid_enabled": True, "content_type": "text/html"}
NAMES: list[tuple[dict[str, Any], str]] = [
    ({**PAGE, "path": "/"}, "index.html.liquid"),
    ({**PAGE, "path": "/models/granite"}, "models/granite.html.liquid"),
    ({**PAGE, "path": "/plain", "liquid_enabled": False}, "plain.html"),
    ({**PAGE, "path": "/css/maas.css", "content_type": "text/css", "liquid_enabled": False}, "css/maas.css"),
    ({**PAGE, "path": "/maas/switches.json", "content_type": "application/json"}, "maas/switches.json.liquid"),
    ({"type": "layout", "system_name": "main_layout"}, "l_main_layout.html.liquid"),
    ({"type": "partial", "system_name": "maas/use/granite"}, "maas/use/_granite.html.liquid"),
    ({"type": "builtin_partial", "system_name": "login/sso"}, "login/_sso.html.liquid"),
    ({"type": "builtin_page", "system_name": "login/new"}, "login/new.html.liquid"),
    ({"type": "file", "path": "/images/hero.svg"}, "images/hero.svg"),
    ({"type": "file", "path": "/../../etc/passwd"}, "etc/passwd"),
]


@pytest.mark.parametrize(("item", "name"), NAMES, ids=[name for _item, name in NAMES])
def test_file_name(item: dict[str, Any], name: str) -> None:
    assert file_name(item) == name


@pytest.mark.parametrize(("item", "name"), NAMES[:-1], ids=[name for _item, name in NAMES[:-1]])
def test_a_folder_of_them_means_the_same(item: dict[str, Any], name: str) -> None:
    (found,) = [found for found in tree_items([name], ["login/new"], ["login/sso"], "x") if found["type"] != "section"]
    for key in ("type", "path", "system_name", "content_type", "liquid_enabled"):
        if item.get(key) is not None:
            assert found[key] == item[key], key


def present(**page: Any) -> Present:
    page = {"id": 3, "type": "page", "path": "/a", "title": "A", "section_id": 1, "layout_id": None, **page}
    layout = {"id": 2, "type": "layout", "system_name": "main_layout", "published": "{% content %}"}
    return Present(
        {"root": {"id": 1, "system_name": "root", "public": True, "parent_id": None}},
        {("layout", "main_layout"): layout, ("page", "/a"): page},
        {},
    )


def test_items_name_sections_and_layouts() -> None:
    section, layout, page = portal_items(present(layout_id=2))
    assert section == {"type": "section", "system_name": "root", "public": True}
    assert layout["src"] == "portal/l_main_layout.html.liquid"
    assert (page["section"], page["layout"], page["src"]) == ("root", "main_layout", "portal/a.html")
    assert portal_items(present())[2]["layout"] == "", "no layout is said, or an import would leave it alone"


def test_two_items_of_one_name_get_two_files() -> None:
    both = present(path="/login/new", liquid_enabled=True)
    both.templates["builtin_page", "login/new"] = {"id": 4, "type": "builtin_page", "system_name": "login/new"}
    sources = [item["src"] for item in portal_items(both) if "src" in item]
    assert sources[1:] == ["portal/login/new.html.liquid", "portal/login/new.html.liquid.2"]


@pytest.mark.parametrize(
    ("published", "draft", "text"), [("seen", "waits", "seen"), (None, "waits", "waits"), ("", "waits", "")]
)
def test_what_visitors_see_is_exported(published: str | None, draft: str, text: str) -> None:
    held = present(published=published, draft=draft)
    assert text_of(held, portal_items(held)[2]) == text
