# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Keys of applications with an application id: added before others go, so that one is always valid. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Call, Change, Ref, Values

LIST = "/admin/api/accounts/{account}/applications"


def plan_keys(item: Values, present: Sequence[str], owner: Ref, ref: Ref, label: str) -> list[Change]:
    """Keys of an app_id application: new ones are added before old ones go, so that there is always a valid one."""
    if item.get("keys") is None:
        return []
    path = LIST + "/{id}/keys"
    refs = {"account": owner, "id": ref}
    wanted = [str(key) for key in item["keys"]]
    added = [
        Change("add", "key", label, after={"key": key}, call=Call("POST", path + ".json", refs, {"key": key}),
               secrets=frozenset({"key"}), already=((422, "already been taken"),))
        for key in wanted if key not in present
    ]  # fmt: skip
    removed = [
        Change("delete", "key", label, {"key": key}, call=Call("DELETE", f"{path}/{_quoted(key)}.json", refs),
               secrets=frozenset({"key"}), needs=list(added))
        for key in present if item.get("prune_keys") and key not in wanted
    ]  # fmt: skip
    return added + removed


def _quoted(key: str) -> str:
    """A key as a part of a path (and of a template, in which braces are doubled)."""
    return quote(key, safe="").replace("{", "{{").replace("}", "}}")
