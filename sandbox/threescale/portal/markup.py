# SPDX-License-Identifier: GPL-3.0-or-later
"""Handlers of CMS pages: Markdown (fenced code and bare links, no tables) and Textile, after Liquid."""

from __future__ import annotations

from functools import lru_cache

import mistune
import textile

_MARKDOWN = mistune.create_markdown(escape=False, plugins=["url"])


@lru_cache(maxsize=256)
def marked_up(handler: str | None, text: str) -> str:
    """The text as HTML by the handler `markdown` or `textile`; as it is without one."""
    if handler == "markdown":
        return str(_MARKDOWN(text))
    return str(textile.textile(text)) if handler == "textile" else text
