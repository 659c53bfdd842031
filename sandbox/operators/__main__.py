# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m sandbox.operators --kubeconfig FILE --config FILE``: all controllers in the foreground."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

import kopf
import yaml

from sandbox.kubernetes.rest import ApiError, Client
from sandbox.operators import config as configuration
from sandbox.operators.all import Parts, controllers
from sandbox.operators.runtime import run


def _login(kubeconfig: Path) -> kopf.ConnectionInfo:
    data = yaml.safe_load(kubeconfig.read_text())
    cluster, user = data["clusters"][0]["cluster"], data["users"][0]["user"]
    return kopf.ConnectionInfo(
        server=cluster["server"], ca_path=cluster["certificate-authority"], token=user["token"], scheme="Bearer"
    )


def _is_news(record: logging.LogRecord) -> bool:
    """Not every retry of kopf's, and not which definitions OLM has not brought yet."""
    return not record.getMessage().startswith(("Request attempt #1/", "Request attempt #2/", "Unresolved resources"))


async def _main(kubeconfig: Path, config: configuration.Config) -> None:
    stop, ready = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    client = Client(kubeconfig)
    try:
        parts = Parts.make(client, config)
        await parts.platform.make()
        task = asyncio.create_task(run(controllers(parts), _login(kubeconfig), stop, ready))
        await asyncio.wait({asyncio.create_task(ready.wait()), task}, return_when=asyncio.FIRST_COMPLETED)
        print("ready: operators watch", flush=True)
        await task
    finally:
        await client.close()


def main(argv: list[str] | None = None) -> int:
    """Run until SIGTERM."""
    parser = argparse.ArgumentParser(prog="sandbox operators", description=__doc__)
    parser.add_argument("--kubeconfig", type=Path, required=True)
    parser.add_argument("--config", type=Path, required=True, help="JSON; its keys are in README.md")
    parser.add_argument("--verbose", action="store_true", help="say what each controller waits for")
    known = parser.parse_args(argv)
    level = logging.DEBUG if known.verbose else logging.INFO
    logging.basicConfig(stream=sys.stdout, level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("operators").setLevel(level)
    for handler in logging.getLogger().handlers:
        handler.addFilter(_is_news)
    try:
        asyncio.run(_main(known.kubeconfig, configuration.load(known.config)))
    except (configuration.ConfigError, FileNotFoundError, ApiError) as error:
        print(f"sandbox operators: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
