# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Which release of 3scale answers, and what it lacks. It has no address that names its version: answers tell it.

What came with a release is marked in the tables (``Field.since``, ``Field.lost_before``, ``Resource.since``). Which one
answers is found once for each server. See ``docs/threescale-behaviour.md#releases``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible_collections.rhai.maas.plugins.module_utils.engine.http import Answer
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field, RefusalError, Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.tables import PRODUCT
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session

LATER, EARLIER = "2.16", "2.15"


def has(session: Session, since: str) -> bool:
    """Whether the server is of this release or a later one; from 2.16 on its products have annotations."""
    if not session.release:
        rows = session.rows(PRODUCT.path + ".json", PRODUCT.collection, PRODUCT.envelope, PRODUCT.page)
        if not rows:
            return True  # an empty tenant doesn't tell
        told(session, "annotations" in rows[0])
    return _number(session.release) >= _number(since)


def told(session: Session, later: bool) -> None:
    """Note what another answer tells of the release."""
    session.release = LATER if later else EARLIER


def lacks_address(answer: Answer) -> bool:
    """Whether a 404 means that this release has no such address, not that a record is missing."""
    if answer.status != 404:
        return False
    said = answer.json if isinstance(answer.json, dict) else {}
    return said.get("status") != "Not found"


def refuse_later(session: Session, fields: Mapping[str, Field], wanted: Sequence[Values], option: str) -> None:
    """Refuse what this release would drop without a word. Raises :class:`RefusalError`.

    ``option`` names the list, with ``[]`` where the place in it belongs; without, a single object.
    """
    for place, item in enumerate(wanted):
        for name, entry in fields.items():
            if entry.since and item.get(name) and not has(session, entry.since):
                raise needs(f"{option.replace('[]', f'[{place}]')}.{name}", entry.since)


def whole(session: Session, fields: Mapping[str, Field], present: Values) -> list[str]:
    """Attributes that a request must repeat, since this release resets them otherwise."""
    return [
        n for n, entry in fields.items() if n in present and entry.lost_before and not has(session, entry.lost_before)
    ]


def needs(option: str, release: str, instead: str = "leave the option out") -> RefusalError:
    """The refusal of what only a later release has."""
    return RefusalError(
        f"{option}: needs 3scale {release}; this server is an earlier release. Upgrade it, or {instead}."
    )


def _number(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split("."))
