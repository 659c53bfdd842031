# SPDX-License-Identifier: GPL-3.0-or-later
"""The language's own filters of text and dates, as version 3.0.6 has them (unknown later ones do nothing)."""

from __future__ import annotations

import datetime
import re
import urllib.parse
from collections.abc import Callable
from typing import Any

from dateutil import parser as date_parser

from .values import SafeText, TemplateError, class_name, escape, integer, to_s

_ESCAPE_ONCE = re.compile(r"[\"><']|&(?!([a-zA-Z]+|(#\d+));)")


def downcase(value: Any) -> str:
    """Small letters."""
    return to_s(value).lower()


def upcase(value: Any) -> str:
    """Capital letters."""
    return to_s(value).upper()


def capitalize(value: Any) -> str:
    """The first letter large, the rest small."""
    return to_s(value).capitalize()


def escape_filter(value: Any) -> Any:
    """Text with entities; it is plain text again, so printing it escapes once more."""
    return escape(value) if isinstance(value, str) else value


def escape_once(value: Any) -> str:
    """Entities for what is not an entity already."""
    return _ESCAPE_ONCE.sub(lambda match: escape(match.group()), to_s(value))


def url_encode(value: Any) -> Any:
    """Text for a query: blanks become +."""
    return urllib.parse.quote_plus(value, safe="-._") if isinstance(value, str) else value


def truncate(value: Any, length: Any = 50, ellipsis: Any = "...") -> Any:
    """At most LENGTH characters, the ellipsis counted."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise TemplateError(f"undefined method `length' for {to_s(value)}:{class_name(value)}")
    keep = max(integer(length) - len(to_s(ellipsis)), 0)
    return value[:keep] + to_s(ellipsis) if len(value) > integer(length) else value


def truncatewords(value: Any, words: Any = 15, ellipsis: Any = "...") -> Any:
    """At most WORDS words."""
    if value is None:
        return None
    found, keep = to_s(value).split(), max(integer(words) - 1, 0)
    return " ".join(found[: keep + 1]) + to_s(ellipsis) if len(found) > keep else value


def split(value: Any, pattern: Any) -> list[str]:
    """Pieces between the pattern; empty ones at the end are left out."""
    text, glue = to_s(value), to_s(pattern)
    if glue == " ":
        return text.split()
    pieces = list(text) if glue == "" else text.split(glue)
    while pieces and not pieces[-1]:
        pieces.pop()
    return pieces


def strip(value: Any) -> str:
    """Without white space at both ends."""
    return to_s(value).strip()


def lstrip(value: Any) -> str:
    """Without white space at the start."""
    return to_s(value).lstrip()


def rstrip(value: Any) -> str:
    """Without white space at the end."""
    return to_s(value).rstrip()


def strip_html(value: Any) -> str:
    """Without tags, scripts, styles and comments."""
    text = to_s(value)
    for pattern in (r"<script.*?</script>", r"<!--.*?-->", r"<style.*?</style>", r"<.*?>"):
        text = re.sub(pattern, "", text, flags=re.S)
    return text


def strip_newlines(value: Any) -> str:
    """Without line ends."""
    return re.sub(r"\r?\n", "", to_s(value))


def newline_to_br(value: Any) -> str:
    """`<br />` before each line end."""
    return to_s(value).replace("\n", "<br />\n")


def _pattern(value: Any) -> str:
    if not isinstance(value, str):
        raise TemplateError(f"wrong argument type {class_name(value)} (expected Regexp)")
    return value


def replace(value: Any, string: Any, replacement: Any = "") -> str:
    """Every occurrence replaced."""
    return to_s(value).replace(_pattern(string), to_s(replacement))


def replace_first(value: Any, string: Any, replacement: Any = "") -> str:
    """The first occurrence replaced."""
    return to_s(value).replace(_pattern(string), to_s(replacement), 1)


def remove(value: Any, string: Any) -> str:
    """Every occurrence taken out."""
    return to_s(value).replace(_pattern(string), "")


def remove_first(value: Any, string: Any) -> str:
    """The first occurrence taken out."""
    return to_s(value).replace(_pattern(string), "", 1)


def append(value: Any, string: Any) -> str:
    """Text put behind; what is put behind safe text is escaped, and the whole stays safe."""
    if isinstance(value, SafeText):
        return SafeText(str(value) + (string if isinstance(string, SafeText) else escape(to_s(string))))
    return to_s(value) + to_s(string)


def prepend(value: Any, string: Any) -> str:
    """Text put before; safe text put before keeps the whole safe."""
    return append(string if isinstance(string, str) else to_s(string), value)


def date(value: Any, pattern: Any) -> Any:
    """A time by a strftime pattern; what is no time stays as it is."""
    moment = _moment(value) if to_s(pattern) else None
    return value if moment is None else moment.strftime(to_s(pattern))


def _moment(value: Any) -> datetime.date | None:
    if isinstance(value, datetime.date):
        return value
    if value in ("now", "today"):
        return datetime.datetime.now(datetime.UTC)
    if (isinstance(value, str) and re.fullmatch(r"\d+", value)) or (
        isinstance(value, int) and not isinstance(value, bool)
    ):
        return datetime.datetime.fromtimestamp(int(value), datetime.UTC)
    if not isinstance(value, str):
        strftime = getattr(value, "moment", None)
        found: datetime.date | None = strftime() if strftime else None
        return found
    midnight = datetime.datetime.now(datetime.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        parsed: datetime.date = date_parser.parse(value, default=midnight)
    except (ValueError, OverflowError):
        return None
    return parsed


FILTERS: dict[str, Callable[..., Any]] = {
    "downcase": downcase,
    "upcase": upcase,
    "capitalize": capitalize,
    "escape": escape_filter,
    "h": escape_filter,
    "escape_once": escape_once,
    "url_encode": url_encode,
    "truncate": truncate,
    "truncatewords": truncatewords,
    "split": split,
    "strip": strip,
    "lstrip": lstrip,
    "rstrip": rstrip,
    "strip_html": strip_html,
    "strip_newlines": strip_newlines,
    "newline_to_br": newline_to_br,
    "replace": replace,
    "replace_first": replace_first,
    "remove": remove,
    "remove_first": remove_first,
    "append": append,
    "prepend": prepend,
    "date": date,
}
