# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Plans of a whole run: each module leaves its own in a folder, and does nothing that was not approved.

A run of many modules is previewed in one job and carried out in another. The environment tells a module of both:
``MAAS_PLAN_FOLDER`` is where plans go, ``MAAS_PLAN_APPROVED`` a file with the digests of what may be done.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import RefusalError

FOLDER = "MAAS_PLAN_FOLDER"
APPROVED = "MAAS_PLAN_APPROVED"
LONG = 2000  # characters of a text that a kept plan shows; of longer ones it tells the digest
MANY = 3  # operations that a refusal names
#: what a template engine on the way would read as its own
_MARKS = ("{{", "{%", "{#")

Operation = Mapping[str, Any]


@dataclass(frozen=True)
class Record:
    """What the environment says. ``approved`` is None where nothing had to be approved.

    ``unseen``: systems that were not there when the plan was made, so that nobody could compare.
    """

    folder: Path | None = None
    approved: frozenset[str] | None = None
    unseen: frozenset[str] = frozenset()

    def wanted(self) -> bool:
        """Whether plans are kept or compared at all."""
        return self.folder is not None or self.approved is not None

    def refuse(self, system: str, plan: Sequence[Operation]) -> None:
        """Raises :class:`RefusalError` for operations that were not approved."""
        if self.approved is None or system in self.unseen:
            return
        strange = [item for item in plan if not {digest(system, item), mark(system, item)} & self.approved]
        if strange:
            names = ", ".join(title(item) for item in strange[:MANY])
            more = f" and {len(strange) - MANY} more" if len(strange) > MANY else ""
            raise RefusalError(
                f"the approved plan does not hold what would be done now: {names}{more}. Something changed since it "
                "was shown: start again with a new preview."
            )

    def keep(self, entry: Mapping[str, Any]) -> None:
        """Leave what a module planned: ``system``, ``where`` (address), ``plan`` (operations)."""
        if self.folder is None:
            return
        operations = [kept(operation) for operation in entry["plan"]]
        name = f"{time.time_ns()}-{os.getpid()}.json"
        text = json.dumps({**entry, "plan": operations}, sort_keys=True, default=str)
        descriptor = os.open(self.folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)


def from_environment(environment: Mapping[str, str]) -> Record:
    """The record that the environment asks for. Raises :class:`OSError`, :class:`RefusalError` for a broken file."""
    folder, file = environment.get(FOLDER), environment.get(APPROVED)
    if not file:
        return Record(Path(folder) if folder else None)
    text = Path(file).read_text(encoding="utf-8")
    try:
        held = json.loads(text)
        operations, unseen = frozenset(held["operations"]), frozenset(held["unseen"])
    except (ValueError, KeyError, TypeError) as error:
        raise RefusalError(f"{APPROVED}: {file} holds no approved plan ({error}).") from None
    return Record(Path(folder) if folder else None, operations, unseen)


def kept(operation: Operation) -> dict[str, Any]:
    """An operation as a kept plan holds it: texts that are long, or that a template engine would read, as digests."""
    return {name: _short(value) for name, value in operation.items()}


def digest(system: str, operation: Operation) -> str:
    """What tells an operation from any other: on what, and from what to what."""
    short = kept(operation)
    parts = [system, *(short.get(name) for name in ("action", "noun", "key", "before", "after"))]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def mark(system: str, operation: Operation) -> str:
    """What stands for an operation that could be named only: its content depends on what the same run makes."""
    return f"{system} {operation.get('action')} {operation.get('noun')} {operation.get('key')}"


def title(operation: Operation) -> str:
    """An operation for people."""
    return f"{operation.get('action')} {operation.get('noun')} '{operation.get('key')}'"


def _short(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _short(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_short(entry) for entry in value]
    if isinstance(value, str) and (len(value) > LONG or any(sign in value for sign in _MARKS)):
        return f"({len(value)} characters, sha256 {hashlib.sha256(value.encode()).hexdigest()[:16]})"
    return value
