# SPDX-License-Identifier: GPL-3.0-or-later
"""Names made by the server: system names, hosts, random keys."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata

_SPECIAL = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "Æ": "AE",
        "ø": "o",
        "Ø": "O",
        "œ": "oe",
        "Œ": "OE",
        "đ": "d",
        "Đ": "D",
        "ł": "l",
        "Ł": "L",
        "þ": "th",
        "Þ": "Th",
        "ð": "d",
        "Ð": "D",
        "ı": "i",
    }
)
SYSTEM_NAME = re.compile(r"\A\w[\w\-/_]+\Z", re.ASCII)


def transliterate(text: str) -> str:
    """ASCII for Latin letters with marks; `?` for what has none."""
    out = []
    for letter in text.translate(_SPECIAL):
        if ord(letter) < 128:
            out.append(letter)
            continue
        plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
        out.append(plain or ("" if unicodedata.combining(letter) else "?"))
    return "".join(out)


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
    return f"{label[:55]}-{hashlib.sha1(label.encode(), usedforsecurity=False).hexdigest()[:7]}"


def random_hex(digits: int) -> str:
    """A random lower-case hexadecimal text."""
    return secrets.token_hex((digits + 1) // 2)[:digits]
