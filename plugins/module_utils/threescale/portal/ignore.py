# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Which files of a folder are no part of the portal: dot files, README, LICENSE and what ``.cmsignore`` names. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

FILE = ".cmsignore"
ALWAYS = (".*",)
DEFAULT = ("README", "README.*", "LICENSE", "LICENSE.*", "LICENCE", "LICENCE.*")


def kept(names: Iterable[str], rules: str = "") -> list[str]:
    """The names (``/`` between parts) that no rule leaves out.

    ``rules`` are lines as in a ``.gitignore``: ``*``, ``?``, ``[…]`` and ``**``; a slash in front or within binds a
    pattern to the folder itself, one at the end means directories; ``!`` takes back what an earlier line left out.
    """
    lines = (line.rstrip() for line in (*DEFAULT, *rules.splitlines()))
    patterns = [_Pattern(line) for line in lines if line and not line.startswith("#")]
    hidden = [_Pattern(line) for line in ALWAYS]
    return [name for name in names if not _out(name, patterns) and not _out(name, hidden)]


def _out(name: str, patterns: list[_Pattern]) -> bool:
    out = False
    for pattern in patterns:
        if pattern.matches(name):
            out = not pattern.back
    return out


class _Pattern:
    """One line. It leaves out a file by its own name or by that of a folder above it."""

    def __init__(self, line: str) -> None:
        self.back = line.startswith("!")
        line = line[1:] if self.back else line
        self.folder = line.endswith("/")
        line = line.rstrip("/")
        anchored = "/" in line
        self.expression = re.compile(("" if anchored else "(?:.*/)?") + _regex(line.lstrip("/")))

    def matches(self, name: str) -> bool:
        parts = name.split("/")
        above = ["/".join(parts[: depth + 1]) for depth in range(len(parts) - 1)]
        return any(self.expression.fullmatch(one) for one in above + ([] if self.folder else [name]))


def _regex(pattern: str) -> str:
    found = []
    for piece in re.findall(r"\*\*/|\*\*|\*|\?|\[!?[^\]]+\]|\\.|.", pattern):
        if piece == "**/":
            found.append("(?:.*/)?")
        elif piece == "**":
            found.append(".*")
        elif piece == "*":
            found.append("[^/]*")
        elif piece == "?":
            found.append("[^/]")
        elif piece[0] == "[" and len(piece) > 1:
            found.append("[^" + piece[2:] if piece[1] == "!" else piece)
        else:
            found.append(re.escape(piece[-1]))
    return "".join(found)
