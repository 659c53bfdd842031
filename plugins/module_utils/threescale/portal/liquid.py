# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""What is wrong with a template, by the rules of the portal's Liquid 3 (docs/threescale-behaviour.md#liquid). Pure.

The portal refuses some of it, prints some as ``Liquid error``, answers 500 for the rest, and passes over an unknown
filter without a word. No library of the collection's is needed: this knows the words, not their meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_PIECES = re.compile(r"\{%.*?%\}|\{\{.*?\}\}?|\{\{|\{%", re.S)
_TAG = re.compile(r"\{%\s*(\w+)\s*(.*)%\}\Z", re.S | re.A)
_OUTPUT = re.compile(r"\{\{(.*)\}\}\Z", re.S)
_TRIMMING = re.compile(r"\A\{[{%]-|-[}%]\}\Z")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_FILTER = re.compile(r"\|\s*(\w*)", re.A)

# block tags, and what may stand between their beginning and their end
BLOCKS: dict[str, tuple[str, ...]] = {
    "if": ("else", "elsif"),
    "unless": ("else", "elsif"),
    "case": ("when", "else"),
    "for": ("else",),
    **dict.fromkeys(("tablerow", "capture", "ifchanged", "comment", "form", "content_for", "email"), ()),
}
_TAGS = """
    3scale_essentials active_docs assign authorize_net_form braintree_customer_form break cdn_asset container content
    continue credit_card_missing csrf cycle debug decrement disable_client_cache essential_assets flash footer include
    increment internal_error latest_forum_posts latest_messages logo menu ogone_form oldfooter page_section
    page_sub_section payment_express_form plan_widget portlet sort_link stripe_form submenu theme_stylesheet
    trial_notice user_widget
"""
TAGS = frozenset(_TAGS.split())
_FILTERS = """
    any append capitalize ceil create_button create_button_ajax date default delete_button delete_button_ajax
    divided_by dom_id downcase error_class escape escape_once first floor group_by h html_safe image_tag inline_errors
    javascript_include_tag join last link_to lstrip mail_to map message_url minus modulo newline_to_br pluralize plus
    prepend regenerate_oauth_secret_button remove remove_first replace replace_first reverse round rstrip size slice
    sort split strip strip_html strip_newlines stylesheet_link_tag times to_param truncate truncatewords uniq upcase
    update_button update_button_ajax url_encode
"""
FILTERS = frozenset(_FILTERS.split())
OPERATORS = ("==", "!=", "<>", "<", ">", "<=", ">=", "contains")
# what must follow a tag's name, in the old language's lax grammar; ``Q`` stands for a quoted text
_MARKUP = {
    "assign": (re.compile(r"[\w\-.\[\]]+\s*=\s*\S"), "{% assign name = value %}"),
    "capture": (re.compile(r"\w+"), "{% capture name %}"),
    "case": (re.compile(r"\S"), "{% case value %}"),
    "when": (re.compile(r"\S"), "{% when value %}"),
    "for": (re.compile(r"[\w\-]+\s+in\s+\S"), "{% for name in list %}"),
    "tablerow": (re.compile(r"\w+\s+in\s+\S"), "{% tablerow name in list %}"),
    "include": (re.compile(r"\S"), "{% include 'name' %}"),
    "cycle": (re.compile(r"\S"), "{% cycle 'one', 'two' %}"),
    "form": (re.compile(r"\S"), "{% form 'name', object %}"),
    "content_for": (re.compile(r"\S"), "{% content_for name %}"),
}


@dataclass(frozen=True)
class Fault:
    """One fault: the line, counted from 1, and what is wrong there."""

    line: int
    words: str


@dataclass
class _Reader:
    """Reads a template once, from its beginning to its end; ``open`` are the blocks that wait for their end."""

    faults: list[Fault] = field(default_factory=list)
    open: list[tuple[str, int]] = field(default_factory=list)
    content: bool = False

    def say(self, line: int, words: str) -> None:
        self.faults.append(Fault(line, words))

    def in_comment(self) -> bool:
        return any(name == "comment" for name, _line in self.open)

    def output(self, line: int, piece: str) -> None:
        found = _OUTPUT.match(piece)
        if not found:
            self.say(line, f"'{_short(piece)}' is not closed by '}}}}'")
        elif not self.in_comment():
            self.filters(line, found[1])

    def filters(self, line: int, markup: str) -> None:
        for name in _FILTER.findall(_QUOTED.sub("Q", markup)):
            if name not in FILTERS:
                self.say(line, f"there is no filter '{name}'" if name else "a filter has no name after '|'")

    def tag(self, line: int, piece: str) -> None:
        found = _TAG.match(piece)
        if not found:
            self.say(line, f"'{_short(piece)}' is not a tag: it needs a name, and '%}}' at its end")
            return
        name, markup = found[1], _QUOTED.sub("Q", found[2]).strip()
        if name.startswith("end"):
            self.end(line, name)
        elif any(name in inner for inner in BLOCKS.values()):
            self.inner(line, name, markup)
        elif name in BLOCKS or name in TAGS:
            self.begin(line, name, markup)
        elif not self.in_comment():
            self.say(line, f"there is no tag '{name}'")

    def begin(self, line: int, name: str, markup: str) -> None:
        self.content = self.content or (name == "content" and not self.in_comment())
        self.markup(line, name, markup)
        if name in BLOCKS:
            self.open.append((name, line))

    def inner(self, line: int, name: str, markup: str) -> None:
        if self.open and name in BLOCKS[self.open[-1][0]]:
            self.markup(line, name, markup)
        elif not self.in_comment():
            self.say(line, f"'{name}' stands outside of its block")

    def end(self, line: int, name: str) -> None:
        if self.open and name == "end" + self.open[-1][0]:
            self.open.pop()
        elif not self.in_comment():
            waits = f"; '{self.open[-1][0]}' of line {self.open[-1][1]} is open" if self.open else ""
            self.say(line, f"'{name}' ends nothing{waits}")

    def markup(self, line: int, name: str, markup: str) -> None:
        if name in ("if", "unless", "elsif"):
            self.condition(line, name, markup)
        elif name in _MARKUP and not _MARKUP[name][0].match(markup):
            self.say(line, f"'{name}' is not written as {_MARKUP[name][1]}")
        elif name == "assign" and not self.in_comment():
            self.filters(line, markup)

    def condition(self, line: int, name: str, markup: str) -> None:
        for clause in re.split(r"\s(?:and|or)(?=\s|\Z)", f" {markup}"):
            words = clause.split()
            if not words:
                self.say(line, f"'{name}' lacks a condition")
            elif len(words) > 1 and words[1] not in OPERATORS:
                self.say(line, f"'{words[1]}' in '{name}' is no operator; there are {', '.join(OPERATORS)}")


def faults(text: str) -> list[Fault]:
    """All faults of a template, by line."""
    return sorted(_read(text).faults, key=lambda fault: fault.line)


def has_content(text: str) -> bool:
    """Whether a layout says where the page's content goes."""
    return _read(text).content


def _read(text: str) -> _Reader:
    reader = _Reader()
    for line, piece in _pieces(text, reader):
        trimming = _TRIMMING.search(piece)
        if trimming:
            reader.say(line, f"'{trimming.group()}': this Liquid has no whitespace control; leave the '-' out")
            piece = re.sub(r"\A(\{[{%])-|-([}%]\})\Z", r"\1\2", piece)
        if piece.startswith("{%"):
            reader.tag(line, piece)
        else:
            reader.output(line, piece)
    for name, line in reader.open:
        reader.say(line, f"'{name}' is never ended by 'end{name}'")
    return reader


def _pieces(text: str, reader: _Reader) -> Iterator[tuple[int, str]]:
    """Tags and outputs with their lines. What is between ``raw`` and ``endraw`` is text, whatever it looks like."""
    raw = 0
    for found in _PIECES.finditer(text):
        piece, line = found.group(), text.count("\n", 0, found.start()) + 1
        name = re.search(r"\{%\s*(\w+)\s*[^{]*%\}\Z", piece) if raw else _TAG.match(piece)
        if raw:
            raw = 0 if name and name[1] == "endraw" else raw
        elif name and name[1] == "raw":
            raw = line
        else:
            yield line, piece
    if raw:
        reader.say(raw, "'raw' is never ended by 'endraw'")


def _short(piece: str) -> str:
    return " ".join(piece.split())[:40]
