# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""A folder of files on the host that runs the module, and the changes by which it holds what it shall."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Change, RefusalError


class Folder:
    """A folder on the host that runs the module."""

    def __init__(self, path: str) -> None:
        self.root = Path(path)
        if self.root.exists() and not self.root.is_dir():
            raise RefusalError(f"path: '{path}' is there and no folder; name a folder for the export.")

    def changes(self, wanted: Mapping[str, bytes], gone: Iterable[str] = ()) -> list[Change]:
        """Writes of what differs, and removals of the files ``gone``."""
        found = [self._write(name, data) for name, data in wanted.items()]
        found += [self._remove(name) for name in gone]
        return [change for change in found if change is not None]

    def read(self, name: str) -> bytes | None:
        """A file's content, None where it is not there. Raises :class:`RefusalError`."""
        path = self.root / name
        try:
            return path.read_bytes() if path.is_file() else None
        except OSError as error:
            raise RefusalError(f"path: can't read '{path}': {error.strerror}.") from None

    def _write(self, name: str, data: bytes) -> Change | None:
        old = self.read(name)
        if old == data:
            return None
        before = None if old is None else {"content": _shown(old)}
        action, after = "create" if old is None else "update", {"content": _shown(data)}
        kept = {"path": str(self.root / name), "content": data}
        return Change(action, "file", name, before, after, task="write file", data=kept)

    def _remove(self, name: str) -> Change:
        before = {"content": _shown(self.read(name) or b"")}
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
