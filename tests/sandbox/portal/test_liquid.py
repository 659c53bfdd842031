# SPDX-License-Identifier: GPL-3.0-or-later
"""The language, held to what its own implementation (version 3.0.6) gave for the same templates and values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from liquid.exceptions import LiquidError

from sandbox.threescale.portal.language import LIQUID
from sandbox.threescale.portal.templating import TemplateError

CASES: list[dict[str, str]] = json.loads((Path(__file__).parent / "liquid_3_0_6.json").read_text(encoding="utf-8"))
VALUES: dict[str, Any] = {
    "items": [{"n": "b", "v": 2}, {"n": "a", "v": 1}, {"n": "c", "v": 3}],
    "s": "some text",
    "num": 5,
    "f": 1.5,
    "e": "",
    "l": ["x", "y", "z"],
    "h": {"a": 1, "b": {"c": "deep"}},
    "t": True,
    "no": False,
}
PARTIALS = {"n": "[{{ key }}|{{ n }}]", "d/f": '<{{ f }}>{% assign z = "zz" %}'}


def rendered(source: str, **options: Any) -> str:
    """A template's text with the values above."""
    return LIQUID.template(source).text(VALUES, {"partials": PARTIALS.get}, **options)


@pytest.mark.parametrize("case", [case for case in CASES if "text" in case], ids=lambda case: case["template"][:60])
def test_texts(case: dict[str, str]) -> None:
    assert rendered(case["template"], escaping=False) == case["text"]


@pytest.mark.parametrize("case", [case for case in CASES if "refused" in case], ids=lambda case: case["template"][:60])
def test_refused_templates(case: dict[str, str]) -> None:
    with pytest.raises(LiquidError) as refusal:
        rendered(case["template"], escaping=False)
    assert str(refusal.value) == case["refused"]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ '<b>' }}", "&lt;b&gt;"),
        ("{{ '<b>' | html_safe }}", "<b>"),
        ("{{ '<b>' | escape }}", "&amp;lt;b&amp;gt;"),
        ("{% capture x %}<i>{{ '<u>' }}</i>{% endcapture %}{{ x }}", "&lt;i&gt;&amp;lt;u&amp;gt;&lt;/i&gt;"),
        ("{% assign x = '<b>' %}{{ x }}", "&lt;b&gt;"),
        ("{% assign x = 'a&b' %}{% if x == 'a&b' %}same{% else %}escaped{% endif %}", "escaped"),
        ("{{ 'a<b>' | html_safe | upcase }}", "A&lt;B&gt;"),
        ("{{ 'it' | append: \"'s\" }}", "it&#39;s"),
    ],
)
def test_every_output_is_escaped_unless_marked_safe(source: str, text: str) -> None:
    assert rendered(source) == text


def test_an_error_ends_the_page_where_it_is_told_to() -> None:
    with pytest.raises(TemplateError, match="divided by 0"):
        rendered("a {% if t %}{{ 1 | divided_by: 0 }}{% endif %}", raising=True)


def test_a_partial_that_includes_itself_ends() -> None:
    text = LIQUID.template("{% include 'me' %}").text({}, {"partials": {"me": "x{% include 'me' %}"}.get})
    assert text.startswith("xxx") and text.endswith("Liquid error: Nesting too deep")


def test_templates_are_parsed_once() -> None:
    assert LIQUID.template("{{ s }} once") is LIQUID.template("{{ s }} once")
