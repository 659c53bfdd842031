# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""What a module returns: a plan's result with what is known when the changes are carried out, or would be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Later, Ref, Told
from ansible_collections.rhai.maas.plugins.module_utils.engine.session import Session


def outcome(value: Any, session: Session) -> Any:
    """A result as data alone: ids of references, what was told, what is read now."""
    if isinstance(value, Ref):
        return value.id
    if isinstance(value, Told):
        told = value.ref.told.get(value.name)
        return value.otherwise if told is None else told
    if isinstance(value, Later):
        return _read(value, session)
    if isinstance(value, Mapping):
        known = {name: outcome(entry, session) for name, entry in value.items()}
        return {name: entry for name, entry in known.items() if entry is not None or not _may_lack(value[name])}
    if isinstance(value, (list, tuple)):
        return [outcome(entry, session) for entry in value]
    return value


def _may_lack(entry: Any) -> bool:
    return isinstance(entry, Told) and entry.optional


def _read(later: Later, session: Session) -> Any:
    ids = {name: ref.id for name, ref in later.refs.items()}
    if any(number is None for number in ids.values()):
        return None
    found = session.one(later.path.format(**ids))
    return found.get(later.pick) if isinstance(found, Mapping) else None
