# SPDX-License-Identifier: GPL-3.0-or-later
"""What the import says: lines of progress, and errors in one sentence. Secrets never get into either."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable
from urllib.parse import unquote, urlsplit

_SECRETS = ("HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID")
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy", "ALL_PROXY", "all_proxy")
_LEAST_SECONDS = 10.0


class ImportFailedError(Exception):
    """What went wrong, in one sentence for the person who reads the Job's log."""


def clean_environment() -> None:
    """Takes blanks and line ends off the token and the keys: editors leave them, and no header may hold them."""
    for name in _SECRETS:
        if name in os.environ:
            os.environ[name] = os.environ[name].strip()


def _secrets() -> Iterable[str]:
    yield from (os.environ.get(name, "") for name in _SECRETS)
    for name in _PROXIES:
        password = urlsplit(os.environ.get(name, "")).password or ""
        yield from (password, unquote(password))


def without_secrets(text: str) -> str:
    """The text with every secret of the environment made unreadable, in whatever form an error quotes it."""
    for secret in _secrets():
        for form in (secret, repr(secret)[1:-1]):
            if len(form) > 3:  # shorter ones would only make holes into words
                text = text.replace(form, "***")
    return text


def say(text: str) -> None:
    """Writes a line of progress."""
    print(without_secrets(text), flush=True)


def size_of(number: float) -> str:
    """``4.8 GB``."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if number < 1000 or unit == "GB":
            return f"{number:.0f} {unit}" if unit == "bytes" else f"{number:.1f} {unit}"
        number /= 1000
    raise AssertionError("the loop returns")


class Progress:
    """Counts files and bytes of several threads; says where it stands, every ten seconds at most.

    :param files: number of all files
    :param size: bytes of all files
    """

    def __init__(self, files: int, size: int) -> None:
        self._files, self._size = files, size
        self._done = self._bytes = self._copied = 0
        self._begun = self._said = time.monotonic()
        self._lock = threading.Lock()

    def copied(self, size: int) -> None:
        """So many bytes more went through."""
        with self._lock:
            self._bytes += size
            self._copied += size
            if time.monotonic() - self._said >= _LEAST_SECONDS:
                self._say()

    def finished(self, skipped: int = 0) -> None:
        """One file more is there; ``skipped`` is its size where it was there before."""
        with self._lock:
            self._done += 1
            self._bytes += skipped
            if self._done == self._files or time.monotonic() - self._said >= _LEAST_SECONDS:
                self._say()

    def _say(self) -> None:
        self._said = time.monotonic()
        rate = self._copied / max(self._said - self._begun, 0.001)
        say(f"{self._done}/{self._files} files, {size_of(self._bytes)} of {size_of(self._size)}, {size_of(rate)}/s")
