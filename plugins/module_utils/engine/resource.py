# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""What a resource is, as data: fields, paths, references, and the changes that a plan is made of.

Pure: imports nothing of Ansible and does no I/O. ``plan`` turns tables of these into changes, ``apply`` sends them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable

Values = Mapping[str, Any]
Claim = tuple[str, ...]  # what it is a value of, and the value


def same(value: Any) -> Any:
    """The normal form of a value that needs none."""
    return value


@dataclass(frozen=True)
class Field:
    """One option of a module and, unless ``local``, the attribute of the API behind it.

    ``normal`` brings a wanted and a present value into one form before they are compared. ``readable=False`` marks what
    the server never returns: it is sent on creation and not compared. ``local`` options steer the module (state,
    children). ``initial`` gives the value for a creation where the user gave none, ``new`` is what a new object has
    anyway (not sent). ``alike`` compares in place of ``normal`` where a value isn't replaced as a whole.
    ``write`` and ``read`` translate to and from the API's form.
    """

    type: str = "str"
    required: bool = False
    choices: tuple[str, ...] = ()
    default: Any = None
    elements: str = ""
    options: Mapping[str, Field] | None = None
    api: str = ""
    normal: Callable[[Any], Any] = same
    create_only: bool = False
    secret: bool = False
    harmless: bool = False
    readable: bool = True
    local: bool = False
    initial: Callable[[Values], Any] | None = None
    write: Callable[[Any], Any] = same
    read: Callable[[Values], Any] | None = None
    new: Any = None
    alike: Callable[[Any, Any], bool] | None = None

    def differs(self, wanted: Any, present: Any) -> bool:
        """Whether a wanted value is another one than the present."""
        if self.alike is not None:
            return not self.alike(wanted, present)
        return bool(self.normal(wanted) != self.normal(present))

    def spec(self) -> dict[str, Any]:
        """This option as an entry of Ansible's argument spec."""
        spec: dict[str, Any] = {"type": self.type}
        if self.required:
            spec["required"] = True
        if self.choices:
            spec["choices"] = list(self.choices)
        if self.default is not None:
            spec["default"] = self.default
        if self.elements:
            spec["elements"] = self.elements
        if self.options is not None:
            spec["options"] = argument_spec(self.options)
        if self.secret or self.harmless:
            spec["no_log"] = self.secret
        return spec


def argument_spec(fields: Mapping[str, Field]) -> dict[str, Any]:
    """Ansible's argument spec of a table of fields."""
    return {name: entry.spec() for name, entry in fields.items()}


@dataclass(frozen=True)
class Resource:
    """A kind of object below one path of the API.

    ``path`` is the collection without suffix (``/admin/api/services/{product}/metrics``), its braces name parents.
    ``wrapper`` is the key around a request, ``envelope`` around an object in an answer, ``collection`` around a list.
    ``key`` are the options that identify an object below its parents. ``page`` is the page size, 0 for unpaged lists.
    ``exclusive`` are fields whose value only one sibling may hold at a time, each with a value that is free for sure,
    to set an object aside (a format over its present options); ``space`` names the siblings where kinds share them.
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

    def attributes(self) -> dict[str, Field]:
        """The fields that the API knows, by option name."""
        return {name: entry for name, entry in self.fields.items() if not entry.local}

    def from_api(self, item: Values) -> dict[str, Any]:
        """An object of the API in terms of options, with its id; absent attributes become None."""
        values = {
            name: entry.read(item) if entry.read else item.get(entry.api or name)
            for name, entry in self.attributes().items()
            if entry.readable
        }
        values["id"] = item.get("id")
        return values

    def to_api(self, values: Values) -> dict[str, Any]:
        """Options as the API names them."""
        fields = self.fields
        return {fields[name].api or name: fields[name].write(value) for name, value in values.items() if name in fields}

    def wrap(self, body: Values) -> Values:
        """A request's body in the wrapper."""
        return {self.wrapper: body} if self.wrapper else body

    def key_of(self, values: Values) -> tuple[Any, ...]:
        """The natural key of an object given in terms of options."""
        return tuple(self.fields[name].normal(values.get(name)) for name in self.key)

    def label(self, values: Values) -> str:
        """The natural key for people."""
        return " ".join(str(values.get(name)) for name in self.key)

    def secrets(self) -> frozenset[str]:
        """Names of options that are never shown."""
        return frozenset(name for name, entry in self.fields.items() if entry.secret)


@dataclass(eq=False)
class Ref:
    """An object by name: its id is known, comes with the change that makes it, or is looked up at the first use.

    A ``secret`` id (a key that is addressed by its own value) never stands in an error.
    """

    noun: str
    key: str
    id: Any = None
    find: Find | None = None
    secret: bool = False


@dataclass(frozen=True)
class Find:
    """How to look up an object: the list to read and what the wanted item looks like.

    ``match`` gets an item as the API returns it. ``pick`` says which attribute is the id.
    """

    path: str
    refs: Mapping[str, Ref]
    collection: str
    envelope: str
    match: Callable[[Values], bool]
    page: int = 0
    pick: str = "id"
    query: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Call:
    """A request whose path and body may hold references that are resolved when it is sent.

    ``path`` braces are filled from ``refs``. ``body`` is sent as JSON, or as multipart when ``files`` are given:
    ``{"attachment": (file name, bytes)}``.
    """

    method: str
    path: str
    refs: Mapping[str, Ref] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    envelope: str = ""
    files: Mapping[str, tuple[str, bytes]] | None = None


@dataclass(eq=False)
class Change:
    """One thing that has to happen: what, to which object, from what to what, and the call that does it.

    ``before`` and ``after`` hold only what differs, in terms of options. ``needs`` are changes that come first, beside
    those that make a referenced object. Changes of one ``lane`` run one after the other in the plan's order.
    ``find`` looks up what an interrupted creation may have left, and what a deletion answered by 404 did not reach.
    ``already`` lists answers (status, text in the
    reasons) that mean "done before", ``repeat`` statuses that pass by themselves. ``step`` replaces ``call`` where one
    request isn't enough, ``learn`` gets the object that the server answers. ``quiet`` changes are technical: they are
    applied, but neither shown nor counted as a change.

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
    step: Callable[[Any], None] | None = None
    learn: Callable[[Values], None] | None = None
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
    """All changes of a run, in the order in which they are shown, and what the module returns afterwards."""

    changes: list[Change] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    result: Callable[[], dict[str, Any]] = dict

    def shown(self) -> list[Change]:
        """The changes that count: everything but the technical steps."""
        return [change for change in self.changes if not change.quiet]


class RefusalError(Exception):
    """The wanted state can't be right, or must not be reached without more words from the user.

    Raised before the first write. The message names the option and says what would be right.
    """
