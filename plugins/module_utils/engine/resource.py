# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""What a resource is, as data: fields, paths, references, and the changes that a plan is made of.

Pure: imports nothing of Ansible, does no I/O and holds no function: a plan can be written down and read again
(``data``). ``plan`` turns tables of these into changes, ``apply`` sends them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.field import Field, Values, argument_spec

__all__ = [
    "Call",
    "Change",
    "Claim",
    "Field",
    "Find",
    "Later",
    "Plan",
    "Ref",
    "RefusalError",
    "Resource",
    "Told",
    "Values",
    "argument_spec",
]

Claim = tuple[str, ...]  # what it is a value of, and the value


@dataclass(frozen=True)
class Resource:
    """A kind of object below one path of the API.

    ``path`` is the collection without suffix (``/admin/api/services/{product}/metrics``), its braces name parents.
    ``wrapper`` is the key around a request, ``envelope`` around an object in an answer, ``collection`` around a list.
    ``key`` are the options that identify an object below its parents. ``page`` is the page size, 0 for unpaged lists.
    ``exclusive`` are fields whose value only one sibling may hold at a time, each with a value that is free for sure,
    to set an object aside (a format over its present options); ``space`` names the siblings where kinds share them.
    A ``never_empty`` list that has objects, and shall have some, has one all the time. ``since`` is the release that a
    server needs for it.
    """

    noun: str
    path: str
    wrapper: str
    envelope: str
    collection: str
    key: tuple[str, ...]
    fields: Mapping[str, Field]
    page: int = 0
    lane: str = ""
    exclusive: Mapping[str, str] = field(default_factory=dict)
    space: str = ""
    never_empty: bool = False
    since: str = ""

    def attributes(self) -> dict[str, Field]:
        """The fields that the API knows, by option name."""
        return {name: entry for name, entry in self.fields.items() if not entry.local}

    def from_api(self, item: Values) -> dict[str, Any]:
        """An object of the API in terms of options, with its id; absent attributes become None."""
        values = {
            name: entry.from_api(item.get(entry.read_from or entry.api or name))
            for name, entry in self.attributes().items()
            if entry.readable
        }
        values["id"] = item.get("id")
        return values

    def to_api(self, values: Values) -> dict[str, Any]:
        """Options as the API names them."""
        fields = self.fields
        return {fields[n].api or n: fields[n].to_api(value) for n, value in values.items() if n in fields}

    def wrap(self, body: Values) -> Values:
        """A request's body in the wrapper."""
        return {self.wrapper: body} if self.wrapper else body

    def key_of(self, values: Values) -> tuple[Any, ...]:
        """The natural key of an object given in terms of options."""
        return tuple(self.fields[name].normal(values.get(name)) for name in self.key)

    def label(self, values: Values) -> str:
        """The natural key for people."""
        return " ".join(str(values.get(name)) for name in self.key)

    def where(self, values: Values) -> tuple[dict[str, Any], dict[str, str]]:
        """What an answer's item shows of the object of that natural key: values by attribute, and their forms."""
        shown: dict[str, Any] = {}
        forms: dict[str, str] = {}
        for name in self.key:
            entry = self.fields[name]
            attribute = entry.read_from or entry.api or name
            shown[attribute], forms[attribute] = entry.to_api(values.get(name)), entry.form
        return shown, forms

    def secrets(self) -> frozenset[str]:
        """Names of options that are never shown."""
        return frozenset(name for name, entry in self.fields.items() if entry.secret)


@dataclass(eq=False)
class Ref:
    """An object by name: its id is known, comes with the change that makes it, or is looked up at the first use.

    ``told`` is what the server says of it while changes are carried out. A ``secret`` id (a key that is addressed by
    its own value) never stands in an error.
    """

    noun: str
    key: str
    id: Any = None
    find: Find | None = None
    secret: bool = False
    told: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Find:
    """How to look up an object: the list to read and what the wanted item shows.

    ``where`` are the attributes of an item as the API returns it, with the values (or references) that they must have
    in the form of that name (of ``normal.FORMS``, ``same`` unless said otherwise). ``pick`` says which one is the id.
    """

    path: str
    refs: Mapping[str, Ref]
    collection: str
    envelope: str
    where: Mapping[str, Any]
    page: int = 0
    pick: str = "id"
    query: Mapping[str, Any] | None = None
    forms: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """A part of a result: what the server said of an object in this run, else what was known before.

    An ``optional`` one is left out of the result where nothing is known.
    """

    ref: Ref
    name: str
    otherwise: Any = None
    optional: bool = False


@dataclass(frozen=True)
class Later:
    """A part of a result that is read when the changes are carried out; None where what it names isn't there."""

    path: str
    refs: Mapping[str, Ref]
    pick: str


@dataclass(frozen=True)
class Call:
    """A request whose path and body may hold references that are resolved when it is sent.

    ``path`` braces are filled from ``refs``. ``body`` is sent as JSON, or as multipart when ``files`` are given:
    ``{"attachment": (file name, bytes)}``. ``server`` names another server of the run than the one that writes.
    """

    method: str
    path: str
    refs: Mapping[str, Ref] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    envelope: str = ""
    files: Mapping[str, tuple[str, bytes]] | None = None
    server: str = ""


@dataclass(eq=False)
class Change:
    """One thing that has to happen: what, to which object, from what to what, and the call that does it.

    ``before`` and ``after`` hold only what differs, in terms of options. ``needs`` are changes that come first, beside
    those that make a referenced object. Changes of one ``lane`` run one after the other in the plan's order.
    ``find`` looks up what an interrupted creation may have left, and what a deletion answered by 404 did not reach.
    ``already`` lists answers (status, text in the reasons) that mean "done before", ``repeat`` statuses that pass by
    themselves. ``task`` replaces ``call`` where one request isn't enough: the name of an executor, which gets ``data``.
    ``learn`` is told the object that the server answers. ``quiet`` changes are technical: they are applied, but neither
    shown nor counted as a change.

    ``order`` reads the rest. ``claims`` and ``releases`` are values that only one sibling may hold, ``group`` names the
    list of siblings, ``aside`` is what lets go of ``releases`` early where changes wait for each other in a circle.
    ``tolerate`` lists answers that mean "not yet": the object stays, with a warning, and the rest goes on.
    ``unlisted`` is the number of siblings among which this one is removed because nobody listed it (0: it was named).
    """

    action: str
    noun: str
    key: str
    before: Values | None = None
    after: Values | None = None
    call: Call | None = None
    ref: Ref | None = None
    needs: list[Change] = field(default_factory=list)
    lane: str = ""
    find: Find | None = None
    already: Sequence[tuple[int, str]] = ()
    repeat: Sequence[int] = ()
    task: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    learn: Ref | None = None
    secrets: frozenset[str] = frozenset()
    quiet: bool = False
    claims: tuple[Claim, ...] = ()
    releases: tuple[Claim, ...] = ()
    group: str = ""
    aside: Change | None = None
    tolerate: Sequence[tuple[int, str]] = ()
    unlisted: int = 0


@dataclass
class Plan:
    """All changes of a run, in the order in which they are shown, and what the module returns afterwards.

    In ``result`` a reference stands for its id, ``Told`` and ``Later`` for what is known at the end.
    """

    changes: list[Change] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    result: Mapping[str, Any] = field(default_factory=dict)

    def shown(self) -> list[Change]:
        """The changes that count: everything but the technical steps."""
        return [change for change in self.changes if not change.quiet]


class RefusalError(Exception):
    """The wanted state can't be right, or must not be reached without more words from the user.

    Raised before the first write. The message names the option and says what would be right.
    """
