# SPDX-License-Identifier: GPL-3.0-or-later
"""Embeddings and relevance scores by feature hashing: alike texts get alike vectors, always the same ones."""

from __future__ import annotations

import hashlib
import math
import re

_WORD = re.compile(r"\w+")


def embed(text: str, size: int, normalize: bool = True) -> list[float]:
    """A vector of ``size`` numbers for a text, of length 1 when ``normalize``."""
    vector = [0.0] * size
    for word in _WORD.findall(text.lower()) or [text]:
        digest = hashlib.sha256(word.encode()).digest()
        for start in range(0, 16, 4):
            position = int.from_bytes(digest[start : start + 3], "big") % size
            vector[position] += 1.0 if digest[start + 3] & 1 else -1.0
    norm = math.sqrt(sum(number * number for number in vector)) or 1.0
    if normalize:
        vector = [number / norm for number in vector]
    return [round(number, 8) for number in vector]


def relevance(query: str, text: str, raw: bool = False) -> float:
    """How well ``text`` fits ``query``: a logit when ``raw``, else between 0 and 1."""
    one, two = embed(query, 256), embed(text, 256)
    cosine = sum(a * b for a, b in zip(one, two, strict=True))
    logit = 8.0 * cosine - 4.0
    return round(logit if raw else 1.0 / (1.0 + math.exp(-logit)), 8)
