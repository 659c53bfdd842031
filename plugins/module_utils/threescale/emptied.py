# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Mail addresses that were made empty: the server shows another one in their place, which is no difference.

See ``docs/threescale-behaviour.md#empty-addresses``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Values

IMPERSONATION = "3scaleadmin"  # a user of every tenant, which the tenant itself doesn't see


def as_shown(wanted: Values, present: Values, stand_in: Callable[[str], Any], *names: str) -> dict[str, Any]:
    """The wanted values, where an empty address is the one that ``stand_in`` tells if the server shows just that."""
    empty = [name for name in names if wanted.get(name) == "" and present.get(name)]
    same = {name: present[name] for name in empty if present[name] == stand_in(name)}
    return {**wanted, **same}


def of_account(wanted: Values, present: Values, admins: Callable[[], Sequence[Values]]) -> dict[str, Any]:
    """The wanted addresses of a tenant's account, compared as the server shows them. ``admins`` reads its users."""

    def stand_in(name: str) -> Any:
        if name == "from_email":
            return f"no-reply@{str(present.get('domain')).partition('.')[2]}"
        if name == "support_email":
            return _first_admin(admins())
        kept = wanted.get("support_email") in (None, present.get("support_email"))
        return present.get("support_email") if kept or wanted["support_email"] == "" else None

    return as_shown(wanted, present, stand_in, "from_email", "support_email", "finance_support_email")


def _first_admin(users: Sequence[Mapping[str, Any]]) -> Any:
    """The address of the first administrator."""
    found = [user for user in users if user.get("role") == "admin" and user.get("username") != IMPERSONATION]
    return min(found, key=lambda user: int(user["id"]), default={}).get("email")
