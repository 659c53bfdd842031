# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run leaves where others of the machine may look: command lines while it goes on, files when it is over."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

PAUSE = 0.02  # seconds between two looks at the processes


@contextlib.contextmanager
def command_lines() -> Iterator[set[str]]:
    """The command lines of all processes that were seen inside of the block."""
    seen: set[str] = set()
    over = threading.Event()

    def look() -> None:
        while not over.wait(PAUSE):
            for file in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    seen.add(file.read_bytes().replace(b"\0", b" ").decode(errors="replace"))

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def contents(folder: Path) -> str:
    """The text of all files below a folder."""
    return "\n".join(file.read_text(errors="replace") for file in folder.rglob("*") if file.is_file())
