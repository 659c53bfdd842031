# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of bin/sandbox: up, prepare, down, status, logs."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from sandbox.front import documents, processes
from sandbox.front import settings as settings_module
from sandbox.front.parts import Context
from sandbox.front.paths import REPO, state_dir
from sandbox.front.progress import Progress
from sandbox.front.table import PARTS, chosen
from sandbox.front.up import UpError, Wish, prepare, up

FACTS = REPO / "inventories" / "sandbox" / "group_vars" / "all" / "facts.yml"


def parser() -> argparse.ArgumentParser:
    """All commands with their options."""
    result = argparse.ArgumentParser(prog="bin/sandbox")
    commands = result.add_subparsers(dest="command", required=True)
    state = argparse.ArgumentParser(add_help=False)
    state.add_argument("--state", metavar="DIR", help="state folder (default: $SANDBOX_STATE, else .sandbox)")
    start = commands.add_parser("up", parents=[state], help="start parts in the background, wait until they are ready")
    start.add_argument("parts", nargs="*", metavar="PART", help=f"default: all; known: {', '.join(PARTS)}")
    start.add_argument("--public-port", type=int, metavar="N", help="the router's port (default: 443 where it may)")
    start.add_argument("--superdomain", metavar="D", help="domain of all hosts (default: apps.localhost)")
    start.add_argument("--crds", type=Path, metavar="DIR", help="real definitions in place of ours (or $CRDS_DIR)")
    start.add_argument("--sso-generation", choices=["rhbk", "rhsso", "both"], help="which Keycloak (default: rhbk)")
    start.add_argument("--facts", type=Path, metavar="FILE", default=FACTS, help="inventory variables to write")
    ready = commands.add_parser("prepare", parents=[state], help="only download, build and install what up needs")
    ready.add_argument("parts", nargs="*", metavar="PART", help="default: all")
    ready.add_argument("--superdomain", metavar="D", default="apps.localhost", help="domain of all hosts")
    ready.add_argument("--sso-generation", choices=["rhbk", "rhsso", "both"], default="rhbk", help="which Keycloak")
    commands.add_parser("down", parents=[state], help="end what up started")
    show = commands.add_parser("status", parents=[state], help="show the parts")
    show.add_argument("--json", action="store_true", help="for programs; holds secrets")
    logs = commands.add_parser("logs", parents=[state], help="show a part's log")
    logs.add_argument("part", choices=list(PARTS), metavar="PART")
    logs.add_argument("-f", "--follow", action="store_true", help="go on as it grows")
    return result


def run(command: str, argv: list[str]) -> int:
    """Runs one command; failures are one message on stderr and exit code 1."""
    options = parser().parse_args([command, *argv])
    state = state_dir(options.state)
    if command in ("up", "prepare"):
        return _start(state, options)
    if command == "down":
        return _down(state)
    if command == "status":
        return _status(state, options.json)
    return _logs(state, options.part, options.follow)


def _start(state: Path, options: argparse.Namespace) -> int:
    name = f"bin/sandbox {options.command}"
    if unknown := [part for part in options.parts if part not in PARTS]:
        print(f"{name}: no part is called {unknown[0]!r}; known: {', '.join(PARTS)}", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        if options.command == "up":
            return _up(state, options)
        prepare(state, chosen(options.parts, options.sso_generation), options.superdomain, Progress())
        return 0
    except UpError as error:
        print(f"{name}: {error}", file=sys.stderr)
        _end_early_build()
        return 1
    except KeyboardInterrupt:
        print(f"{name}: interrupted; what it had started is ended", file=sys.stderr)
        _end_early_build()
        return 130


def _up(state: Path, options: argparse.Namespace) -> int:
    crds = options.crds or (Path(os.environ["CRDS_DIR"]) if os.environ.get("CRDS_DIR") else None)
    if crds is not None and not crds.is_dir():
        print(f"bin/sandbox up: {crds} is no folder of definitions (--crds, CRDS_DIR)", file=sys.stderr)
        return 2
    wish = Wish(options.parts, options.public_port, options.superdomain, crds, options.sso_generation)
    begun = time.monotonic()
    context = up(state, wish, options.facts.absolute(), Progress())
    print(f"The sandbox is up after {time.monotonic() - begun:.0f} s; state in {state}, facts in {options.facts}")
    _table(context)
    return 0


def _end_early_build() -> None:
    """bin/sandbox may have begun a build before there was an environment; it is a child of this process."""
    if pid := os.environ.get("SANDBOX_EARLY_BUILD"):
        with contextlib.suppress(ProcessLookupError, ValueError):
            os.kill(int(pid), signal.SIGTERM)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _down(state: Path) -> int:
    parts = processes.started_parts(state)
    first = [part for part in parts if part != "kubernetes"]
    killed = processes.end(state, first)
    # The control plane last: the operators and the node say goodbye to it.
    killed += processes.end(state, [part for part in parts if part == "kubernetes"])
    (state / "status.json").unlink(missing_ok=True)
    for part in killed:
        print(f"{part} did not end in time and was killed", file=sys.stderr)
    print(f"ended: {', '.join(parts)}" if parts else f"nothing runs from {state}")
    return 0


def _status(state: Path, as_json: bool) -> int:
    context = Context(state, settings_module.load(state))
    if as_json:
        print(json.dumps(documents.status(context), indent=1))
        return 0
    if not processes.started_parts(state):
        print(f"nothing runs from {state}")
        return 0
    _table(context)
    return 0


def _table(context: Context) -> None:
    for name, entry in documents.status(context)["parts"].items():
        word = "ready" if entry["ready"] else ("not ready" if entry["pid"] else "ended")
        print(f"  {name:<16}{word:<10}{entry['pid'] or '':<9}{entry['url']}")


def _logs(state: Path, part: str, follow: bool) -> int:
    log = processes.log_file(state, part)
    if not log.exists():
        print(f"bin/sandbox logs: {part} was never started from {state}", file=sys.stderr)
        return 1
    with log.open("r", errors="replace") as handle:
        try:
            while True:
                if text := handle.read():
                    print(text, end="", flush=True)
                elif not follow:
                    return 0
                else:
                    time.sleep(0.3)
        except (KeyboardInterrupt, BrokenPipeError):
            return 0
