# SPDX-License-Identifier: GPL-3.0-or-later
"""The secrets among a row's options: found by the modules' own tables, not by a list of names.

Where an option is a map or document of any content, no table says what is secret in it: rows write such a value with
:func:`planted`, so that it is found by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.cases import Options
from tests.cases.specs import Fields, options_of

MARK = "planted-"


def planted(name: str) -> str:
    """A value that stands nowhere else; to be given under a name that tells a secret."""
    return f"{MARK}{name}-0123456789"


def secrets_of(module: str, options: Options) -> list[str]:
    """The secrets among a module's options; of an address with a login the password too."""
    found = list(_secret(options_of(module), options))
    return [*found, *filter(None, (_password(text) for text in found if "://" in text))]


def _secret(fields: Fields, options: Mapping[str, Any]) -> Iterator[str]:
    for name, value in options.items():
        entry = fields.get(name)
        if entry is not None and entry.secret:
            yield from texts(value)
        elif entry is not None and entry.options:
            for item in value if isinstance(value, (list, tuple)) else [value]:
                yield from _secret(entry.options, item)
        else:
            yield from (text for text in texts(value) if text.startswith(MARK))


def texts(value: Any) -> Iterator[str]:
    """All texts inside of a value, names apart."""
    if isinstance(value, str) and value:
        yield value
    elif isinstance(value, Mapping):
        for entry in value.values():
            yield from texts(entry)
    elif isinstance(value, (list, tuple)):
        for entry in value:
            yield from texts(entry)


def _password(address: str) -> str:
    return address.partition("://")[2].rpartition("@")[0].rpartition(":")[2]


def secret_places(fields: Fields, place: str = "") -> Iterator[tuple[str, ...]]:
    """Where a module takes secrets, such as ``("proxy", "secret_token")``."""
    for name, entry in fields.items():
        if entry.secret:
            yield (*place.split("."), name) if place else (name,)
        elif entry.options:
            yield from secret_places(entry.options, f"{place}.{name}" if place else name)


def at(options: Any, place: tuple[str, ...]) -> Iterator[str]:
    """The texts that options have at a place, through lists."""
    if not place:
        yield from texts(options)
    elif isinstance(options, (list, tuple)):
        for item in options:
            yield from at(item, place)
    elif isinstance(options, Mapping) and place[0] in options:
        yield from at(options[place[0]], place[1:])
