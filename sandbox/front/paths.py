# SPDX-License-Identifier: GPL-3.0-or-later
"""Where things lie: the checkout, the cache folder, the state folder. Standard library only."""

from __future__ import annotations

import os
from pathlib import Path

REPO = Path(__file__).resolve().parent.parent.parent


def cache_dir() -> Path:
    """Downloads, builds and environments of every checkout of this user."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "rhai-maas"


def state_dir(chosen: str | None = None) -> Path:
    """The folder of one running sandbox: the option, else SANDBOX_STATE, else .sandbox in the checkout."""
    return Path(chosen or os.environ.get("SANDBOX_STATE") or REPO / ".sandbox").absolute()
