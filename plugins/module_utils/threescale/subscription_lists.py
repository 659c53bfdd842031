# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.
"""Subscriptions of accounts to products as they are read: from 2.16 on as ``service_subscriptions``, before as
``service_contracts``. See ``docs/threescale-behaviour.md#release-subscriptions``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale.releases import lacks_address
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session

_LIST = "/admin/api/accounts/{}/service_subscriptions.json"
_OLDER = "/admin/api/accounts/{}/service_contracts.json"


class Subscriptions:
    """A tenant's subscriptions, account by account. ``older`` is known once one account was looked at."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.older = False

    def of_all(self, accounts: Sequence[Values]) -> list[list[dict[str, Any]]]:
        """The subscriptions of each account. The first one tells which release answers."""
        first = [self.of(account) for account in accounts[:1]]
        return first + self.session.side_by_side(self.of, accounts[1:])

    def of(self, account: Values) -> list[dict[str, Any]]:
        """The subscriptions of one account."""
        if not self.older:
            answer = self.session.writer().get(_LIST.format(account["id"]), missing=(404,))
            self.older = lacks_address(answer)
            if not self.older:
                rows = (answer.json or {}).get("service_subscriptions") or []
                return [row["service_subscription"] for row in rows]
        return self.session.rows(_OLDER.format(account["id"]), "service_contracts", "service_contract")
