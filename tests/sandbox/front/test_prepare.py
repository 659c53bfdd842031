# SPDX-License-Identifier: GPL-3.0-or-later
"""What can't be had is told while the rest is still being made."""

from __future__ import annotations

import threading
from io import StringIO
from pathlib import Path

import pytest

from sandbox.front import prepare
from sandbox.front.progress import Progress


def test_missing_package_is_told_while_the_control_plane_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = threading.Event()
    ends = threading.Timer(20, built.set)  # a wait that would last for ever
    ends.start()

    def missing() -> None:
        raise prepare.PrepareError("missing on this machine: nginx")

    def tasks(*_anything: object) -> list[prepare.Task]:
        return [
            prepare.Task("Kubernetes", ("kubernetes",), 400.0, lambda: None if built.wait() else None),
            prepare.Task("Debian packages", ("gateway",), 30.0, missing),
        ]

    monkeypatch.setattr(prepare, "tasks", tasks)
    preparation = prepare.Preparation(tmp_path, ["kubernetes", "gateway"], "example", Progress(StringIO()))
    try:
        with pytest.raises(prepare.PrepareError, match="nginx"):
            while not preparation.is_done("kubernetes"):
                assert not built.wait(0.01)
    finally:
        ends.cancel()
        built.set()
        preparation.close()
