# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""What an option of a resource is, as data. Pure: imports nothing of Ansible, holds no function."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.normal import ALIKE, FORMS
from ansible_collections.rhai.maas.plugins.module_utils.engine.shape import SHAPES

Values = Mapping[str, Any]
SHOWN = 60  # characters of a value in an error


@dataclass(frozen=True)
class Field:
    """One option of a module and, unless ``local``, the attribute of the API behind it.

    ``form`` names the form (of ``normal.FORMS``) in which a wanted and a present value are compared.
    ``readable=False`` marks what the server never returns: it is sent on creation and not compared. ``local`` options
    steer the module (state, children). A creation gets ``initial``, or the value of the option ``initial_from``, where
    the user gave none; ``new`` is what a new object has anyway (not sent). ``api`` is the attribute's name in requests
    and answers, ``read_from`` its name in answers where that is another one. ``sent`` are the API's words for values,
    ``told`` the values behind the words of answers (those of ``sent`` unless said otherwise). ``since`` is the release
    that a server needs for it; before ``lost_before`` a request that leaves it out resets it.
    ``shape`` names what the server takes for a value (of ``shape.SHAPES``), ``keys`` are all it keeps of a mapping.
    ``counts_with`` is another option with the values of it that this one needs: elsewhere the server neither uses nor
    shows this one, so that it could not be compared.
    """

    type: str = "str"
    required: bool = False
    choices: tuple[str, ...] = ()
    default: Any = None
    elements: str = ""
    options: Mapping[str, Field] | None = None
    api: str = ""
    form: str = "same"
    create_only: bool = False
    secret: bool = False
    harmless: bool = False
    readable: bool = True
    local: bool = False
    initial: Any = None
    initial_from: str = ""
    sent: Mapping[Any, Any] = field(default_factory=dict)
    told: Mapping[Any, Any] = field(default_factory=dict)
    read_from: str = ""
    new: Any = None
    since: str = ""
    lost_before: str = ""
    shape: str = ""
    keys: tuple[str, ...] = ()
    counts_with: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.form not in FORMS:
            raise ValueError(f"there is no form '{self.form}'; there are {', '.join(FORMS)}")
        if self.shape and self.shape not in SHAPES:
            raise ValueError(f"there is no shape '{self.shape}'; there are {', '.join(SHAPES)}")

    def normal(self, value: Any) -> Any:
        """A value in the form in which it is compared; a mapping with options of its own by the API's names."""
        if self.options is not None and isinstance(value, Mapping):
            value = {
                (self.options[name].api or name if name in self.options else name): entry
                for name, entry in value.items()
                if entry is not None
            }
        return FORMS[self.form](value)

    def differs(self, wanted: Any, present: Any) -> bool:
        """Whether a wanted value is another one than the present."""
        alike = ALIKE.get(self.form)
        if alike is not None:
            return not alike(wanted, present)
        return bool(self.normal(wanted) != self.normal(present))

    def fault(self, value: Any) -> str:
        """Why the server would not keep a value, as the end of a sentence; "" where it would. Secrets aren't told."""
        if isinstance(value, Mapping):
            others = [str(key) for key in value if self.keys and key not in self.keys]
            return f"there is no '{others[0]}'; there are {', '.join(self.keys)}." if others else ""
        fault = SHAPES[self.shape].fault(value) if self.shape else ""
        if not fault or self.secret or not str(value).strip():
            return fault
        shown = str(value) if len(str(value)) <= SHOWN else f"{str(value)[:SHOWN]}…"
        return f"'{shown}' {fault}"

    def counts(self, around: Values) -> bool:
        """Whether this option counts beside the others."""
        return not self.counts_with or around.get(self.counts_with[0]) in self.counts_with[1:]

    def first(self, wanted: Values) -> Any:
        """The value for a creation where the user gave none."""
        return wanted.get(self.initial_from) if self.initial_from else self.initial

    def to_api(self, value: Any) -> Any:
        """A value in the API's words."""
        return self.sent.get(value, value) if self.sent else value

    def from_api(self, value: Any) -> Any:
        """What an answer tells, as the option has it: a mapping with options of its own by their names, no secrets."""
        if self.options is not None and self.type == "dict":
            names = {entry.api or name: name for name, entry in self.options.items()}
            hidden = {entry.api or name for name, entry in self.options.items() if entry.secret}
            return {names.get(name, name): entry for name, entry in (value or {}).items() if name not in hidden}
        words = self.told or {word: own for own, word in self.sent.items()}
        return words.get(value, value) if words else value

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
