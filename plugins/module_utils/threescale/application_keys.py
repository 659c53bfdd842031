# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Keys of applications with an id: five at most, one where OpenID Connect makes it the client's secret. Pure.

New keys are added before old ones go. A full list frees one place for each key that comes: all others stay valid.
What the server refuses and how it compares keys: ``docs/threescale-behaviour.md#application-keys``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Call,
    Change,
    Find,
    Ref,
    RefusalError,
    Values,
)

LIST = "/admin/api/accounts/{account}/applications"
KEYS_MOST = 5
_SINGLE = ("oidc", "oauth")  # ways of authentication by which the only key is the client's secret


def keys_most(product: Values | None) -> int:
    """How many keys an application of this product may have."""
    return 1 if product is not None and product.get("backend_version") in _SINGLE else KEYS_MOST


def check_keys(item: Values, present: Sequence[str], most: int, label: str, option: str) -> None:
    """Refuse a list of keys that the application can't get. Raises :class:`RefusalError`."""
    wanted = _wanted(item)
    keys = "one key, its client secret" if most == 1 else f"at most {most} keys"
    if len(wanted) > most:
        raise RefusalError(f"{option}.keys: '{label}' can have {keys}; {len(wanted)} are given.")
    stays = [] if item.get("prune_keys") else [key for key in present if key not in wanted]
    if len(wanted) + len(stays) > most and any(key not in present for key in wanted):
        raise RefusalError(
            f"{option}.keys: '{label}' can have {keys} and would have {len(wanted) + len(stays)} with those that it "
            "has already. Set prune_keys: true to remove the keys that are not listed."
        )
    lowered = {key.lower() for key in stays}
    if any(key.lower() in lowered for key in wanted):
        raise RefusalError(
            f"{option}.keys: a key differs from one that '{label}' has already only in upper and lower case, which "
            "3scale takes for the same. Choose another key, or set prune_keys: true to replace the present one."
        )


def refuse_no_key(item: Values, product: Values, label: str, option: str) -> None:
    """A new application gets a key by itself where its product wants one (``docs/threescale-behaviour.md``)."""
    wants = product.get("mandatory_app_key") and product.get("backend_version") not in (None, "1")
    if wants and item.get("keys") == [] and item.get("prune_keys"):
        raise RefusalError(
            f"{option}.keys: '{label}' is new, and 3scale makes a key for it, since product '{item['product']}' has "
            "mandatory_app_key. Give the key that it shall have, or leave keys out."
        )


def plan_keys(item: Values, present: Sequence[str], most: int, owner: Ref, ref: Ref, label: str) -> list[Change]:
    """Additions and removals, in an order in which no key goes earlier than it must."""
    wanted = _wanted(item)
    refs = {"account": owner, "id": ref}
    removed = {
        key: _removal(key, refs, label) for key in present if item.get("prune_keys") and key not in wanted
    }  # fmt: skip
    added = {key: _addition(key, refs, label) for key in wanted if key not in present}
    return ordered(added, removed, most - len(present))


def ordered(added: Mapping[str, Change], removed: Mapping[str, Change], free: int) -> list[Change]:
    """One after the other: additions while there is a free place, a removal where there is none."""
    waiting, leaving = dict(added), dict(removed)
    order: list[Change] = []
    for key in list(added):
        twin = next((old for old in leaving if old.lower() == key.lower()), None)  # only one of the two can be there
        if twin is not None:
            order += [leaving.pop(twin), waiting.pop(key)]
    while waiting:
        if free <= 0 and leaving:
            order.append(leaving.pop(next(iter(leaving))))
            free += 1
        order.append(waiting.pop(next(iter(waiting))))
        free -= 1
    order += leaving.values()
    for first, then in zip(order, order[1:]):
        then.needs.append(first)
    return order


def _addition(key: str, refs: Mapping[str, Ref], label: str) -> Change:
    call = Call("POST", LIST + "/{id}/keys.json", refs, {"key": key})
    already = ((422, "already been taken"),)
    return Change("add", "key", label, after={"key": key}, call=call, secrets=frozenset({"key"}), already=already)


def _removal(key: str, refs: Mapping[str, Ref], label: str) -> Change:
    """A removal. A 404 is read again: it may mean that something on the way did not understand an odd key."""
    path = LIST + "/{id}/keys"
    named = {**refs, "key": Ref("key", label, quote(key, safe=""), secret=True)}
    find = Find(path + ".json", refs, "keys", "key", {"value": key})
    call = Call("DELETE", path + "/{key}.json", named)
    return Change("delete", "key", label, {"key": key}, call=call, secrets=frozenset({"key"}), find=find)


def _wanted(item: Values) -> list[str]:
    return [str(key) for key in item.get("keys") or []]
