# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Normal forms in which wanted and present values are compared. Each maps None (absent in JSON) to the empty form.

Tables name them as :data:`FORMS` does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Callable
from urllib.parse import urlsplit, urlunsplit

_PORTS = {"http": 80, "https": 443}


def text(value: Any) -> str:
    """Text with unix line ends and without trailing white space; None is empty."""
    return "" if value is None else str(value).replace("\r\n", "\n").rstrip()


def exact(value: Any) -> str:
    """Text as it is, but for line ends: templates keep their trailing newline."""
    return "" if value is None else str(value).replace("\r\n", "\n")


def flag(value: Any) -> bool:
    """A boolean; null and absent count as false, as the server treats them."""
    return value if isinstance(value, bool) else str(value).lower() in ("true", "1", "yes")


def whole(value: Any) -> int:
    """A whole number; absent is 0, decimals are cut as the server does."""
    return 0 if value in (None, "") else int(float(value))


def optional_whole(value: Any) -> int | None:
    """A whole number or nothing at all (an open end)."""
    return None if value in (None, "") else int(float(value))


def money(value: Any) -> str:
    """An amount rounded half up to four decimals, as the server keeps it: 20, "20.0" and 20.0 are the same."""
    try:
        amount = Decimal(str(0 if value in (None, "") else value)).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    except InvalidOperation:
        return str(value)
    return format(amount.normalize() if amount else Decimal(0), "f")


def url(value: Any) -> str:
    """An address with its port written out: the server stores ``https://h/p`` as ``https://h:443/p``."""
    raw = text(value)
    try:
        parts = urlsplit(raw)
        port = parts.port
    except ValueError:
        return raw
    if not parts.hostname or port or parts.scheme not in _PORTS:
        return raw
    login = parts.netloc.rpartition("@")[0]
    host = parts.netloc.rpartition("@")[2]
    place = f"{login}@{host}" if login else host
    return urlunsplit((parts.scheme, f"{place}:{_PORTS[parts.scheme]}", parts.path, parts.query, parts.fragment))


def path(value: Any) -> str:
    """A path with a leading and without a trailing slash; empty is ``/``."""
    return "/" + text(value).strip("/")


def page_path(value: Any) -> str:
    """The path of a portal page: one leading slash, no trailing ones, inner ones kept."""
    return "/" + text(value).strip("/")


def document(value: Any) -> Any:
    """A JSON document, parsed where it is text, so that spaces and key order don't count."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def notes_alike(wanted: Any, present: Any) -> bool:
    """Whether annotations are as wanted: they are merged, a blank one means "remove", others stay."""
    return all(str((present or {}).get(key) or "") == str(value or "") for key, value in (wanted or {}).items())


def members(value: Any) -> list[Any]:
    """A list whose order doesn't count."""
    return sorted(value or [], key=str)


def bare_name(value: Any) -> str:
    """A backend's metric without the ``.<backend id>`` that the server appends."""
    return re.sub(r"\.\d+$", "", text(value))


def snake(value: Any) -> str:
    """``ApplicationPlan`` and ``application_plan`` alike."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", text(value)).lower()


def same(value: Any) -> Any:
    """The form of a value that needs none."""
    return value


def small(value: Any) -> str:
    """Text in small letters."""
    return text(value).lower()


def texts(value: Any) -> dict[str, str]:
    """A map of settings that the server keeps as texts, ``true`` and ``false`` in small letters; None is empty."""
    return {str(name): setting(entry) for name, entry in (value or {}).items()}


def setting(value: Any) -> str:
    """One value of such a map."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def joined_texts(value: Any) -> dict[str, str]:
    """A map of texts in which several values of one name are one text, with ``##`` between them."""
    listed = {name: "##".join(map(setting, entry)) for name, entry in (value or {}).items() if isinstance(entry, list)}
    return texts({**(value or {}), **listed})


def text_lists(value: Any) -> dict[str, list[str]]:
    """A map that has a list of texts for each name."""
    return {
        str(name): [setting(item) for item in (entry if isinstance(entry, (list, tuple)) else [entry])]
        for name, entry in (value or {}).items()
    }


def once(value: Any) -> list[Any]:
    """A list whose order and repetitions don't count."""
    return members(set(value or []))


def plain_texts(value: Any) -> list[str]:
    """A list of texts in its order."""
    return [str(entry) for entry in value or []]


FORMS: Mapping[str, Callable[[Any], Any]] = {
    form.__name__: form
    for form in (
        *(same, text, small, exact, flag, whole, optional_whole, money, url, path, page_path, document, bare_name),
        *(snake, members, once, plain_texts, texts, joined_texts, text_lists),
    )
} | {"notes": same}
#: forms in which values are compared otherwise than by being equal
ALIKE: Mapping[str, Callable[[Any, Any], bool]] = {"notes": notes_alike}
