# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""The latest configurations of all products in one list, which from ``MANY`` products on is cheaper than one by one."""

from __future__ import annotations

from typing import Any, Callable

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import PAGE

MANY = 3


def latest_of_all(rows: Callable[..., list[Any]], environment: str) -> dict[int, Values]:
    """The configurations of an environment (``sandbox``, ``production``) by their product's id.

    ``rows`` reads a whole list, as ``Session.rows`` does.
    """
    path = f"/admin/api/account/proxy_configs/{environment}.json"
    found = rows(path, "proxy_configs", "proxy_config", PAGE, {"version": "latest"})
    return {int((row.get("content") or {}).get("id") or 0): row for row in found}
