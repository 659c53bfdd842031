# SPDX-License-Identifier: GPL-3.0-or-later
"""The import's own logic, with a hub and a store that are a few lines each."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

urllib3 = pytest.importorskip("urllib3")


FILES_OF_ROLE = Path(__file__).parents[3] / "roles" / "model_serving" / "files"
sys.path.insert(0, str(FILES_OF_ROLE))  # as in the Job: the files lie beside each other
hub, store_side, text = (importlib.import_module(f"import_{name}") for name in ("hub", "store", "text"))
CONTENT = bytes(range(256)) * 8


class Answer:
    """An HTTP answer that breaks off after so many bytes."""

    def __init__(self, status: int, body: bytes, breaks_after: int | None = None) -> None:
        self.status, self._body, self._left = status, body, breaks_after

    def read(self, amount: int) -> bytes:
        """Returns a piece; raises as urllib3 does when the line is cut."""
        if self._left == 0:
            raise urllib3.exceptions.ProtocolError("connection broken")
        piece = self._body[: min(amount, self._left if self._left is not None else amount)]
        self._body = self._body[len(piece) :]
        if self._left is not None:
            self._left -= len(piece)
        return piece


class Pool:
    """Serves CONTENT from the byte that is asked for; the first so many answers break off."""

    def __init__(self, broken: int = 0, status: int = 0, ranges: bool = True) -> None:
        self.asked: list[str | None] = []
        self._ranges = ranges
        self._broken, self._status = broken, status

    def get(self, _address: str, headers: dict[str, str]) -> Answer:
        """Answers as a hub does; one that knows no ranges answers with the whole."""
        span = headers.get("Range")
        self.asked.append(span)
        if span and not self._ranges:
            return Answer(200, CONTENT, 300 * (len(self.asked) + 1) if len(self.asked) <= self._broken else None)
        begin = int(span.removeprefix("bytes=").rstrip("-")) if span else 0
        cut = 300 if len(self.asked) <= self._broken else None
        return Answer(self._status or (206 if span else 200), CONTENT[begin:], cut)


def read_all(download: Any) -> bytes:
    """Reads a stream in small pieces."""
    found = b""
    while piece := download.read(128):
        found += piece
    return found


BLOB = hashlib.sha1(b"blob %d\0" % len(CONTENT) + CONTENT).hexdigest()
LARGE = hub.Wanted("f", len(CONTENT), hashlib.sha256(CONTENT).hexdigest(), hashlib.sha256(CONTENT).hexdigest())
SMALL = hub.Wanted("f", len(CONTENT), BLOB, None)


def download_of(pool: Any, file: Any = LARGE) -> Any:
    return hub.Download(pool, "o/m", "http://hub/f", file, lambda _size: None)


@pytest.mark.parametrize("broken", [0, 1, 3])
def test_a_broken_connection_is_taken_up_where_it_broke(broken: int) -> None:
    pool = Pool(broken)
    download = download_of(pool)
    assert read_all(download) == CONTENT
    assert download.differs(LARGE) == download.differs(SMALL) == ""
    assert pool.asked == [None, *(f"bytes={300 * (n + 1)}-" for n in range(broken))]


@pytest.mark.parametrize("broken", [1, 3])
def test_a_server_that_knows_no_ranges_is_read_past_what_is_there(broken: int) -> None:
    pool = Pool(broken, ranges=False)
    assert read_all(download_of(pool)) == CONTENT
    assert len(pool.asked) == broken + 1


@pytest.mark.parametrize("file", [LARGE, SMALL])
def test_what_came_is_compared_with_the_hubs_digest(file: Any) -> None:
    other = file._replace(digest="0" * 40, sha256=file.sha256 and "0" * 64)
    download = download_of(Pool())
    assert "1 bytes" not in download.differs(other) and "0 came" in download.differs(other)
    read_all(download)
    assert "what came is" in download.differs(other)


def test_a_line_that_never_holds_is_given_up() -> None:
    class Dead(Pool):
        def get(self, *_args: Any, **_rest: Any) -> Answer:
            return Answer(200, b"", 0)

    with pytest.raises(text.ImportFailedError, match="broke off 6 times at byte 0"):
        read_all(download_of(Dead()))


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (401, "model_serving_hugging_face_token"),
        (403, "accepted its licence"),
        (404, "correct the source of the model"),
        (500, "HTTP 500"),
    ],
)
def test_a_refusal_says_what_to_do(status: int, told: str) -> None:
    with pytest.raises(text.ImportFailedError, match=told):
        read_all(download_of(Pool(status=status)))


class Store:
    """What ``check`` and ``complete`` ask of the bucket."""

    def __init__(self, sizes: dict[str, int], texts: dict[str, str], prefix: str = "m/", ours: Any = ()) -> None:
        self._sizes, self._texts, self.prefix, self._ours = sizes, texts, prefix, ours

    def sizes(self) -> dict[str, int]:
        """Name to size."""
        return self._sizes

    def text(self, key: str) -> str | None:
        """The content of an object."""
        return self._texts.get(key)

    def keys(self, prefix: str) -> dict[str, int]:
        """All objects below."""
        there = {self.prefix + name: size for name, size in self._sizes.items()} | dict.fromkeys(self._texts, 1)
        return {key: size for key, size in there.items() if key.startswith(prefix)}

    def metadata(self, name: str) -> dict[str, str]:
        """What an upload wrote beside it."""
        return {"folder": self.prefix} if name in self._ours else {}


FILES = [hub.Wanted("config.json", 2, "a", None), hub.Wanted("model.safetensors.index.json", 9, "b", None)]
INDEX = json.dumps({"weight_map": {"layer": "model-1.safetensors"}})
WITH_SHARD = {"config.json": 2, "model.safetensors.index.json": 9, "model-1.safetensors": 1}
SHARD = hub.Wanted("model-1.safetensors", 1, "c", None)


@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        ({"config.json": 3, "model.safetensors.index.json": 9}, "of another size after the upload: config.json"),
        ({"model.safetensors.index.json": 9}, "not there or of another size"),
        ({"config.json": 2, "model.safetensors.index.json": 9}, "names model-1.safetensors"),
        (WITH_SHARD, ""),
        ({**WITH_SHARD, "": 0, "empty/": 0}, ""),
        ({**WITH_SHARD, "by-hand.bin": 4}, "meanwhile: by-hand.bin"),
    ],
)
def test_the_bucket_must_hold_the_hubs_list_and_the_models_shards(sizes: dict[str, int], told: str) -> None:
    store = Store(sizes, {"m/model.safetensors.index.json": INDEX})
    files = [*FILES, SHARD] if SHARD.name in sizes else FILES
    if not told:
        store_side.check(store, files)
        return
    with pytest.raises(text.ImportFailedError, match=told):
        store_side.check(store, files)


def test_shards_lie_beside_the_index_that_names_them() -> None:
    index = "vision/model.safetensors.index.json"
    files = [hub.Wanted(index, 9, "b", None), hub.Wanted("vision/model-1.safetensors", 1, "c", None)]
    store = Store({file.name: file.size for file in files}, {f"m/{index}": INDEX})
    store_side.check(store, files)
    with pytest.raises(text.ImportFailedError, match="names vision/model-1.safetensors"):
        store_side.check(Store({index: 9}, {f"m/{index}": INDEX}), files[:1])


Printed = pytest.CaptureFixture[str]
MARKER = {".maas-import/m.json": json.dumps({"files": {"old.bin": 1}})}


@pytest.mark.parametrize(
    ("sizes", "ours", "found"),
    [
        ({"config.json": 2}, (), []),
        ({"config.json": 2, "old.bin": 1}, (), ["old.bin"]),
        ({"config.json": 2, "half.bin": 1}, ("half.bin",), ["half.bin"]),
        ({"config.json": 2, "by-hand.bin": 1}, (), None),
        ({"config.json": 2, "old.bin": 1, "by-hand.bin": 1}, (), None),
    ],
)
def test_only_what_an_import_left_is_surplus(sizes: dict[str, int], ours: Any, found: Any) -> None:
    store = Store(sizes, MARKER, ours=ours)
    if found is None:
        with pytest.raises(text.ImportFailedError, match="no import put there.*by-hand.bin.*source.path"):
            store_side.surplus(store, FILES[:1], sizes)
    else:
        assert store_side.surplus(store, FILES[:1], sizes) == found


@pytest.mark.parametrize(
    ("own", "other", "refused"),
    [("a/", "a/b/", True), ("a/b/", "a/", True), ("a/", "ab/", False), ("a/", "a/", False), ("x/", "a/", False)],
)
def test_folders_within_each_other_are_refused(own: str, other: str, refused: bool) -> None:
    marker = f".maas-import/{other.strip('/')}.json"
    store = Store({}, {marker: "{}", f"{other}weights": "x"}, prefix=own)
    if refused:
        with pytest.raises(text.ImportFailedError, match="lie within each other"):
            store_side.refuse_nested(store)
    else:
        store_side.refuse_nested(store)
    store_side.refuse_nested(Store({}, {marker: "{}"}, prefix=own))  # a folder that was emptied is nobody's


@pytest.mark.parametrize(
    ("name", "pattern", "meant"),
    [
        ("original/consolidated.pth", "original/", True),
        ("original/deep/x", "original/", True),
        ("originals/x", "original/", False),
        ("a.bin", "*.bin", True),
        ("a.bin", "a", False),
    ],
)
def test_a_pattern_that_ends_in_a_slash_means_a_folder(name: str, pattern: str, meant: bool) -> None:
    assert hub.fits(name, pattern) is meant


def test_secrets_are_cleaned_and_never_said(monkeypatch: pytest.MonkeyPatch, capsys: Printed) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret\n")
    monkeypatch.setenv("HTTPS_PROXY", "http://me:p%40ssword@proxy:3128")
    text.say("Invalid header value b'Bearer hf_secret\\n' and hf_secret\n at http://me:p%40ssword@proxy, p@ssword")
    text.clean_environment()
    assert os.environ["HF_TOKEN"] == "hf_secret"
    text.say("Bearer hf_secret")
    said = capsys.readouterr().out
    assert "secret" not in said and "ssword" not in said and said.count("***") >= 4


def test_progress_tells_files_bytes_and_rate(monkeypatch: pytest.MonkeyPatch, capsys: Printed) -> None:
    now = [100.0]
    monkeypatch.setattr(text.time, "monotonic", lambda: now[0])
    progress = text.Progress(2, 5_000_000_000)
    progress.copied(1_000_000)
    assert capsys.readouterr().out == ""
    now[0] = 120.0
    progress.copied(1_999_000_000)
    assert capsys.readouterr().out == "0/2 files, 2.0 GB of 5.0 GB, 100.0 MB/s\n"
    progress.finished()
    progress.finished(skipped=3_000_000_000)
    assert capsys.readouterr().out == "2/2 files, 5.0 GB of 5.0 GB, 100.0 MB/s\n"


@pytest.mark.parametrize(
    ("marker", "sizes", "skipped"),
    [
        (None, {"config.json": 2}, False),
        ({"revision": "r1", "files": {"config.json": 2}}, {"config.json": 2}, True),
        ({"revision": "r0", "files": {"config.json": 2}}, {"config.json": 2}, False),
        ({"revision": "r1", "files": {"config.json": 2}}, {}, False),
        ({"revision": "r1", "files": {"config.json": 1}}, {"config.json": 2}, False),
        ({"revision": "r1", "files": {"config.json": 2}}, {"config.json": 2, "more.bin": 1}, False),
    ],
)
def test_only_what_was_verified_and_is_still_there_is_skipped(
    marker: Any, sizes: dict[str, int], skipped: bool
) -> None:
    store = Store(sizes, {} if marker is None else {"k": json.dumps(marker)})
    assert store_side.complete(store, "k", "r1", FILES[:1], sizes) is skipped
