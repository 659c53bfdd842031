# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Fields that a tenant has defined for accounts, users and applications, and annotations.

What isn't defined is dropped by the server without a word (``docs/threescale-behaviour.md#defined-fields``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine import normal
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import RefusalError, Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session

ACCOUNT, USER, APPLICATION = "Account", "User", "Cinstance"
_NOUNS = {ACCOUNT: "accounts", USER: "users", APPLICATION: "applications"}
_ANNOTATIONS = ("managed_by",)


def definitions(session: Session, target: str) -> dict[str, Values]:
    """The definitions of one kind of object by name."""
    rows = session.rows("/admin/api/fields_definitions.json", "fields_definitions", "fields_definition")
    return {str(row["name"]): row for row in rows if row.get("target") == target}


def check_fields(
    fields: Mapping[str, Any] | None, defined: Mapping[str, Values], target: str, own: Iterable[str], option: str
) -> None:
    """Refuse fields that are not defined, or that are options by themselves. Raises :class:`RefusalError`."""
    for name in fields or {}:
        if name in own:
            raise RefusalError(f"{option}.{name}: is an option by itself; give it beside 'fields'.")
        if name not in defined:
            there = ", ".join(sorted(set(defined) - set(own))) or "none"
            raise RefusalError(
                f"{option}.{name}: the tenant has no such field for {_NOUNS[target]}, and the server would drop the "
                f"value without a word. Defined are: {there}. Correct the name, or define the field first "
                "(Audience > Accounts > Settings > Fields Definitions)."
            )


def written(fields: Mapping[str, Any] | None) -> dict[str, Any]:
    """Values as the server keeps them: texts."""
    return {name: _text(value) for name, value in (fields or {}).items()}


def differing(fields: Mapping[str, Any] | None, present: Values) -> dict[str, Any]:
    """The fields whose values are other ones than the present."""
    return {name: value for name, value in written(fields).items() if not _alike(name, value, present.get(name))}


def check_annotations(annotations: Mapping[str, Any] | None, option: str) -> None:
    """Refuse annotations that the server doesn't take. Raises :class:`RefusalError`."""
    for name in annotations or {}:
        if name not in _ANNOTATIONS:
            raise RefusalError(
                f"{option}.annotations.{name}: 3scale keeps the annotation {', '.join(_ANNOTATIONS)} alone. Remove "
                "the others."
            )


def check_all_annotations(wanted: Iterable[Values], option: str) -> None:
    """As :func:`check_annotations`, for a list of objects."""
    for place, item in enumerate(wanted):
        check_annotations(item.get("annotations"), f"{option}[{place}]")


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return [_text(entry) for entry in value]
    return value if value is None or isinstance(value, dict) else str(value)


def _alike(name: str, wanted: Any, present: Any) -> bool:
    if isinstance(wanted, (list, dict)):
        return bool(wanted == (present or type(wanted)()))
    if name == "vat_rate":  # the only number among them
        return normal.money(wanted) == normal.money(present)
    return normal.text(wanted) == normal.text(_text(present))
