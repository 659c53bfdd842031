# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""A module's session with 3scale: the tenant's client and the master's."""

from __future__ import annotations

from typing import Callable, TypeVar

from ansible_collections.rhai.maas.plugins.module_utils.engine import session
from ansible_collections.rhai.maas.plugins.module_utils.engine.http import Client

Out = TypeVar("Out")

PAGE = 500  # the server's maximum for all lists but the CMS
NEW_TENANT_WAITS, NEW_TENANT_PAUSE = 20, 3.0  # docs/threescale-behaviour.md#tenants-are-not-ready


class Session(session.Session):
    """Changes go to the tenant, or to the master where there is no tenant."""

    def __init__(self, tenant: Client | None, master: Client | None = None, check: bool = False) -> None:
        super().__init__(*(client for client in (tenant, master) if client is not None), check=check)
        self.tenant = tenant
        self.master = master
        self.release = ""  # once an answer told it, see releases

    def others(self) -> dict[str, Client]:
        return {"master": self.master} if self.master is not None else {}

    def until(self, look: Callable[[], Out | None]) -> Out | None:
        """What ``look`` finds, asked again for up to a minute (background jobs fill a new tenant); None if nothing."""
        for _attempt in range(NEW_TENANT_WAITS):
            found = look()
            if found is not None:
                return found
            self.forget()
            self.writer().sleep(NEW_TENANT_PAUSE)
        return look()
