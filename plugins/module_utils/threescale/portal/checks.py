# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Templates that the portal would refuse or show broken are refused before the first write, by file and line. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import RefusalError, Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal import liquid
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal.tables import key_of, label

MOST = 3  # faults that are told; the others are counted
ALWAYS_RENDERED = ("partial", "builtin_page", "builtin_partial")
_CONTENT = re.compile(r"\{%\s*content\s*%\}")  # all that is looked for in a layout that is not rendered


def check_liquid(items: Sequence[Values], present: Mapping[Any, Values]) -> None:
    """Refuse templates that are not Liquid as the portal knows it, and layouts without a place for the page.

    ``present`` are the server's templates by key: they say whether an item that doesn't is rendered.
    Raises :class:`RefusalError` with the first faults.
    """
    found = [words for item in items for words in _faults(item, present.get(key_of(item)))]
    if found:
        more = f" And {len(found) - MOST} more." if len(found) > MOST else ""
        raise RefusalError("; ".join(found[:MOST]) + f".{more} Nothing was written.")


def _faults(item: Values, present: Values | None) -> Iterator[str]:
    text = item.get("content")
    if not isinstance(text, str) or item["type"] in ("section", "file") or item.get("state") == "absent":
        return
    where = f"{item.get('origin') or 'content'} ({str(item['type']).replace('_', ' ')} {label(item)})"
    rendered = _rendered(item, present)
    if rendered:
        for fault in liquid.faults(text):
            yield f"{where}, line {fault.line}: {fault.words}"
    if item["type"] == "layout" and not (liquid.has_content(text) if rendered else _CONTENT.search(text)):
        yield f"{where}, line 1: the layout must contain {{% content %}}, where the page goes"


def _rendered(item: Values, present: Values | None) -> bool:
    if item["type"] in ALWAYS_RENDERED:
        return True
    asked = item.get("liquid_enabled")
    return bool((present or {}).get("liquid_enabled") if asked is None else asked)
