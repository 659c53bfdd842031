# SPDX-License-Identifier: GPL-3.0-or-later
"""Uploaded files: their kind, told from their bytes, and their address in the storage. Pure functions."""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone

from ..store import Row

_MAGIC = [
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"\x00\x00\x01\x00", "image/vnd.microsoft.icon"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"\x1f\x8b", "application/gzip"),
    (b"wOFF", "font/woff"),
    (b"wOF2", "font/woff2"),
    (b"OTTO", "font/otf"),
    (b"\x00\x01\x00\x00", "font/ttf"),
    (b"BM", "image/bmp"),
    (b"ID3", "audio/mpeg"),
]


def content_type_of(name: str, data: bytes) -> str:
    """Media type by the content; the name decides only where there is no name to go by."""
    if not name:
        return "application/octet-stream"
    if not data:
        return "inode/x-empty"
    for start, kind in _MAGIC:
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "application/octet-stream" if "\x00" in text else _kind_of_text(text.lstrip("\ufeff \t\r\n"))


def _kind_of_text(text: str) -> str:
    start = text[:1000].lower()
    if re.match(r"(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!doctype svg[^>]*>\s*)?<svg[\s>]", start, re.S):
        return "image/svg+xml"
    if start.startswith(("<!doctype html", "<html")):
        return "text/html"
    if start.startswith("<?xml"):
        return "application/xml"
    if start[:1] in "{[":
        try:
            json.loads(text)
        except ValueError:
            return "text/plain"
        return "application/json"
    return "text/plain"


def storage_path(tenant: Row, row: Row) -> str:
    """`/system/<tenant>/2026/11/23/<name>-<secret>.<suffix>?<time>`: where the storage serves the bytes."""
    moment = row["attachment_updated_at"] or row["created_at"]
    day = datetime.fromtimestamp(moment, timezone.utc).strftime("%Y/%m/%d")
    stem, dot, suffix = (row["attachment_file_name"] or "").rpartition(".")
    name = f"{stem if dot else suffix}-{row['random_secret']}{dot}{suffix if dot else ''}"
    return f"/system/{tenant['s3_prefix'] or tenant['id']}/{day}/{name}?{int(moment)}"
