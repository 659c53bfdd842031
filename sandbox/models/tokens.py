# SPDX-License-Identifier: GPL-3.0-or-later
"""A tokenizer without a vocabulary: reversible, deterministic, about four characters a token."""

from __future__ import annotations

import re
import zlib
from typing import Any

_PIECE = re.compile(r"\s?\w{1,6}|\s?[^\w\s]|\s")
MESSAGE_OVERHEAD = 4  # the chat template's markers around one message
PROMPT_OVERHEAD = 2  # the template's opening of the assistant's turn


def pieces(text: str) -> list[str]:
    """The text's tokens; ``"".join(pieces(text)) == text``."""
    return _PIECE.findall(text)


def count(text: str) -> int:
    """How many tokens a text has."""
    return len(pieces(text))


def ids(text: str) -> list[int]:
    """A stable number below 32000 for each token."""
    return [zlib.crc32(piece.encode()) % 32000 for piece in pieces(text)]


def content_text(content: Any) -> str:
    """The text of a message's ``content``: a string, or a list of parts of which only the text ones count."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return ""


def count_messages(messages: list[dict[str, Any]]) -> int:
    """Tokens of a chat prompt, the template's markers included."""
    inner = sum(MESSAGE_OVERHEAD + count(content_text(message.get("content"))) for message in messages)
    return inner + PROMPT_OVERHEAD
