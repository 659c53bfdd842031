# SPDX-License-Identifier: GPL-3.0-or-later
"""Odd values for each option and odd names for each object: kept and unchanged by a second run, or refused by name.

What only the server refuses is wrong too: by then something else may have been written.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.cases import Options, Row
from tests.cases.odd import renamed, values
from tests.cases.specs import options_of
from tests.faults.alone import cases
from tests.support.place import Place

TAKEN = "already been taken"  # only the server knows what somebody else holds
#: What Ansible itself says of a value of the wrong type, in its own words.
ANSIBLES = ("argument ", "Elements value", "value of ", "unable to ")


def odd_values(place: Place, row: Row) -> Iterator[tuple[str, str]]:
    """The place of each option and name, and what is wrong with an odd value there; nothing, where all is well."""
    place.prepare((*row.given, (row.module, row.make)))
    for option, options in cases(row, values):
        yield option, _kept_or_refused(place, row, options)
    for path, name, options in renamed(options_of(row.module), row.make):
        if path[-1] != "realm":
            yield ".".join(map(str, path)), _kept_or_refused(place, row, options, f"{name!r:.40}")


def _kept_or_refused(place: Place, row: Row, options: Options, shown: str = "") -> str:
    place.line.expect(None)
    first = place.run((row.module, options))
    shown = shown or f"{options!r}"[-200:]
    if "Traceback" in first.output or first.stderr:
        return f"{shown}: a traceback: {first.output[-1000:]}"
    if first.data.get("failed"):
        return _refused(place, first.data, shown)
    place.line.expect(None)
    again = place.run((row.module, options)).data
    if again.get("changed") or again.get("failed") or place.line.writes:
        return f"{shown}: given twice: {again.get('msg') or again.get('changes')}"
    return ""


def _refused(place: Place, data: dict[str, Any], shown: str) -> str:
    said = str(data["msg"])
    if (place.line.writes or data.get("status")) and TAKEN not in said:
        return f"{shown}: refused by the server only: {said}"
    if "\n" in said and not said.startswith(ANSIBLES):
        return f"{shown}: not one sentence: {said}"
    return ""
