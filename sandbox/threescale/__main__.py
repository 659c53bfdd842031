# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m sandbox.threescale --port N --superdomain D --master-token Y [--tenant T --token X] …`"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
from pathlib import Path

import uvicorn
from starlette.types import Receive, Scope, Send

from .bootstrap.fill import fill, sizes
from .bootstrap.master import ensure_master
from .bootstrap.tenants import TenantSeed, ensure_tenant
from .config import SETUP_SECONDS, Config
from .release import RELEASES
from .sandbox import Sandbox
from .server import Server


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="threescale", description="A stand-in for 3scale, in the foreground.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--listen", default="127.0.0.1", help="address to listen at (default: %(default)s)")
    parser.add_argument("--superdomain", required=True, help="domain below which all its hosts lie")
    parser.add_argument(
        "--master-token",
        default=os.environ.get("MASTER_ACCESS_TOKEN"),
        help="access token of the master account (or variable MASTER_ACCESS_TOKEN)",
    )
    parser.add_argument("--tenant", help="a tenant to start with, complete at once")
    parser.add_argument(
        "--token",
        default=os.environ.get("ADMIN_ACCESS_TOKEN"),
        help="its access token, with every scope (or variable ADMIN_ACCESS_TOKEN)",
    )
    parser.add_argument("--admin-user", default="admin")
    parser.add_argument("--admin-password", default=os.environ.get("ADMIN_PASSWORD", "admin-password"))
    _add_rest(parser)
    return parser


def _add_rest(parser: argparse.ArgumentParser) -> None:
    """Where state is kept, how it is reached, and how long background work takes."""
    parser.add_argument("--state", type=Path, metavar="FILE", help="keep everything in this file")
    parser.add_argument("--public-port", type=int, help="port of the router, for all addresses given out")
    parser.add_argument("--scheme", choices=["http", "https"], default="http", help="of all addresses given out")
    parser.add_argument("--ca", metavar="FILE", help="certificates to trust in its own calls")
    parser.add_argument(
        "--purge-seconds",
        type=float,
        default=300.0,
        help="how long a deleted product's or backend's name stays taken (default: %(default)s)",
    )
    parser.add_argument(
        "--setup-seconds",
        type=float,
        default=float(os.environ.get("THREESCALE_SETUP_SECONDS") or SETUP_SECONDS),
        help="how long a tenant of the master API has no account plan, sample content and portal (default:"
        " %(default)s; or variable THREESCALE_SETUP_SECONDS)",
    )
    parser.add_argument(
        "--release",
        choices=sorted(RELEASES),
        default=os.environ.get("THREESCALE_RELEASE") or "2.16",
        help="which 3scale it plays (default: %(default)s; or variable THREESCALE_RELEASE)",
    )
    parser.add_argument(
        "--files",
        choices=["local", "s3"],
        default="local",
        help="where the portal's files are kept: with s3 it answers 302 to a signed address (default: %(default)s)",
    )
    parser.add_argument(
        "--fill",
        type=sizes,
        metavar="products=N,…",
        help="begin with so many products, accounts and applications at the tenant, for benchmarks",
    )


def parse() -> argparse.Namespace:
    """The options of this run; ends it where they do not go together."""
    parser = arguments()
    options = parser.parse_args()
    if not options.master_token:
        parser.error("--master-token (or MASTER_ACCESS_TOKEN) is wanted")
    if options.release not in RELEASES:
        parser.error(f"THREESCALE_RELEASE is {options.release}, but has to be one of {', '.join(sorted(RELEASES))}")
    if options.tenant and not options.token:
        parser.error("--tenant needs --token (or ADMIN_ACCESS_TOKEN)")
    if options.fill and not options.tenant:
        parser.error("--fill needs --tenant")
    return options


def make_server(options: argparse.Namespace) -> Server:
    """The server that these options describe, seeded."""
    config = Config(
        options.superdomain,
        options.master_token,
        options.scheme,
        options.public_port,
        options.purge_seconds,
        options.setup_seconds,
        options.ca,
        RELEASES[options.release],
        options.files,
    )
    sandbox = Sandbox(config, options.state)
    with sandbox.db.transaction():
        ensure_master(sandbox)
        if options.tenant:
            _made, tenant = ensure_tenant(
                sandbox, TenantSeed(options.tenant, options.token, options.admin_user, options.admin_password)
            )
    if options.fill:
        fill(sandbox, tenant, options.fill)
    return Server(sandbox)


def main() -> int:
    """Run until SIGTERM or SIGINT."""
    options = parse()
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(asctime)s %(name)s %(message)s")
    app = make_server(options)
    server: uvicorn.Server

    async def with_connections(scope: Scope, receive: Receive, send: Send) -> None:
        if app.faults.rules:
            scope["threescale.connections"] = server.server_state.connections
        await app(scope, receive, send)

    server = uvicorn.Server(
        uvicorn.Config(
            with_connections,
            options.listen,
            options.port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=2,
            server_header=False,
            proxy_headers=False,
            date_header=True,
        )
    )
    print(f"3scale stand-in at {options.listen}:{options.port} for *.{options.superdomain}", flush=True)
    for number in (signal.SIGTERM, signal.SIGINT):  # uvicorn raises them again once it has shut down
        signal.signal(number, lambda *_: None)
    server.run()
    if app.sandbox.state_file is not None:
        app.sandbox.state_file.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
