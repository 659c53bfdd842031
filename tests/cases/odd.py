# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that nobody means, and that templates bring about: each is kept, or refused by its option's name."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.field import Field
from tests.cases import Options
from tests.cases.specs import Fields

LONG = "p" * 300  # longer than what most columns hold
BLANKS = ["  probe  ", "   ", "pro be", "pro\abe", "pro\nbe\n"]
LETTERS = ["PROBE", "Pr\u00f6be", "Pro\u0308be", "\U0001f680", LONG, "<b>&amp;</b>"]
TYPES = ["7probe", "0", "true", "null", 7, True]
ADDRESSES = ["https://PROBE.example.com/", "https://probe.example.com:443/a/", "http://[2001:db8::1]:8080"]
ADDRESSES += ["https://ann:word@probe.example.com", "https://probe.example.com?a=1#b", "ftp://probe.example.com"]
ADDRESSES += ["probe.example.com", "https://pr\u00f6be.example.com", "https://probe.example.com:0"]
ADDRESSES += [" https://probe.example.com ", "https://probe example.com"]
MAILS = ["Probe@EXAMPLE.com", " probe@example.com ", "probe", "pr\u00f6be@example.com", "a b@example.com"]
MAILS += ["probe@example.com\n", f"{LONG}@example.com"]
PATHS = ["probe", "//probe//", "/pro be", "/pr\u00f6be", "/Probe/", "/probe?a=1", "/{a}/{a}", f"/{LONG}", "/probe$"]
PATHS += ["/pro\nbe", "/a/../b"]
#: By the end of an option's name; the first that fits. Others are texts of any kind.
SPECIAL: tuple[tuple[tuple[str, ...], Sequence[Any]], ...] = (
    (("email",), MAILS),
    (("endpoint", "url", "site", "uri", "uris", "origins"), ADDRESSES),
    (("path", "pattern"), PATHS),
)
MAPPINGS: list[Any] = [{"probe": None}, {"probe": {"a": None}}, {"probe": [None]}, {"Probe": "1", "probe": "2"}]
MAPPINGS += [{"probe": True}, {"": "1"}, {"probe": 0.1}, {" probe ": " 1 "}]
OTHERS: dict[str, list[Any]] = {
    "bool": ["yes", "False", 1, 0.0, "maybe", ""],
    "int": ["5", " 5 ", -1, 2**31, 2**62, "1.5", 5.0, True, ""],
    "float": ["0.5", "0.00004", 0.00005, -0.5, 1e20, "1e3", "0,5", True, ""],
    "dict": [*MAPPINGS, "probe=1", ""],
}
NAMES = [" probe ", "PROBE", "Probe", "pr\u00f6be", "probe", "7probe", "-probe", "_probe", "pro be", "pro.be", "pro/be"]
NAMES += ["p", LONG, "pro\nbe", "7", 7, True, "\U0001f680", "pro#be", "pro%2fbe", "pro?be=1", "{probe}", "..", "probe/"]


def values(name: str, entry: Field) -> list[Any]:
    """Odd values to try an option with."""
    if entry.type == "list":
        found = values(name, Field(type=entry.elements, choices=entry.choices))
        text = str(found[0])
        pairs = [[text, text], [text, text.swapcase()], f"{text},{text}"]
        return [*([value] for value in found), *pairs, [None], "", None]
    if entry.choices:
        return [entry.choices[0].upper(), f" {entry.choices[0]} ", ""]
    if entry.type in OTHERS:
        return OTHERS[entry.type]
    texts = next((found for ends, found in SPECIAL if name.endswith(ends)), [*BLANKS, *LETTERS, *TYPES])
    return [*texts, *MAPPINGS, [], [None]] if entry.type == "raw" else list(texts)


def renamed(fields: Fields, options: Options) -> Iterator[tuple[tuple[str | int, ...], Any, Options]]:
    """The options with each name of an object in them replaced by each odd one, after its place and the name."""
    for place in _names(fields, options, ()):
        for name in NAMES:
            other = copy.deepcopy(options)
            node: Any = other
            for step in place[:-1]:
                node = node[step]
            node[place[-1]] = name
            yield place, name, other


def _names(fields: Fields, node: Any, above: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    for name, entry in fields.items():
        value = node.get(name)
        if entry.options and isinstance(value, (list, dict)):
            items = enumerate(value) if isinstance(value, list) else [(None, value)]
            for number, item in items:
                yield from _names(entry.options, item, (*above, name, *([] if number is None else [number])))
        elif value is not None and entry.required and entry.type == "str" and not (entry.choices or entry.secret):
            yield (*above, name)
