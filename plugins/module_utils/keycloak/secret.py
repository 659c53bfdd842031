# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Secrets that stand among Keycloak's attributes and settings, told by their names. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import RefusalError
from ansible_collections.rhai.maas.plugins.module_utils.engine.secrets import HIDDEN, sounds_secret

MASK = "**********"  # what Keycloak shows in place of a secret that it doesn't show


def without_secrets(values: Mapping[str, Any] | None) -> dict[str, Any]:
    """A map of attributes or settings as it may be returned."""
    return {name: value for name, value in (values or {}).items() if not sounds_secret(str(name))}


def found(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Secrets inside of options: where each stands and what it is."""
    if isinstance(value, Mapping):
        for name, entry in value.items():
            inner = f"{place}.{name}" if place else str(name)
            if sounds_secret(str(name)) and isinstance(entry, str):
                yield inner, entry
            else:
                yield from found(entry, inner)
    elif isinstance(value, (list, tuple)):
        for number, entry in enumerate(value):
            yield from found(entry, f"{place}[{number}]")


def refuse_placeholders(options: Mapping[str, Any]) -> None:
    """Refuse what an export or a listing shows in place of a secret. Raises :class:`RefusalError`."""
    for place, value in found(options):
        if value in (HIDDEN, MASK):
            raise RefusalError(
                f"{place}: '{value}' stands for a secret that is not shown. Give the secret, or leave it out."
            )
