# SPDX-License-Identifier: GPL-3.0-or-later
"""Each option of a module by itself, given twice: what changes the second time is no option that can be kept.

So comes to light what the server drops, hides, or keeps in other words; and what counts only beside another option.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import requests

from ansible_collections.rhai.maas.plugins.module_utils.engine.field import Field
from tests.cases import Options, Row
from tests.cases.specs import alone, options_of, table, values
from tests.support.place import Place, TenantPlace

#: Options that steer a run, or take the object away: the table of phases tries them.
STEERING = ("state", "force", "prune", "keep_unlisted", "smoke", "older", "generation")
#: Options by which an object that is never removed is found.
NAMING = ("url", "portal_url", "path", "master_url", "master_token")
#: Options after which many others mean something else: the object is made anew.
TURNING = ("deployment_option", "backend_version")


def named(row: Row) -> Options:
    """The options that say which object is meant."""
    if row.gone is None:
        return {name: value for name, value in row.make.items() if name in NAMING}
    return {name: value for name, value in row.gone.items() if name not in ("state", "force")}


def cases(row: Row, tried: Callable[[str, Field], list[Any]] = values) -> Iterator[tuple[str, Options]]:
    """Each option beside those that name the object, and its place."""
    found, key = table(row.module), named(row)
    if not found.single or found.single not in row.make:
        fields = {name: entry for name, entry in options_of(row.module).items() if name != found.single}
        yield from ((place, {**key, **given}) for place, given in alone(fields, row.make, (*STEERING, *key), tried))
        return
    fields, item = found.options[found.single].options or {}, row.make[found.single][0]
    around = {name: value for name, value in key.items() if name != found.single}
    first = {name: value for name, value in key[found.single][0].items() if name not in ("state", "force")}
    first.update({name: item[name] for name, entry in fields.items() if entry.required and name in item})
    for place, given in alone(fields, item, (*STEERING, *first), tried):
        yield place, {**around, found.single: [{**first, **given}]}


def given_twice(place: Place, row: Row) -> Iterator[tuple[str, str]]:
    """The place of each option, and what is wrong with it; nothing, where it may be given twice or is refused."""
    place.prepare((*row.given, (row.module, row.make)))
    for option, options in cases(row):
        wrong = _twice(place, row, options)
        yield option, wrong
        if wrong or option.rpartition(".")[2] in TURNING:
            _anew(place, row)


def _twice(place: Place, row: Row, options: Options) -> str:
    first = place.run((row.module, options)).data
    if first.get("failed"):
        return ""
    place.line.expect(None)
    again = place.run((row.module, options)).data
    if again.get("changed") or again.get("failed") or place.line.writes:
        given = {name: value for name, value in options.items() if name not in named(row) or isinstance(value, list)}
        return f"given twice, {given}: {again.get('msg') or again.get('changes')}"
    return ""


def _anew(place: Place, row: Row) -> None:
    if row.gone is not None:
        place.prepare(((row.module, row.gone),))
        if isinstance(place, TenantPlace):  # a name stays taken for a while
            requests.post(f"{place.standin.url}/_sandbox/purge", timeout=30).raise_for_status()
    place.prepare((*row.given, (row.module, row.make)))
