# SPDX-License-Identifier: GPL-3.0-or-later
"""Unpacking Keycloak's archive, by every interpreter that the README promises: Debian 12's 3.11.2 has no filters."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

REPO = Path(__file__).resolve().parents[3]
RUN = "import sys, pathlib; from sandbox.keycloak.unpack import unpack; unpack(*map(pathlib.Path, sys.argv[1:]))"
FILTERLESS = "import tarfile\nif hasattr(tarfile, 'data_filter'): del tarfile.data_filter\n"
# the machine's own Python beside the one that runs the tests: on Debian 12 the one without filters
PROGRAMS = {"as it is": (sys.executable, ""), "without filters": (sys.executable, FILTERLESS)}
PROGRAMS |= {path: (path, "") for path in ("/usr/bin/python3",) if Path(path).exists()}


def unpacked(program: str, archive: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    python, before = PROGRAMS[program]
    folder.mkdir()
    command = [python, "-c", before + RUN, str(archive), str(folder)]
    environment = {"PYTHONPATH": str(REPO), "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def archive_of(path: Path, *members: tuple[str, dict[str, Any], bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tar:
        for name, fields, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            for key, value in fields.items():
                setattr(member, key, value)
            tar.addfile(member, io.BytesIO(content))
    return path


@pytest.mark.parametrize("program", PROGRAMS)
def test_files_folders_and_links_arrive(tmp_path: Path, program: str) -> None:
    archive = archive_of(
        tmp_path / "a.tar.gz",
        ("kc", {"type": tarfile.DIRTYPE, "mode": 0o755}, b""),
        ("kc/bin/kc.sh", {"mode": 0o6777, "uid": 4321, "gid": 4321}, b"#!/bin/sh\n"),
        ("kc/link", {"type": tarfile.SYMTYPE, "linkname": "bin/kc.sh"}, b""),
        ("kc/twin", {"type": tarfile.LNKTYPE, "linkname": "kc/bin/kc.sh", "mode": 0o6777}, b""),
    )
    run = unpacked(program, archive, tmp_path / "out")
    assert run.returncode == 0, run.stderr
    made = tmp_path / "out" / "kc"
    assert [(made / name).read_bytes() for name in ("bin/kc.sh", "link", "twin")] == [b"#!/bin/sh\n"] * 3
    found = (made / "bin/kc.sh").stat()
    assert (found.st_mode & 0o7777, found.st_uid) == (0o755, os.getuid())


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize(
    "members",
    [
        [("../out-of-it", {}, b"x")],
        [("kc/link", {"type": tarfile.SYMTYPE, "linkname": "../../out-of-it"}, b"")],
        [("kc/link", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"}, b"")],
        [("kc/twin", {"type": tarfile.LNKTYPE, "linkname": "../out-of-it"}, b"")],
        [("kc/pipe", {"type": tarfile.FIFOTYPE}, b"")],
    ],
    ids=["name", "link", "absolute link", "hard link", "pipe"],
)
def test_what_would_leave_the_folder_is_refused(
    tmp_path: Path, program: str, members: list[tuple[str, dict[str, Any], bytes]]
) -> None:
    run = unpacked(program, archive_of(tmp_path / "a.tar.gz", *members), tmp_path / "out")
    assert "a.tar.gz is refused: " in run.stderr
    assert not (tmp_path / "out-of-it").exists()
