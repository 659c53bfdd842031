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

from ansible_collections.rhai.maas.plugins.module_utils.engine.http import part_of
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Resource, Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale.releases import EARLIER, lacks_address, told
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session

_ACCOUNT = "/admin/api/accounts/{account}"
SUBSCRIPTION = Resource(
    "service subscription",
    _ACCOUNT + "/service_subscriptions",
    "service_subscription",
    "service_subscription",
    "service_subscriptions",
    (),
    {},
    since="2.16",
)
CONTRACT = Resource(
    "service subscription",
    _ACCOUNT + "/service_contracts",
    "service_contract",
    "service_contract",
    "service_contracts",
    (),
    {},
)


class Subscriptions:
    """A tenant's subscriptions, account by account."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @property
    def table(self) -> Resource:
        """What they are called here; known once one account was looked at."""
        return CONTRACT if self.session.release == EARLIER else SUBSCRIPTION

    def of_all(self, accounts: Sequence[Values]) -> list[list[dict[str, Any]]]:
        """The subscriptions of each account. The first one tells which release answers."""
        first = [self.of(account) for account in accounts[:1]]
        return first + self.session.side_by_side(self.of, accounts[1:])

    def of(self, account: Values) -> list[dict[str, Any]]:
        """The subscriptions of one account."""
        if self.table is SUBSCRIPTION:
            path = SUBSCRIPTION.path.format(account=account["id"]) + ".json"
            answer = self.session.writer().get(path, missing=(404,))
            if not lacks_address(answer):
                rows = part_of(self.session.writer(), "GET", path, answer, SUBSCRIPTION.collection, list) or []
                return [row[SUBSCRIPTION.envelope] for row in rows]
            told(self.session, later=False)
        path = CONTRACT.path.format(account=account["id"]) + ".json"
        return self.session.rows(path, CONTRACT.collection, CONTRACT.envelope)
