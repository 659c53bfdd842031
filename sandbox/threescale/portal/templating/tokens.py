# SPDX-License-Identifier: GPL-3.0-or-later
"""Template text cut into the tokens of the package's parser, by the rules of Liquid 3: no white space control.

Each tag gives two tokens, its name and its markup (which may be empty); each output gives two likewise. What is not
closed properly gives an "illegal" token with the message of the syntax error, raised where the parser meets it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from liquid.token import TOKEN_CONTENT, TOKEN_EXPRESSION, TOKEN_ILLEGAL, TOKEN_OUTPUT, TOKEN_TAG, Token

_PIECES = re.compile(r"(\{%.*?%\}|\{\{.*?\}\}?|\{\{|\{%)", re.S)
_TAG = re.compile(r"\{%\s*(\w+)\s*(.*)?%\}\Z", re.S | re.A)
_OUTPUT = re.compile(r"\{\{(.*)\}\}\Z", re.S)
_END_RAW = re.compile(r"(.*)\{%\s*(\w+)\s*(.*)?%\}\Z", re.S | re.A)


def tokenize(source: str) -> Iterator[Token]:
    """The tokens of a template's text."""
    raw: list[str] | None = None
    position = 0
    for piece in _PIECES.split(source):
        start, position = position, position + len(piece)
        if not piece:
            continue
        if raw is not None:
            match = _END_RAW.match(piece)
            raw.append(match[1] if match and match[2] == "endraw" else piece)
            if match and match[2] == "endraw":
                yield Token(TOKEN_CONTENT, "".join(raw), start, source)
                raw = None
        elif piece.startswith("{%"):
            match = _TAG.match(piece)
            if match and match[1] == "raw":
                raw = []
            elif match:
                yield Token(TOKEN_TAG, match[1], start, source)
                yield Token(TOKEN_EXPRESSION, match[2] or "", start, source)
            else:
                yield Token(
                    TOKEN_ILLEGAL, f"Tag '{piece}' was not properly terminated with regexp: /\\%\\}}/", start, source
                )
        elif piece.startswith("{{"):
            match = _OUTPUT.match(piece)
            if match:
                yield Token(TOKEN_OUTPUT, piece, start, source)
                yield Token(TOKEN_EXPRESSION, match[1], start, source)
            else:
                message = f"Variable '{piece}' was not properly terminated with regexp: /\\}}\\}}/"
                yield Token(TOKEN_ILLEGAL, message, start, source)
        else:
            yield Token(TOKEN_CONTENT, piece, start, source)
    if raw is not None:
        yield Token(TOKEN_CONTENT, "".join(raw), position, source)
