# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of a portal made into files that link to each other, so that a browser opens them from a folder. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping

_LINK = re.compile(r'(?<=\s)(href|src|action)="(https?://[^/"]+)?(/[^"]*)"')
_POLICY = re.compile(r'\s*<meta http-equiv="Content-Security-Policy"[^>]*>')
_RESOURCES = (".css", ".js", ".svg", ".png", ".ico", ".json")


def file_of(path: str) -> str:
    """The file of a page: ``/models/a`` is ``models/a/index.html``; styles, scripts and pictures keep their names."""
    bare = path.partition("?")[0].strip("/")
    if bare.endswith(_RESOURCES):
        return bare
    return f"{bare}/index.html" if bare else "index.html"


def as_file(text: str, path: str, known: Mapping[str, str], host: str) -> str:
    """A page's text with links to the pages that are ``known`` (path → file); other links of ``host`` lead nowhere.

    The page's security policy is left out: what it allows is the portal's own, and files in a folder are nobody's.
    """
    folder = posixpath.dirname(file_of(path)) or "."

    def relative(found: re.Match[str]) -> str:
        name, server, target = found[1], found[2] or "", found[3]
        if server and server != host:
            return found[0]
        bare, _mark, query = target.replace("&amp;", "&").partition("?")
        file = known.get(bare.rstrip("/") or "/")
        if file is None:
            return f'{name}="#"'
        return f'{name}="{posixpath.relpath(file, folder)}{"?" + query.replace("&", "&amp;") if query else ""}"'

    return _LINK.sub(relative, _POLICY.sub("", text))
