# SPDX-License-Identifier: GPL-3.0-or-later
"""Which Pod is at the other end of a connection of this machine: the kernel's table of sockets, and who holds them."""

from __future__ import annotations

from pathlib import Path

from sandbox.kubernetes.kubelet.process import marked

#: (IPv4 address, port)
End = tuple[str, int]
# A program that speaks IPv6 only reaches an IPv4 address too, and then stands in the second table.
_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
_LOCAL, _REMOTE, _INODE = 1, 2, 9


def pod_at(client: End, server: End) -> str | None:
    """UID of the Pod that opened the connection from `client` to `server`; None for a process of no Pod."""
    inode = next((found for path in _TABLES if (found := socket_of(Path(path).read_text(), client, server))), None)
    if inode is None:
        return None
    held = f"socket:[{inode}]"
    return next((uid for process, uid in marked() if _holds(process, held)), None)


def socket_of(table: str, client: End, server: End) -> str | None:
    """Inode of the client's socket in the text of a table such as /proc/net/tcp; None where nobody holds one."""
    wanted = [_written(client), _written(server)]
    for line in table.splitlines()[1:]:
        columns = line.split()
        if [columns[_LOCAL][-13:], columns[_REMOTE][-13:]] == wanted:
            return columns[_INODE] if columns[_INODE] != "0" else None
    return None


def _written(end: End) -> str:
    """As the kernel writes it: the address's bytes in reverse, all in hexadecimal digits."""
    address, port = end
    return f"{int.from_bytes(bytes(map(int, address.split('.'))), 'little'):08X}:{port:04X}"


def _holds(process: Path, held: str) -> bool:
    try:
        return any(str(entry.readlink()) == held for entry in (process / "fd").iterdir())
    except OSError:  # it ended meanwhile
        return False
