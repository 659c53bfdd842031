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

    ``empty`` says whether nothing at all is taken as well, ``most`` is the largest number.
    """

    pattern: str
    words: str
    longest: int = 255
    empty: bool = False
    most: int = 0

    def fault(self, value: object) -> str:
        """Why the value is not of this shape, as the end of a sentence about it; "" where it is."""
        text = str(value)
        if len(text) > self.longest:
            return f"has {len(text)} characters, the most is {self.longest}."
        if not text and self.empty:
            return ""
        if re.fullmatch(self.pattern, text, re.ASCII) is None or (self.most and abs(float(text)) > self.most):
            return f"must {self.words}."
        return ""


_HOST = r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?\.?"
_MAIL = r"[\w.%+'-]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,63}"
_INT32 = 2**31 - 1
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
    "scope name": Shape(
        r"[\x21\x23-\x5b\x5d-\x7e]+", "hold neither blanks nor '\"' and '\\\\', and no letters with accents"
    ),
    "name": Shape(r"(?s:.*[A-Za-z0-9].*)", "hold a letter from A to Z or a digit"),
    "short": Shape(r"(?s:.*)", "be a text", empty=True),
    "mail": Shape(_MAIL, "be a mail address such as ann@example.com"),
    "mail or nothing": Shape(_MAIL, "be a mail address such as ann@example.com, or empty", empty=True),
    "login address": Shape(
        r"(?!.*[?&](scope=|state=|tok=))https?://[a-zA-Z0-9._:/?-]+",
        "be an address of letters without accents, digits and ._:/?- only, such as https://sso.example.com/login",
        empty=True,
    ),
    "endpoint": Shape(
        r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d+)?",
        "be an http(s) address without path, without '/' at its end and without login",
        empty=True,
    ),
    "usage path": Shape(
        r"/*(?![A-Za-z][A-Za-z0-9+.-]*:)([A-Za-z0-9._~!*'():@&=+$,;/-]|%[0-9A-Fa-f]{2})*",
        "be a path like /my/path",
        empty=True,
    ),
    "money": Shape(r".*", "be less than 10000000000000000", most=10**16 - 1),
    "int32": Shape(r"-?\d+", f"be a whole number, {_INT32} at most", most=_INT32),
}
