# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Generations of a key: applications called ``NAME (GENERATION)``. Pure.

The server knows nothing of generations, and a name in brackets need not be one: ``bot (EU production)`` is somebody's
own. So a name counts as an older generation only if it differs from the present one in nothing but its numbers, and
comes before it. The application without a generation is the first one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_NUMBER = re.compile(r"\d+")


def full_name(item: Mapping[str, Any]) -> str:
    """The application's name with its generation."""
    return f"{item['name']} ({item['generation']})" if item.get("generation") else str(item["name"])


def is_older(name: str, item: Mapping[str, Any]) -> bool:
    """Whether an application of this name is an earlier generation of the wanted one."""
    if name == item["name"]:
        return True
    prefix = f"{item['name']} ("
    if not (name.startswith(prefix) and name.endswith(")")):
        return False
    theirs, ours = name[len(prefix) : -1], str(item["generation"])
    if _NUMBER.sub("0", theirs) != _NUMBER.sub("0", ours):
        return False
    return _numbers(theirs) < _numbers(ours)


def _numbers(generation: str) -> tuple[int, ...]:
    return tuple(int(number) for number in _NUMBER.findall(generation))
