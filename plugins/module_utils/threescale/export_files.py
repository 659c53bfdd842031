# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""A folder of an export: which of its files are to be written or removed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Change, RefusalError

# the list of the portal's items names the files that an export made; nothing else of the folder is its own
LIST = "portal.yml"
_SOURCE = re.compile(r"^\s+src: (portal/\S.*)$", re.MULTILINE)


class Folder:
    """A folder on the host that runs the module."""

    def __init__(self, path: str) -> None:
        self.root = Path(path)
        if self.root.exists() and not self.root.is_dir():
            raise RefusalError(f"path: '{path}' is there and no folder; name a folder for the export.")

    def changes(self, wanted: Mapping[str, bytes]) -> list[Change]:
        """Writes of what differs, and removals of what an earlier export of the portal made and is no longer there."""
        found = [self._write(name, data) for name, data in wanted.items()]
        if LIST in wanted:
            found += [self._remove(name) for name in sorted(self._made_before() - set(wanted))]
        return [change for change in found if change is not None]

    def _made_before(self) -> set[str]:
        text = (self._read(LIST) or b"").decode("utf-8", "replace")
        names = {name.strip("'\"") for name in _SOURCE.findall(text)}
        return {name for name in names if ".." not in name.split("/") and (self.root / name).is_file()}

    def _read(self, name: str) -> bytes | None:
        path = self.root / name
        try:
            return path.read_bytes() if path.is_file() else None
        except OSError as error:
            raise RefusalError(f"path: can't read '{path}': {error.strerror}.") from None

    def _write(self, name: str, data: bytes) -> Change | None:
        old = self._read(name)
        if old == data:
            return None
        before = None if old is None else {"content": _shown(old)}
        action, after = "create" if old is None else "update", {"content": _shown(data)}
        kept = {"path": str(self.root / name), "content": data}
        return Change(action, "file", name, before, after, task="write file", data=kept)

    def _remove(self, name: str) -> Change:
        before = {"content": _shown(self._read(name) or b"")}
        return Change("delete", "file", name, before, task="remove file", data={"path": str(self.root / name)})


def write_file(_applier: Any, change: Change) -> None:
    """Write a file, its folder included. Raises :class:`RefusalError`."""
    path = Path(change.data["path"])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(change.data["content"])
    except OSError as error:
        raise RefusalError(f"path: can't write '{path}': {error.strerror}.") from None


def remove_file(_applier: Any, change: Change) -> None:
    """Remove a file, if it is there. Raises :class:`RefusalError`."""
    path = Path(change.data["path"])
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise RefusalError(f"path: can't remove '{path}': {error.strerror}.") from None


TASKS = {"write file": write_file, "remove file": remove_file}


def _shown(data: bytes) -> str | bytes:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data
