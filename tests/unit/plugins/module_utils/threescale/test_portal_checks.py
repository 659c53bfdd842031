# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Liquid checked by its words, files of a folder left out, and free names for pages: by tables."""

from __future__ import annotations

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal.ignore import kept
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal.liquid import faults, has_content
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal.names import free_name


@pytest.mark.parametrize(
    "text",
    [
        "{% if a == 'b and c' or d contains \"|x\" %}{% elsif e %}{% else %}{% endif %}",
        "{% case a %}{% when 'b' or 'c' %}{% else %}{% endcase %}",
        "{% for a in list reversed limit: 2 %}{% cycle 'x', 'y' %}{% else %}{% endfor %}",
        "{% raw %}{{- x -}}{%- y -%}{% nope %}{{ z | nope }}{% endraw %}",
        "{% comment %}{% nope %}{{ z | nope }}{% endcomment %}",
        "{% assign a = b | sort: 'name' | map: 'id' %}{{ a | append: '|json' }}",
        "{% form 'login', user, class: 'x' %}{% csrf %}{% endform %}{% debug:help %}{% 3scale_essentials %}",
        "{{ a | minus: -1 }}{% include 'x' with a %}{% content_for head %}x{% endcontent_for %}",
        "text with } and { and %} of its own",
    ],
)
def test_what_the_portal_understands(text: str) -> None:
    assert faults(text) == []


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("\n\n{{ a | json }}", 3, "no filter 'json'"),
        ("{{ a |", 1, "is not closed"),
        ("{{ a | }}", 1, "has no name"),
        ("a\n{% foo %}", 2, "no tag 'foo'"),
        ("{% foo", 1, "not a tag"),
        ("{% if a %}\n{% if b %}{% endif %}", 1, "'if' is never ended"),
        ("{% for a in b %}{% endif %}{% endfor %}", 1, "'for' of line 1 is open"),
        ("x{% endif %}", 1, "ends nothing"),
        ("{% for a in b %}{% when c %}{% endfor %}", 1, "outside of its block"),
        ("{% if a = b %}{% endif %}", 1, "'=' in 'if' is no operator"),
        ("{% if a and %}{% endif %}", 1, "lacks a condition"),
        ("{% assign a %}", 1, "{% assign name = value %}"),
        ("{% for a %}{% endfor %}", 1, "{% for name in list %}"),
        ("{% assign a = b | nope %}", 1, "no filter 'nope'"),
        ("{%- if a -%}{% endif %}", 1, "no whitespace control"),
        ("{{ a -}}", 1, "no whitespace control"),
        ("{% raw %}", 1, "'raw' is never ended"),
    ],
)
def test_what_it_does_not(text: str, line: int, words: str) -> None:
    (fault,) = faults(text)
    assert fault.line == line and words in fault.words


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("<main>{% content %}</main>", True),
        ("{% raw %}{% content %}{% endraw %}", False),
        ("{% comment %}{% content %}{% endcomment %}", False),
    ],
)
def test_a_layouts_place_for_the_page(text: str, there: bool) -> None:
    assert has_content(text) is there


def test_what_a_folder_leaves_out() -> None:
    names = ["a.html", "README.md", "LICENSE", "x/README", ".git/config", "x/.env", "b.bak", "x/b.bak", "top.txt",
             "x/top.txt", "notes/a/b.html", "keep.bak", "x/deep/y/z.tmp"]  # fmt: skip
    assert kept(names) == [n for n in names if n not in ("README.md", "LICENSE", "x/README", ".git/config", "x/.env")]
    rules = "# what is no page\n\n*.bak\n!keep.bak\n/top.txt\nnotes/\nx/**/z.tmp\n!README.md\n"
    assert kept(names, rules) == ["a.html", "README.md", "x/top.txt", "keep.bak"]


@pytest.mark.parametrize(
    ("path", "name"), [("/", "home"), ("/a", "page-a"), ("/Models/X.y", "models-x-y-2"), ("/é", "home")]
)
def test_free_names(path: str, name: str) -> None:
    assert free_name(path, {"models-x-y"}) == name
