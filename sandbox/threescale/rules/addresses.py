# SPDX-License-Identifier: GPL-3.0-or-later
"""Addresses of endpoints: the port written out, what is no valid address."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from .validate import Check

_PORTS = {"http": 80, "https": 443, "ftp": 21}
_WHOLE = re.compile(
    r"\A[A-Za-z][A-Za-z0-9+.\-]*:[^\s\"<>\\^`{|}\x00-\x20\x7f-\uffff]*\Z|\A[^\s:\"<>\\^`{|}\x7f-\uffff]*\Z"
)
_LOCAL = re.compile(r"\A(localhost|127(\.\d{1,3}){3})\Z")
BACKEND_FORMAT = "the accepted format is 'scheme://address(:port)(/path)'. Accepted schemes are http, https, ws and wss"
ENDPOINT_FORMAT = "the accepted format is 'protocol://address(:port)'"


def parses(address: str) -> bool:
    """Whether it is an address at all."""
    if not _WHOLE.match(address):
        return False
    try:
        _ = urlsplit(address).port
    except ValueError:
        return False
    return True


def with_port(address: str | None) -> str | None:
    """`https://x/y` -> `https://x:443/y`; what has no known default port, or is no address, stays."""
    if not address or not parses(address):
        return address
    parts = urlsplit(address)
    port = _PORTS.get(parts.scheme)
    if port is None or parts.port is not None or not parts.hostname:
        return address
    return parts._replace(netloc=f"{parts.netloc.rstrip(':')}:{port}").geturl()


def host_of(address: str | None) -> str | None:
    """The host of an address."""
    if not address or not parses(address):
        return None
    host = urlsplit(address).hostname
    return host or None


def is_local(address: str | None) -> bool:
    """Whether it points at this machine."""
    return bool(_LOCAL.match(host_of(address) or ""))


def check_address(check: Check, name: str, message: str, schemes: tuple[str, ...], *, path: bool) -> None:
    """An address of one of these schemes, without user, query and fragment (and, but for `path`, without path)."""
    value = str(check.row.get(name) or "")
    if not parses(value):
        check.add(name, None)  # the server's own list holds a null here
        return
    parts = urlsplit(value)
    problems = []
    if parts.scheme not in schemes or not parts.hostname:
        problems.append(message)
    else:
        if len(parts.hostname) > 255:
            problems.append("is too long (maximum is 255 characters)")
        if any(len(label) > 63 for label in parts.hostname.split(".")):
            problems.append("is too long for one or more labels of the host (maximum is 63 characters)")
    forbidden = parts.username or parts.query or parts.fragment or (parts.path and not path)
    if forbidden and message not in problems:
        problems.append(message)
    for problem in problems:
        check.add(name, problem)
