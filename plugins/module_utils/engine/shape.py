# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""What a server takes for a value, as data: anything else is refused before the first write. Pure.

Tables name a shape as :data:`SHAPES` does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """An expression that the whole text must match, the same in words (after "must"), and its longest form.

    ``empty`` says whether nothing at all is taken as well.
    """

    pattern: str
    words: str
    longest: int = 255
    empty: bool = False

    def fits(self, value: object) -> bool:
        """Whether the value is of this shape."""
        text = str(value)
        if not text:
            return self.empty
        return len(text) <= self.longest and re.fullmatch(self.pattern, text, re.ASCII) is not None


_HOST = r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?\.?"
_URI = r"[A-Za-z0-9._~!*'():@&=+$,;/%-]*"
SHAPES: Mapping[str, Shape] = {
    "identifier": Shape(r"[\w-]+", "be letters, digits, '-' and '_' only"),
    "status": Shape(r"[2-5]\d\d", "be a status from 200 to 599"),
    "plain": Shape(
        r"""[{}\[\]\d,.;@#~%&()?\w"= /\\:+-]+""",
        """be 1 to 255 characters among letters without accents, digits, space and {}[],.;@#~%&()?_"=/\\:+-""",
    ),
    "host": Shape(rf"{_HOST}(:\d+)?", "be a host name, with or without a port", empty=True),
    "uri path": Shape(rf"/{_URI}(\?[\[\]?{_URI[1:]})?", "be a path such as /status", 8192),
    "not empty": Shape(r"(?s:.*\S.*)", "not be empty"),
}
