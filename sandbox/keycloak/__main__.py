# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m sandbox.keycloak`: the server in the foreground; `… prepare`, `… company`: what belongs to it."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from pathlib import Path

from sandbox.keycloak import company, distribution, java, server
from sandbox.keycloak.error import KeycloakError

EPILOG = f"""The administrator's password comes from the environment: {server.PASSWORD}.
It counts at the first start of a state folder; without it the folder gets a password of its own, in
STATE/admin-password (mode 600).
`python -m sandbox.keycloak prepare` only downloads and builds; `python -m sandbox.keycloak company --help` makes the
realm that plays the company's OIDC provider."""


def relative_path(text: str) -> str:
    """Checks a path such as `/` or `/auth`; for argparse."""
    if not text.startswith("/") or "//" in text or any(part in (".", "..") for part in text.split("/")):
        raise argparse.ArgumentTypeError(f"{text!r} is no path such as / or /auth")
    return text.rstrip("/") or "/"


def parser() -> argparse.ArgumentParser:
    """The server's options."""
    result = argparse.ArgumentParser(
        prog="sandbox keycloak", epilog=EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    result.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    result.add_argument("--port", type=int, required=True, help="port of the server (plain HTTP, for the router)")
    result.add_argument("--management-port", type=int, required=True, help="port of its health checks")
    result.add_argument("--relative-path", type=relative_path, default="/", help="/ or, for RH-SSO, /auth")
    result.add_argument("--admin-user", default="admin", help="first administrator (default: %(default)s)")
    result.add_argument("--state", type=Path, required=True, metavar="DIR", help="folder of the database")
    result.add_argument("--hostname", metavar="URL", help="public base URL; without it the router's headers count")
    result.add_argument("--ca", type=Path, metavar="FILE", help="CA bundle for the server's own outgoing HTTPS")
    result.add_argument("--counters-port", type=int, help="port of /_sandbox/counters and /_sandbox/dump")
    return result


def admin_password(state: Path) -> str:
    """The administrator's password: the environment's, else the state folder's own, made when missing."""
    given = os.environ.get(server.PASSWORD)
    if given:
        return given
    state.mkdir(parents=True, exist_ok=True)
    path = state / "admin-password"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(18) + "\n")
    return path.read_text().strip()


def serve(argv: list[str]) -> int:
    """Runs the server in the foreground."""
    arguments = parser().parse_args(argv)
    options = server.Options(**vars(arguments))
    if options.ca and not options.ca.is_file():
        raise KeycloakError(f"The CA bundle {options.ca} (--ca) is not there.")
    program = java.find()
    built = distribution.built(options.relative_path, program)
    return server.run(options, program, built, admin_password(options.state))


def prepare(argv: list[str]) -> int:
    """Downloads and builds, without starting anything."""
    arguments = argparse.ArgumentParser(prog="sandbox keycloak prepare")
    arguments.add_argument("--relative-path", type=relative_path, action="append", help="may be repeated (default: /)")
    program = java.find()
    for path in arguments.parse_args(argv).relative_path or ["/"]:
        print(f"keycloak: built for {path} in {distribution.built(path, program)}")
    return 0


def main(argv: list[str]) -> int:
    """Chooses the command; failures are one sentence on stderr."""
    commands = {"prepare": prepare, "company": company.main}
    try:
        if argv and argv[0] in commands:
            return commands[argv[0]](argv[1:])
        return serve(argv)
    except KeycloakError as failure:
        print(f"keycloak: {failure}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
