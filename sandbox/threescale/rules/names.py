# SPDX-License-Identifier: GPL-3.0-or-later
"""Names made by the server: system names, hosts, random keys."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata

# Letters that are no ASCII letter with a mark. All others that the server knows have marks: `À` to `ž`, and four more.
_SPECIAL = {
    **dict(zip("ÐðĐđĦħıĸĿŀŁłŦŧØø×", "DdDdHhikLlLlTtOox", strict=True)),
    "Æ": "AE", "æ": "ae", "Þ": "Th", "þ": "th", "ß": "ss", "ẞ": "SS", "Ĳ": "IJ", "ĳ": "ij", "ŉ": "'n", "Ŋ": "NG",
    "ŋ": "ng", "Œ": "OE", "œ": "oe",
}  # fmt: skip
_MARKED = re.compile("[À-žǪ-ǭ]")
SYSTEM_NAME = re.compile(r"\A\w[\w\-/_]+\Z", re.ASCII)


def transliterate(text: str) -> str:
    """ASCII for Latin letters with marks; `?` for whatever else is none."""
    return "".join(letter if ord(letter) < 128 else _plain(letter) for letter in unicodedata.normalize("NFC", text))


def _plain(letter: str) -> str:
    if letter in _SPECIAL:
        return _SPECIAL[letter]
    base = unicodedata.normalize("NFD", letter)[0]
    return base if _MARKED.match(letter) and ord(base) < 128 else "?"


def parameterize(text: str, separator: str = "-") -> str:
    """`Nomic-Embed v1.5` -> `nomic-embed-v1-5`."""
    plain = re.sub(r"[^a-z0-9\-_]+", separator, transliterate(text), flags=re.IGNORECASE)
    plain = re.sub(f"{re.escape(separator)}{{2,}}", separator, plain)
    return plain.strip(separator).lower()


def underscore(text: str) -> str:
    """Dashes to underscores, as the server does after `parameterize`."""
    return re.sub(r"([a-z\d])([A-Z])", r"\1_\2", text).replace("-", "_").lower()


def system_name_from(name: object, fallback: str) -> str:
    """The system name generated from a name; `FALLBACK_<12 hex>` when nothing of it is left."""
    made = underscore(parameterize(str(name or "")))
    return made or f"{fallback}_{secrets.token_hex(6)}"


def domain_label(label: str) -> str:
    """A DNS label of at most 63 characters: a longer one is cut and given a hash as suffix."""
    if len(label) <= 63:
        return label
    return f"{label[:55].rstrip('-')}-{hashlib.sha1(label.encode(), usedforsecurity=False).hexdigest()[:7]}"


def random_hex(digits: int) -> str:
    """A random lower-case hexadecimal text."""
    return secrets.token_hex((digits + 1) // 2)[:digits]
