# SPDX-License-Identifier: GPL-3.0-or-later
"""A name server for one test: every name is this machine, as far as IPv4 goes."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator

_A, _IN, _ANSWERED, _SAME_NAME = 1, 1, 0x8180, b"\xc0\x0c"


def reply(query: bytes) -> bytes:
    """The answer to one query: 127.0.0.1 for an A, no address for anything else."""
    end = query.index(b"\0", 12) + 5
    kind = struct.unpack("!H", query[end - 4 : end - 2])[0]
    head = query[:2] + struct.pack("!5H", _ANSWERED, 1, int(kind == _A), 0, 0) + query[12:end]
    if kind != _A:
        return head
    return head + _SAME_NAME + struct.pack("!HHIH", _A, _IN, 1, 4) + socket.inet_aton("127.0.0.1")


@contextlib.contextmanager
def name_server() -> Iterator[str]:
    """Answer until the end; yields ``HOST:PORT``."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        done = threading.Event()

        def serve() -> None:
            while not done.is_set():
                with contextlib.suppress(OSError, ValueError, struct.error):
                    query, sender = udp.recvfrom(4096)
                    udp.sendto(reply(query), sender)

        udp.settimeout(0.5)
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{udp.getsockname()[1]}"
        done.set()
        thread.join(5)
