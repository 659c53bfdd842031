# SPDX-License-Identifier: GPL-3.0-or-later
"""Repositories with their commits, blobs and digests."""

from __future__ import annotations

import hashlib
import mmap
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from sandbox.hub.content import files_of

LFS_SUFFIXES = (".safetensors", ".bin", ".onnx", ".model", ".v3", ".gguf", ".pt")
DATE = "2025-01-01T00:00:00.000Z"


@dataclass(frozen=True)
class Blob:
    """One file: git's blob id, and for large-file storage the SHA-256."""

    path: str
    content: bytes | memoryview

    @property
    def lfs(self) -> bool:
        """Is it kept in large-file storage?"""
        return self.path.endswith(LFS_SUFFIXES)

    @cached_property
    def sha256(self) -> str:
        """Digest of the content."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def pointer(self) -> bytes:
        """What git itself holds for a file of large-file storage."""
        head = "version https://git-lfs.github.com/spec/v1"
        return f"{head}\noid sha256:{self.sha256}\nsize {len(self.content)}\n".encode()

    @cached_property
    def oid(self) -> str:
        """Git's blob id."""
        data = self.pointer if self.lfs else self.content
        return hashlib.sha1(b"blob %d\0" % len(data) + bytes(data), usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class Repo:
    """A repository: its files and its one commit."""

    name: str
    blobs: dict[str, Blob]
    gated: str | None = None
    revisions: frozenset[str] = field(default_factory=frozenset)
    pipeline: str = "text-generation"

    @property
    def sha(self) -> str:
        """The commit that ``main`` and all other revisions name."""
        lines = "".join(f"{path} {blob.oid}\n" for path, blob in sorted(self.blobs.items()))
        return hashlib.sha1(f"{self.name}\n{lines}".encode(), usedforsecurity=False).hexdigest()

    def knows(self, revision: str) -> bool:
        """Does this branch, tag or commit exist?"""
        return revision in {"main", "HEAD", self.sha} | self.revisions or revision == self.sha[:7]

    def info(self, blobs: bool) -> dict[str, Any]:
        """The hub's model info; with ``blobs`` the siblings' sizes and digests."""
        siblings = [{"rfilename": path, **(_sizes(blob) if blobs else {})} for path, blob in sorted(self.blobs.items())]
        return {
            "_id": self.sha[:24],
            "id": self.name,
            "modelId": self.name,
            "author": self.name.split("/")[0],
            "sha": self.sha,
            "lastModified": DATE,
            "createdAt": DATE,
            "private": False,
            "disabled": False,
            "gated": self.gated or False,
            "downloads": 0,
            "likes": 0,
            "tags": ["safetensors"],
            "pipeline_tag": self.pipeline,
            "library_name": "transformers",
            "siblings": siblings,
            "usedStorage": sum(len(blob.content) for blob in self.blobs.values()),
        }

    def tree(self, folder: str, recursive: bool) -> list[dict[str, Any]] | None:
        """Entries below a folder; None when there is no such folder."""
        prefix = f"{folder.strip('/')}/" if folder.strip("/") else ""
        entries: dict[str, dict[str, Any]] = {}
        for path, blob in sorted(self.blobs.items()):
            if not path.startswith(prefix):
                continue
            parts = path[len(prefix) :].split("/")
            for depth in range(1, len(parts) if recursive else min(2, len(parts))):
                name = prefix + "/".join(parts[:depth])
                entries[name] = {
                    "type": "directory",
                    "oid": hashlib.sha1(name.encode()).hexdigest(),
                    "size": 0,
                    "path": name,
                }
            if recursive or len(parts) == 1:
                entries[path] = entry(blob)
        return list(entries.values()) if entries or not prefix else None


def _sizes(blob: Blob) -> dict[str, Any]:
    size = len(blob.content)
    shown: dict[str, Any] = {"size": size, "blobId": blob.oid}
    if blob.lfs:
        shown["lfs"] = {"sha256": blob.sha256, "size": size, "pointerSize": len(blob.pointer)}
    return shown


def entry(blob: Blob) -> dict[str, Any]:
    """A file in a tree listing."""
    size = len(blob.content)
    shown: dict[str, Any] = {"type": "file", "oid": blob.oid, "size": size, "path": blob.path}
    if blob.lfs:
        shown["lfs"] = {"oid": blob.sha256, "size": size, "pointerSize": len(blob.pointer)}
    return shown


def _built_in(size: int) -> list[Repo]:
    data = yaml.safe_load((Path(__file__).parent / "repos.yml").read_text())
    repos: list[Repo] = []
    for name, spec in data.items():
        blobs = {path: Blob(path, content) for path, content in files_of(name, spec, size).items()}
        pipeline = "sentence-similarity" if spec["kind"] == "embedding" else "text-generation"
        repos.append(Repo(name, blobs, spec.get("gated"), frozenset(spec.get("revisions", [])), pipeline))
    return repos


def _from_folder(folder: Path) -> list[Repo]:
    """``FOLDER/OWNER/NAME/files…``; a file ``.gated`` in a repository's folder makes it a gated one."""
    repos: list[Repo] = []
    for home in sorted(path for path in folder.glob("*/*") if path.is_dir()):
        files = {str(path.relative_to(home)): path for path in sorted(home.rglob("*")) if path.is_file()}
        gated = "manual" if files.pop(".gated", None) else None
        blobs = {name: Blob(name, _mapped(path)) for name, path in files.items()}
        repos.append(Repo(f"{home.parent.name}/{home.name}", blobs, gated))
    return repos


def _mapped(path: Path) -> memoryview | bytes:
    """The file's content without reading it into memory: a model's file can be large."""
    if not path.stat().st_size:
        return b""
    with path.open("rb") as handle:
        return memoryview(mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ))


def load(size: int, folder: Path | None = None) -> dict[str, Repo]:
    """All repositories by their lower-case name: the hub finds them in any spelling."""
    repos = _built_in(size) + (_from_folder(folder) if folder else [])
    return {repo.name.lower(): repo for repo in repos}
