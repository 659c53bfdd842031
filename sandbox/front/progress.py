# SPDX-License-Identifier: GPL-3.0-or-later
"""What the terminal shows while things happen side by side: one line that changes, or plain lines in a log."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from typing import TextIO


class Progress:
    """Tasks with a state each. On a terminal the running ones share the last line; elsewhere only ends are printed."""

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        self._stream, self._terminal = stream, stream.isatty()
        self._lock = threading.Lock()
        self._running: dict[str, tuple[float, float | None]] = {}

    def begin(self, task: str, estimate: float | None = None) -> None:
        """A task starts; `estimate` in seconds where one is known."""
        with self._lock:
            self._running[task] = (time.monotonic(), estimate)
            if not self._terminal and estimate is not None and estimate >= 20:
                print(f"{task}: about {estimate:.0f} s …", file=self._stream, flush=True)
            self._draw()

    def done(self, task: str, text: str = "ready") -> None:
        """A task ended well."""
        with self._lock:
            begun, _estimate = self._running.pop(task, (time.monotonic(), None))
            self._line(f"{task}: {text} after {time.monotonic() - begun:.1f} s")
            self._draw()

    def say(self, text: str) -> None:
        """A line that stays."""
        with self._lock:
            self._line(text)
            self._draw()

    def tick(self) -> None:
        """Shows the seconds anew."""
        with self._lock:
            self._draw()

    def close(self) -> None:
        """Takes the changing line away."""
        with self._lock:
            self._running.clear()
            self._draw()

    def _line(self, text: str) -> None:
        prefix = "\r\033[K" if self._terminal else ""
        print(f"{prefix}{text}", file=self._stream, flush=True)

    def _draw(self) -> None:
        if not self._terminal:
            return
        now = time.monotonic()
        items = []
        for task, (begun, estimate) in self._running.items():
            total = f" of about {estimate:.0f}" if estimate is not None else ""
            items.append(f"{task} {now - begun:.0f}{total} s")
        line = ", ".join(items)[: shutil.get_terminal_size().columns - 1]
        print(f"\r\033[K{line}", end="", file=self._stream, flush=True)
