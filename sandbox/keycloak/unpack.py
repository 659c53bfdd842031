# SPDX-License-Identifier: GPL-3.0-or-later
"""Unpack an archive safely, with and without the filters of ``tarfile`` (Python 3.11.4 and later have them).

Standard library alone: it is tried with interpreters that have nothing else.
"""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

from sandbox.keycloak.error import KeycloakError


def unpack(archive: Path, folder: Path) -> None:
    """Unpack files, folders and links; KeycloakError when a member would leave ``folder`` or is anything else.

    :param archive: a tar archive, compressed or not
    :param folder: exists already
    """
    with tarfile.open(archive) as tar:
        if hasattr(tarfile, "data_filter"):
            try:
                tar.extractall(folder, filter="data")
            except tarfile.FilterError as error:
                raise KeycloakError(f"{archive.name} is refused: {error}") from error
            return
        root = folder.resolve()
        for member in tar:  # each is checked when its forerunners are there: a link among them counts
            _check(member, root, archive.name)
            member.uid, member.gid, member.uname, member.gname = os.getuid(), os.getgid(), "", ""
            member.mode = (member.mode & 0o755) | (0o700 if member.isdir() else 0o600)
            tar.extract(member, root)


def _check(member: tarfile.TarInfo, root: Path, archive: str) -> None:
    target = root / member.name
    if not (member.isreg() or member.isdir() or member.issym() or member.islnk()):
        raise KeycloakError(f"{archive} is refused: {member.name!r} is neither a file, a folder nor a link")
    if not target.resolve().is_relative_to(root):
        raise KeycloakError(f"{archive} is refused: {member.name!r} would be outside the destination")
    start = target.parent if member.issym() else root
    if (member.issym() or member.islnk()) and not (start / member.linkname).resolve().is_relative_to(root):
        raise KeycloakError(f"{archive} is refused: link {member.name!r} would point outside the destination")
