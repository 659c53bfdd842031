# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m sandbox.router`: nginx as the cluster's router; reloads when Routes or the table change."""

from __future__ import annotations

import argparse
import errno
import socket
import sys
from pathlib import Path

from sandbox.common import nginx

from . import certificates
from .config import PAGE, Listener, nginx_conf
from .follow import Follower
from .routes import Cluster, Site, sites
from .table import TableError, read

BOTH = ("127.0.0.1", "[::1]")


def parser() -> argparse.ArgumentParser:
    """The flags."""
    flags = argparse.ArgumentParser(prog="sandbox router", description=__doc__)
    flags.add_argument("--port", type=int, default=443, help="the public port (443)")
    flags.add_argument("--listen", action="append", metavar="ADDRESS", help="default: 127.0.0.1 and [::1]")
    flags.add_argument("--superdomain", required=True, help="the wildcard of the certificate, such as apps.localhost")
    flags.add_argument("--kubeconfig", type=Path, help="cluster whose Routes are served; without: the table alone")
    flags.add_argument("--table", type=Path, required=True, help="JSON, see sandbox/router/table.py")
    flags.add_argument("--state", type=Path, required=True, help="folder for nginx's files and the certificate")
    return flags


def usable(addresses: list[str] | None, port: int) -> tuple[str, ...]:
    """The addresses that this process may listen on. Ends the program with one sentence where there is none."""
    found = []
    for address in addresses or BOTH:
        family = socket.AF_INET6 if address.startswith("[") else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address.strip("[]"), port))
            except OSError as error:
                if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT) and not addresses:
                    continue  # a machine without IPv6
                hint = "a port above 1023" if error.errno == errno.EACCES else "another port"
                sys.exit(
                    f"sandbox router: cannot listen on {address}:{port}: {error.strerror}; choose {hint} with --port"
                )
        found.append(address)
    return tuple(found)


class Router:
    """Keeps nginx's configuration equal to what table and cluster say."""

    def __init__(self, given: argparse.Namespace) -> None:
        self.state: Path = given.state.resolve()
        self.port, self.superdomain, self.table_path = given.port, given.superdomain, given.table
        self.addresses = usable(given.listen, given.port)
        self.follower = Follower(given.kubeconfig) if given.kubeconfig else None
        self.text = ""
        self.seen: tuple[int, int] | None = None
        (self.state / "pages").mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.state / "pages" / "503.html").write_text(PAGE)

    def _look(self) -> tuple[int, int]:
        version = self.follower.version if self.follower else 0
        return version, self.table_path.stat().st_mtime_ns if self.table_path.exists() else 0

    def _sites(self) -> tuple[list[Site], Listener]:
        table = read(self.table_path, self.superdomain)
        found = sites(self.follower.snapshot() if self.follower else Cluster(), table)
        names = certificates.names_for(self.superdomain, [site.host for site in found])
        certificate, key = certificates.ensure(self.state, table.certificate, table.key, names)
        return found, Listener(self.state, self.port, self.addresses, certificate, key)

    def write(self) -> bool:
        """Writes the configuration; True if it differs from the one before. Raises TableError, OSError."""
        found, listener = self._sites()
        text = nginx_conf(listener, found) + f"# certificate of {listener.certificate.stat().st_mtime_ns}\n"
        if text == self.text:
            return False
        (self.state / "nginx.conf").write_text(text)
        self.text = text
        return True

    def changed(self) -> bool:
        """For nginx's loop: whether to reload."""
        seen = self._look()
        if seen == self.seen:
            return False
        self.seen = seen
        try:
            return self.write()
        except (TableError, OSError, ValueError) as problem:
            print(f"sandbox router: kept as it was: {problem}", flush=True)
            return False


def main(argv: list[str] | None = None) -> int:
    """Runs until it is told to end."""
    router = Router(parser().parse_args(argv))
    try:
        server = nginx.Nginx(router.state)
        router.write()
    except (nginx.NginxMissingError, TableError, OSError, ValueError) as problem:
        sys.exit(f"sandbox router: {problem}")
    if router.follower:
        router.follower.start()
    print(f"router on https://{router.addresses[0]}:{router.port} for *.{router.superdomain}", flush=True)
    return server.run(router.changed, every=0.3)


if __name__ == "__main__":
    sys.exit(main())
