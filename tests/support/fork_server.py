# SPDX-License-Identifier: GPL-3.0-or-later
"""A process with all modules imported, which forks for each call: a module's run without the start of a playbook.

``python -m tests.support.fork_server SOCKET SLEEP`` listens on a Unix socket. A call is one line of JSON (``module``,
``arguments``, ``environment``); the answer is a line with the process id, and at the end one with what it printed.
What waits (retries, a tenant that is filled) waits ``SLEEP`` times as long. It ends when its standard input is closed.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import selectors
import signal
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import Any

from ansible.module_utils import basic

PACKAGE = "ansible_collections.rhai.maas.plugins.modules"
MODULES = Path(__file__).resolve().parents[2] / "plugins" / "modules"


def load() -> None:
    """Import every module that speaks for itself; those with an action plugin of their own hold no ``main``."""
    for file in sorted(MODULES.glob("*.py")):
        importlib.import_module(f"{PACKAGE}.{file.stem}")


def run(order: dict[str, Any]) -> tuple[int, list[str]]:
    """Run the module in this process; its exit code and what it wrote to the system's log."""
    logged: list[str] = []
    os.environ.update(order.get("environment") or {})
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": order["arguments"]}).encode()
    if hasattr(basic, "_ANSIBLE_PROFILE"):
        basic._ANSIBLE_PROFILE = "legacy"
    basic.has_journal = False
    basic.AnsibleModule._log_to_syslog = lambda _module, message: logged.append(str(message))
    try:
        sys.modules[f"{PACKAGE}.{order['module']}"].main()
    except SystemExit as end:
        return int(end.code or 0), logged
    except BaseException:  # what a playbook shows as "MODULE FAILURE"
        traceback.print_exc()
    return 1, logged


def serve(connection: socket.socket) -> None:
    """One call, in a process of its own."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with connection, connection.makefile("rwb") as stream:
        order = json.loads(stream.readline())
        stream.write(b"%d\n" % os.getpid())
        stream.flush()
        printed = [os.memfd_create(name) for name in ("stdout", "stderr")]
        for number, file in enumerate(printed, 1):
            os.dup2(file, number)
        code, logged = run(order)
        sys.stdout.flush()
        sys.stderr.flush()
        texts = [Path(f"/proc/self/fd/{file}").read_text(errors="replace") for file in printed]
        stream.write(json.dumps({"code": code, "stdout": texts[0], "stderr": texts[1], "log": logged}).encode() + b"\n")


def main(path: str, scale: float) -> None:
    """Listen until the standard input ends."""
    sleep = time.sleep
    time.sleep = lambda seconds: sleep(seconds * scale)  # before the modules are imported: some keep the function
    load()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as listener, selectors.DefaultSelector() as selector:
        listener.bind(path)
        listener.listen(64)
        selector.register(listener, selectors.EVENT_READ)
        selector.register(sys.stdin, selectors.EVENT_READ)
        print("ready", flush=True)
        while all(key.fileobj is listener for key, _events in selector.select()):
            connection, _address = listener.accept()
            if os.fork() == 0:
                listener.close()
                with contextlib.suppress(BrokenPipeError):
                    serve(connection)
                os._exit(0)
            connection.close()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
