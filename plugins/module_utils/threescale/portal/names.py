# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""System names of pages, which nobody sees and the server wants unique (docs/threescale-behaviour.md#portal-titles)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal.tables import key_of

LONGEST = 255


def named_pages(items: Sequence[Values], present: Iterable[Values]) -> list[dict[str, Any]]:
    """The items, where each new page has a system name: its own, or a free one made from its path.

    Left to the server it would come from the title, and be refused where that is one letter or another page's.
    """
    pages = [item for item in present if item["type"] == "page"]
    there = {key_of(page) for page in pages}
    taken = {str(item.get("system_name") or "") for item in (*pages, *items) if item["type"] == "page"}
    named = []
    for item in items:
        named.append(dict(item))
        nameless = item["type"] == "page" and item.get("state") != "absent" and not item.get("system_name")
        if nameless and key_of(item) not in there:
            named[-1]["system_name"] = free_name(str(item["path"]), taken)
            taken.add(named[-1]["system_name"])
    return named


def free_name(path: str, taken: set[str]) -> str:
    """A name of lower-case letters, digits and hyphens that is not taken: ``/models/a.b`` gives ``models-a-b``."""
    base = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-")[: LONGEST - 8] or "home"
    base = base if len(base) > 1 else f"page-{base}"
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    return name
