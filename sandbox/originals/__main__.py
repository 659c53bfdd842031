# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m sandbox.originals NAME --kubeconfig FILE --state DIR``: a real operator in the foreground."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from sandbox.common.golang import BuildError
from sandbox.common.golang import ensure as build
from sandbox.originals.olm import Olm
from sandbox.originals.process import StartError
from sandbox.originals.programs import KSERVE, OLM, THREESCALE
from sandbox.originals.server import Server
from sandbox.originals.threescale import ThreeScale

ORIGINALS = {
    found.program.name: (starter, found)
    for starter, known in ((Server, KSERVE), (ThreeScale, THREESCALE), (Olm, OLM))
    for found in known.values()
}


def arguments(argv: list[str]) -> argparse.Namespace:
    """Parses the command line."""
    parser = argparse.ArgumentParser(prog="bin/sandbox originals", description=__doc__)
    parser.add_argument("name", choices=sorted(ORIGINALS), help="operator and version")
    parser.add_argument("--kubeconfig", type=Path, help="a cluster administrator's")
    parser.add_argument("--state", type=Path, help="folder for certificates")
    parser.add_argument("--build-only", action="store_true", help="build the program when missing, print its path, end")
    options = parser.parse_args(argv)
    if not options.build_only and not (options.kubeconfig and options.state):
        parser.error("--kubeconfig and --state are needed to run it")
    return options


async def _run(server: Server | ThreeScale | Olm) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        print(f"ready: {await server.start(stop)}", flush=True)
        return await server.wait(stop)
    finally:
        await server.stop()


def main(argv: list[str]) -> int:
    """Builds what is missing, runs until SIGTERM, or until the operator ends by itself (exit code 1)."""
    options = arguments(argv)
    operator, original = ORIGINALS[options.name]
    try:
        program = build(original.program, lambda text: print(text, flush=True))
        if options.build_only:
            print(program)
            return 0
        return asyncio.run(_run(operator(original, program, options.kubeconfig, options.state.absolute())))
    except (BuildError, StartError) as error:
        print(f"bin/sandbox originals: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
