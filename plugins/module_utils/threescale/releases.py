# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""What a release of 3scale lacks, told by its answers: it has no address that names its version.

See ``docs/threescale-behaviour.md#releases``.
"""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.rhai.maas.plugins.module_utils.engine.http import Answer
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import RefusalError, Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.tables import PRODUCT
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session


def lacks_address(answer: Answer) -> bool:
    """Whether a 404 means that this release has no such address, not that a record is missing."""
    if answer.status != 404:
        return False
    said = answer.json if isinstance(answer.json, dict) else {}
    return said.get("status") != "Not found"


def refuse_annotations(session: Session, wanted: Sequence[Values], option: str) -> None:
    """Refuse annotations where the server would drop them: before 3scale 2.16. Raises :class:`RefusalError`."""
    place = next((place for place, item in enumerate(wanted) if item.get("annotations")), None)
    if place is None:
        return
    if not knows_annotations(session):
        raise needs(f"{option}[{place}].annotations", "2.16")


def knows_annotations(session: Session) -> bool:
    """Whether products are listed with annotations, as from 2.16 on."""
    rows = session.rows(PRODUCT.path + ".json", PRODUCT.collection, PRODUCT.envelope, PRODUCT.page)
    return not rows or "annotations" in rows[0]


def needs(option: str, release: str, instead: str = "leave the option out") -> RefusalError:
    """The refusal of what only a later release has."""
    return RefusalError(
        f"{option}: needs 3scale {release}; this server is an earlier release. Upgrade it, or {instead}."
    )
