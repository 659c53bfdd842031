# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m sandbox.kubernetes`: etcd, API server, controllers and scheduler in the foreground."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from sandbox.common.golang import BuildError
from sandbox.front.paths import state_dir
from sandbox.front.settings import free_port
from sandbox.kubernetes import build
from sandbox.kubernetes.components import Layout
from sandbox.kubernetes.plane import ControlPlane, StartError


def arguments(argv: list[str]) -> argparse.Namespace:
    """Parses the command line."""
    parser = argparse.ArgumentParser(prog="bin/sandbox kubernetes", description=__doc__)
    parser.add_argument("--state", help="folder for data, keys and kubeconfigs (default: .sandbox/kubernetes)")
    parser.add_argument("--port", type=int, default=6443, help="port of the API server on 127.0.0.1 (default: 6443)")
    parser.add_argument("--counters-port", type=int, default=0, help="port of /_sandbox/counters (default: a free one)")
    parser.add_argument("--build-only", action="store_true", help="build the program when missing, print its path, end")
    return parser.parse_args(argv)


def main(argv: list[str]) -> int:
    """Builds what is missing, runs until SIGTERM, or until one of the four ends by itself (exit code 1)."""
    options = arguments(argv)
    try:
        program = build.ensure(lambda text: print(text, flush=True))
        if options.build_only:
            print(program)
            return 0
        state = Path(options.state).absolute() if options.state else state_dir() / "kubernetes"
        layout = Layout(state, options.port, *(free_port() for _ in range(3)))
        return asyncio.run(_run(program, layout, options.counters_port or free_port()))
    except (BuildError, StartError) as error:
        print(f"bin/sandbox kubernetes: {error}", file=sys.stderr)
        return 1


async def _run(program: Path, layout: Layout, counters_port: int) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    plane = ControlPlane(program, layout, counters_port)
    try:
        await plane.start(stop)
        if not stop.is_set():
            print(f"ready: {layout.server}, kubeconfig {layout.kubeconfig('admin')}", flush=True)
        return await plane.wait(stop)
    finally:
        await plane.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
