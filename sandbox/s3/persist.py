# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep moto's buckets in a folder: ``FOLDER/BUCKET/index.json`` and one file for each object, named by a digest."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from pathlib import Path
from typing import Any

ACCOUNT = "123456789012"  # moto's one account
REGION = "us-east-1"


def _backend() -> Any:
    from moto.s3.models import s3_backends

    return s3_backends[ACCOUNT]["aws"]


def _file(key: str, etag: str) -> str:
    return hashlib.sha256(f"{key}\0{etag}".encode()).hexdigest()


class Folder:
    """Loads all buckets at the start and writes what changed whenever ``touch`` was called."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._dirty = threading.Event()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._loop, name="persist", daemon=True)

    def start(self) -> None:
        """Load, then write in the background."""
        self.path.mkdir(parents=True, exist_ok=True)
        for index in sorted(self.path.glob("*/index.json")):
            self._load(index)
        self._thread.start()

    def touch(self) -> None:
        """Something was written."""
        self._dirty.set()

    def close(self) -> None:
        """Write what is still to be written."""
        self._stop.set()
        self._dirty.set()
        self._thread.join(10)

    def _loop(self) -> None:
        while not self._stop.is_set():
            self._dirty.wait()
            self._dirty.clear()
            try:
                self.save()
            except Exception:  # the next write tries again; the server goes on
                logging.exception("could not write %s", self.path)
            self._stop.wait(0.5)

    def _load(self, index: Path) -> None:
        backend, bucket = _backend(), index.parent.name
        backend.create_bucket(bucket, REGION)
        for key, entry in json.loads(index.read_text()).items():
            content = (index.parent / entry["file"]).read_bytes()
            stored = backend.put_object(bucket, key, content, etag=entry["etag"], disable_notification=True)
            stored.set_metadata(entry["metadata"])
        logging.info("bucket %s: loaded", bucket)

    def save(self) -> None:
        """Make the folder equal to what moto holds."""
        with self._lock:
            buckets = dict(_backend().buckets)
            for name, bucket in buckets.items():
                self._save_bucket(self.path / name, bucket)
            for folder in self.path.iterdir():
                if folder.is_dir() and folder.name not in buckets:
                    for file in folder.iterdir():
                        file.unlink()
                    folder.rmdir()

    def _save_bucket(self, folder: Path, bucket: Any) -> None:
        folder.mkdir(exist_ok=True)
        index: dict[str, Any] = {}
        for name, key in list(bucket.keys.items()):
            etag = key.etag.strip('"')
            file = _file(name, etag)
            if not (folder / file).exists():
                (folder / file).write_bytes(key.value)
            index[name] = {"file": file, "etag": etag, "metadata": dict(key.metadata)}
        partial = folder / "index.json.new"
        partial.write_text(json.dumps(index, indent=1))
        partial.replace(folder / "index.json")
        kept = {entry["file"] for entry in index.values()} | {"index.json"}
        for path in folder.iterdir():
            if path.name not in kept:
                path.unlink()
