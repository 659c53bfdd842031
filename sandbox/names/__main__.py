# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m sandbox.names`: a DNS server on 127.0.0.1 for the cluster's Services, in the foreground.

SERVICE.NAMESPACE.svc.cluster.local has the addresses of the Ready Pods that the Service selects, names below localhost
are this machine, all others are asked of the machine's own resolver. Ports are the container's own: there is no
Service proxy. Who asks is the gateway: a Pod that a network policy closes to it has an address where nobody answers.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import socket
import sys
from pathlib import Path
from typing import Any

from dnslib import AAAA, QTYPE, RCODE, RR, A
from dnslib.server import DNSServer

from sandbox.kubernetes.rest import Client
from sandbox.names.follow import Follower
from sandbox.names.table import Table, in_cluster, on_this_machine

TTL = 1  # seconds: a Pod that was replaced has another address


class Resolver:
    """Answers queries from the table; dnslib calls resolve() in a thread for each query."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def resolve(self, request: Any, _handler: Any) -> Any:
        """dnslib's interface: the reply to one request."""
        reply = request.reply()
        name, kind = str(request.q.qname), QTYPE[request.q.qtype]
        found = self._find(name)
        if found is None:
            reply.header.rcode = RCODE.NXDOMAIN
            return reply
        for address in found:
            is_v6 = ":" in address
            if kind == ("AAAA" if is_v6 else "A"):
                reply.add_answer(
                    RR(name, QTYPE.AAAA if is_v6 else QTYPE.A, rdata=(AAAA if is_v6 else A)(address), ttl=TTL)
                )
        return reply

    def _find(self, name: str) -> list[str] | None:
        if in_cluster(name):
            return self._table.addresses(name)
        if on_this_machine(name):
            return ["127.0.0.1", "::1"]
        try:
            entries = socket.getaddrinfo(name.rstrip("."), None, type=socket.SOCK_STREAM)
        except OSError:
            return None
        return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


async def run(kubeconfig: Path, port: int) -> int:
    """Serves until SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    table, client = Table(), Client(kubeconfig)
    follower = Follower(client, table)
    try:
        servers = [
            DNSServer(Resolver(table), address="127.0.0.1", port=port, tcp=tcp, logger=_Quiet())
            for tcp in (False, True)
        ]
    except OSError as error:
        print(f"bin/sandbox names: port {port} of 127.0.0.1: {error.strerror}; choose another: --port", file=sys.stderr)
        return 1
    for server in servers:
        server.start_thread()
    ready = asyncio.create_task(follower.ready())
    stopped = asyncio.create_task(_stopped(stop))
    await asyncio.wait({ready, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if not stop.is_set():
        print(f"ready: DNS on 127.0.0.1:{port}", flush=True)
    await stopped
    follower.end()
    for server in servers:
        server.stop()
    await client.close()
    return 0


async def _stopped(stop: asyncio.Event) -> None:
    await stop.wait()


class _Quiet:
    """dnslib logs every packet through this; nobody reads that."""

    def __getattr__(self, _name: str) -> Any:
        return lambda *_args: None


def main(argv: list[str]) -> int:
    """Parses the command line and serves."""
    parser = argparse.ArgumentParser(prog="bin/sandbox names", description=__doc__)
    parser.add_argument("--kubeconfig", required=True, type=Path, help="how to reach the API server")
    parser.add_argument("--port", type=int, default=5353, help="port of 127.0.0.1, UDP and TCP (default: 5353)")
    options = parser.parse_args(argv)
    return asyncio.run(run(options.kubeconfig, options.port))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
