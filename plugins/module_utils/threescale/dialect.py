# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""How 3scale words what goes wrong, and what there is to do about it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.dialect import Dialect, field


class Threescale(Dialect):
    """3scale's Admin API; the master API is another address with other credentials."""

    def __init__(self, address: str, credentials: str, example: str) -> None:
        self.address, self.credentials, self._example = address, credentials, example

    def wrong_address(self) -> str:
        return f"Check {self.address}: it is the address of {self._example}."

    def hint(self, status: int, body: Any, said: Sequence[str], answered: bool) -> str:
        if status == 403 and isinstance(body, Mapping) and "errors" in body:
            return "The object is in use or protected: remove what depends on it first."
        if status == 422 and any("system_name" in line and "taken" in line for line in said):
            return (
                "Another object has this system_name. A deleted product or backend keeps its name for five to ten "
                "minutes: wait, or choose another name."
            )
        if status == 422 and any(line.startswith("body ") for line in said):
            return (
                "Correct the document, or set skip_swagger_validations: true: it then goes in as it is, with nothing "
                "but its addresses checked, and stays."
            )
        if status in (401, 403):
            return f"Check {self.credentials}: it must be valid, may write, and needs the scope of this area."
        return super().hint(status, body, said, answered)

    def reasons(self, body: Any, text: str) -> list[str]:
        if isinstance(body, Mapping):
            if "policies_config" in body and not isinstance(body.get("errors"), Mapping):
                return _chain_errors(body["policies_config"])
            if isinstance(body.get("error"), Mapping):  # a state event that doesn't fit
                error = body["error"]
                return [f"{error.get('event', '')} from {error.get('from', '')}: {error.get('error', '')}"]
        return super().reasons(body, text)


def _chain_errors(chain: Any) -> list[str]:
    return [
        f"policy {policy.get('name')}: {field(name, entries)}"
        for policy in chain or []
        if isinstance(policy, Mapping)
        for name, entries in (policy.get("errors") or {}).items()
    ]


TENANT = Threescale("threescale_url", "access_token", "the tenant's admin portal (https://TENANT-admin.DOMAIN)")
MASTER = Threescale("master_url", "master_token", "the master portal (https://master.DOMAIN)")
