# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Changes written down as data that JSON can hold, and read again. Pure.

References stay what they are: the same one in two changes is one entry of the list of references. What is written is
whole, secrets included: it is for carrying out, not for showing (``show.operations`` is).
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Call, Change, Find, Later, Ref, Told

_KINDS: Mapping[str, type] = {kind.__name__: kind for kind in (Ref, Find, Call, Change, Told, Later)}
_SHARED = (Ref, Change)  # which have an identity of their own


def written(changes: Sequence[Change]) -> dict[str, Any]:
    """``{"changes": [place …], "objects": [{"kind": …} …]}``: what is shared stands once. Raises TypeError else."""
    writer = _Writer()
    return {"changes": [writer.plain(change)["is"] for change in changes], "objects": writer.objects}


def read(plan: Mapping[str, Any]) -> list[Change]:
    """The changes of a plan that was written."""
    reader = _Reader(plan["objects"])
    return [reader.shared(place) for place in plan["changes"]]


class _Writer:
    def __init__(self) -> None:
        self.objects: list[dict[str, Any]] = []
        self._places: dict[int, int] = {}

    def plain(self, value: Any) -> Any:
        if value is None or isinstance(value, (bool, int, float, str)):
            return value
        if isinstance(value, (bytes, bytearray)):
            return {"bytes": base64.b64encode(value).decode("ascii")}
        if isinstance(value, _SHARED):
            return {"is": self._place(value)}
        if type(value).__name__ in _KINDS:
            return {"kind": type(value).__name__, **dict(self._parts(value))}
        if isinstance(value, Mapping):
            return {"map": [[self.plain(name), self.plain(entry)] for name, entry in value.items()]}
        if isinstance(value, (list, tuple)):
            return [self.plain(entry) for entry in value]
        if isinstance(value, (set, frozenset)):
            return {"set": sorted(value)}
        raise TypeError(f"{value!r} is no data")

    def _place(self, value: Any) -> int:
        if id(value) not in self._places:
            self._places[id(value)] = len(self.objects)
            entry: dict[str, Any] = {"kind": type(value).__name__}
            self.objects.append(entry)
            entry.update(self._parts(value))
        return self._places[id(value)]

    def _parts(self, value: Any) -> Iterator[tuple[str, Any]]:
        for part in fields(value):
            yield part.name, self.plain(getattr(value, part.name))


class _Reader:
    def __init__(self, objects: Sequence[Mapping[str, Any]]) -> None:
        self._objects = objects
        self._made: dict[int, Any] = {}

    def shared(self, place: int) -> Any:
        if place not in self._made:
            entry = self._objects[place]
            made: Any = object.__new__(_KINDS[entry["kind"]])
            self._made[place] = made
            for name, value in entry.items():
                if name != "kind":
                    setattr(made, name, self._value(value))
        return self._made[place]

    def _value(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._value(entry) for entry in value]
        if not isinstance(value, Mapping):
            return value
        if "kind" in value:
            return _KINDS[value["kind"]](**{n: self._value(entry) for n, entry in value.items() if n != "kind"})
        if "is" in value:
            return self.shared(value["is"])
        if "bytes" in value:
            return base64.b64decode(value["bytes"])
        if "set" in value:
            return frozenset(value["set"])
        return {self._value(name): self._value(entry) for name, entry in value["map"]}
