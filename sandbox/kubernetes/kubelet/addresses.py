# SPDX-License-Identifier: GPL-3.0-or-later
"""Pods' addresses: 127.64.X.0/24, with an X of its own for each node that runs on this machine.

Each has a twin below 127.65, where a process listens that others reach through the Pod's door.
"""

from __future__ import annotations

import socket
import zlib
from pathlib import Path

CLAIM_PORT = 40064  # UDP on 127.64.X.1, held as long as the node runs
FIRST, LAST = 2, 254
OUTSIDE, INSIDE = "127.64.", "127.65."


class AddressError(Exception):
    """No address is left; the text says which and what to do."""


def _claim(number: int) -> socket.socket | None:
    holder = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        holder.bind((f"{OUTSIDE}{number}.1", CLAIM_PORT))
    except OSError:
        holder.close()
        return None
    return holder


class Addresses:
    """An address for each Pod, kept as long as the Pod is there: the server lets none be changed."""

    def __init__(self, state: Path) -> None:
        """Claims a range: the one that the state folder had last time where it is free. Raises AddressError."""
        note = state / "range"
        last = int(note.read_text()) if note.exists() else zlib.crc32(str(state).encode()) % 256
        for offset in range(256):
            number = (last + offset) % 256
            if holder := _claim(number):
                self._holder = holder
                break
        else:
            raise AddressError("every range 127.64.0.0/24 to 127.64.255.0/24 is taken by another node of this machine")
        note.write_text(f"{number}\n")
        self._prefix = f"{OUTSIDE}{number}"
        self._of: dict[str, str] = {}
        self._next = FIRST

    def keep(self, uid: str, address: str) -> None:
        """An address that the Pod has already."""
        self._of[uid] = address

    def take(self, uid: str) -> str:
        """The Pod's address; a free one when it has none yet. Raises AddressError."""
        if uid not in self._of:
            used = set(self._of.values())
            for _attempt in range(FIRST, LAST + 1):
                address = f"{self._prefix}.{self._next}"
                self._next = self._next + 1 if self._next < LAST else FIRST
                if address not in used:
                    break
            else:
                raise AddressError(f"all addresses of {self._prefix}.0/24 belong to Pods")
            self._of[uid] = address
        return self._of[uid]

    def free(self, uid: str) -> None:
        """The Pod is gone."""
        self._of.pop(uid, None)
