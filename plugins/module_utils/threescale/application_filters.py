# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.
"""Referrer filters of applications: the domains that its keys may be used from, five at most. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Call, Change, Ref, RefusalError, Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale.application_keys import LIST, ordered

MOST = 5
_FILTER = re.compile(r"[a-zA-Z0-9*.-]{1,255}")


def check_filters(item: Values, option: str) -> None:
    """Refuse filters that the server would refuse. Raises :class:`RefusalError`."""
    wanted = [str(value) for value in item.get("referrer_filters") or []]
    for value in wanted:
        if not _FILTER.fullmatch(value):
            raise RefusalError(f"{option}: '{value}' must be a domain, such as *.example.com.")
    if len(wanted) > MOST or len(set(wanted)) < len(wanted):
        raise RefusalError(f"{option}: an application has at most {MOST} referrer filters, each of them once.")


def plan_filters(item: Values, present: Sequence[Values], owner: Ref, ref: Ref, label: str) -> list[Change]:
    """Additions and removals, so that there are exactly the wanted ones; as for keys no sooner than they must."""
    if item.get("referrer_filters") is None:
        return []
    wanted = [str(value) for value in item["referrer_filters"]]
    path, refs = LIST + "/{id}/referrer_filters", {"account": owner, "id": ref}
    there = {str(row["value"]): row for row in present}
    added = {
        value: Change("add", "referrer filter", f"{label} / {value}", after={"referrer_filter": value},
                      call=Call("POST", path + ".json", refs, {"referrer_filter": value}),
                      already=((422, "already been taken"),))
        for value in wanted if value not in there
    }  # fmt: skip
    removed = {
        value: Change("delete", "referrer filter", f"{label} / {value}", {"referrer_filter": value},
                      call=Call("DELETE", f"{path}/{row['id']}.json", refs))
        for value, row in there.items() if value not in wanted
    }  # fmt: skip
    return ordered(added, removed, MOST - len(there))
