# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""One more entry in a list of a file of the inventory, as somebody would write it by hand. Pure, no I/O."""

from __future__ import annotations

import re


def with_entry(text: str, variable: str, entry: str) -> str:
    """The text with the entry at the end of the list; every other line, comments too, as it was.

    :param text: a YAML file, whose ``variable`` is a list in block style, or empty
    :param entry: a list of one entry in YAML, not indented
    :raises ValueError: where there is no such list
    """
    lines = text.splitlines()
    heads = [number for number, line in enumerate(lines) if re.match(rf"{variable}: *(\[ *\] *)?(#.*)?$", line)]
    if len(heads) != 1:
        raise ValueError(f"there is no list {variable} in block style (one entry below another)")
    head = heads[0]
    lines[head] = re.sub(r": *\[ *\] *", ": ", lines[head]).rstrip()
    after = next(
        (number for number in range(head + 1, len(lines)) if re.match(r"[^\s#-]|---", lines[number])), len(lines)
    )
    filled = [
        number for number in range(head + 1, after) if lines[number].strip() and not lines[number].startswith("#")
    ]
    block = lines[head + 1 : filled[-1] + 1] if filled else []
    indents = [found[1] for found in (re.match("( *)- ", line) for line in block) if found]
    indent = indents[0] if indents else "  "
    gap = [""] if "" in block else []
    added = [*gap, *(f"{indent}{line}".rstrip() for line in entry.splitlines())]
    place = head + 1 + len(block)
    return "\n".join([*lines[:place], *added, *lines[place:]]) + "\n"
