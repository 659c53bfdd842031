# SPDX-License-Identifier: GPL-3.0-or-later
"""Where downloads and builds are kept, and the lock that keeps two processes from making the same thing."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def folder() -> Path:
    """The cache folder of this part, made when missing: `${XDG_CACHE_HOME:-~/.cache}/rhai-maas/keycloak`."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    path = base / "rhai-maas" / "keycloak"
    path.mkdir(parents=True, exist_ok=True)
    return path


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Holds an exclusive lock of that name; the second process waits until the first has made the thing."""
    with (folder() / f"{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder on the cache's own file system (a finished thing is moved by one rename), removed at the end."""
    with tempfile.TemporaryDirectory(dir=folder(), prefix="making-") as name:
        yield Path(name)
