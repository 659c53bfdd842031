# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""What is there of all products in one list, which from ``MANY`` products on is cheaper than one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Callable

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Resource, Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import PAGE

MANY = 3
SHARE = 20  # a row of the list is the whole of a configuration: many that nobody asked for cost more than some calls
Rows = Callable[..., list[Any]]  # reads a whole list, as Session.rows does
_OWNER = re.compile(r"/services/(\d+)")


def list_is_cheaper(asked: int, products: int) -> bool:
    """Whether one list of all the tenant's products costs less than a look at each of those asked for."""
    return asked >= MANY and asked * SHARE >= products


def latest_of_all(rows: Rows, environment: str) -> dict[int, Values]:
    """The latest configurations of an environment (``sandbox``, ``production``) by their product's id."""
    path = f"/admin/api/account/proxy_configs/{environment}.json"
    found = rows(path, "proxy_configs", "proxy_config", PAGE, {"version": "latest"})
    return {int((row.get("content") or {}).get("id") or 0): row for row in found}


def plans_of_all(rows: Rows, table: Resource) -> Iterator[tuple[int, Values]]:
    """The plans of a kind, each with the id of its product, which only a link tells."""
    kind = table.path.rpartition("/")[2]
    for item in rows(f"/admin/api/{kind}.json", table.collection, table.envelope):
        links = [entry.get("href", "") for entry in item.get("links") or [] if entry.get("rel") == "service"]
        owner = _OWNER.search(links[0]) if links else None
        if owner:
            yield int(owner.group(1)), item
