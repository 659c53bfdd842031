# SPDX-License-Identifier: GPL-3.0-or-later
"""The import's own logic, with a hub and a store that are a few lines each."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

urllib3 = pytest.importorskip("urllib3")


def _load() -> ModuleType:
    path = Path(__file__).parents[3] / "roles" / "model_serving" / "files" / "import_model.py"
    spec = importlib.util.spec_from_file_location("import_model", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


script = _load()
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

    def __init__(self, broken: int = 0, status: int = 0) -> None:
        self.asked: list[str | None] = []
        self._broken, self._status = broken, status

    def request(self, _method: str, _address: str, headers: dict[str, str], **_rest: Any) -> Answer:
        """Answers as a hub does."""
        span = headers.get("Range")
        self.asked.append(span)
        begin = int(span.removeprefix("bytes=").rstrip("-")) if span else 0
        cut = 300 if len(self.asked) <= self._broken else None
        return Answer(self._status or (206 if span else 200), CONTENT[begin:], cut)


def read_all(download: Any) -> bytes:
    """Reads a stream in small pieces."""
    found = b""
    while piece := download.read(128):
        found += piece
    return found


@pytest.mark.parametrize("broken", [0, 1, 3])
def test_a_broken_connection_is_taken_up_where_it_broke(broken: int) -> None:
    pool = Pool(broken)
    download = script.Download(pool, "o/m", "http://hub/f", len(CONTENT))
    assert read_all(download) == CONTENT
    assert download.digest.hexdigest() == hashlib.sha256(CONTENT).hexdigest()
    assert pool.asked == [None, *(f"bytes={300 * (n + 1)}-" for n in range(broken))]


def test_a_line_that_never_holds_is_given_up() -> None:
    class Dead(Pool):
        def request(self, *_args: Any, **_rest: Any) -> Answer:
            return Answer(200, b"", 0)

    with pytest.raises(script.ImportFailedError, match="broke off 6 times at byte 0"):
        read_all(script.Download(Dead(), "o/m", "http://hub/f", 10))


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
    with pytest.raises(script.ImportFailedError, match=told):
        read_all(script.Download(Pool(status=status), "o/m", "http://hub/f", 10))


class Store:
    """What ``check`` and ``complete`` ask of the bucket."""

    prefix = "m/"

    def __init__(self, sizes: dict[str, int], texts: dict[str, str]) -> None:
        self._sizes, self._texts = sizes, texts

    def sizes(self) -> dict[str, int]:
        """Name to size."""
        return self._sizes

    def text(self, key: str) -> str | None:
        """The content of an object."""
        return self._texts.get(key)


FILES = [script.Wanted("config.json", 2, "a", None), script.Wanted("model.safetensors.index.json", 9, "b", None)]
INDEX = json.dumps({"weight_map": {"layer": "model-1.safetensors"}})


@pytest.mark.parametrize(
    ("sizes", "told"),
    [
        ({"config.json": 3, "model.safetensors.index.json": 9}, "of another size after the upload: config.json"),
        ({"model.safetensors.index.json": 9}, "not there or of another size"),
        ({"config.json": 2, "model.safetensors.index.json": 9}, "names model-1.safetensors"),
        ({"config.json": 2, "model.safetensors.index.json": 9, "model-1.safetensors": 1}, ""),
    ],
)
def test_the_bucket_must_hold_the_hubs_list_and_the_models_shards(sizes: dict[str, int], told: str) -> None:
    store = Store(sizes, {"m/model.safetensors.index.json": INDEX})
    if not told:
        script.check(store, FILES)
        return
    with pytest.raises(script.ImportFailedError, match=told):
        script.check(store, FILES)


@pytest.mark.parametrize(
    ("marker", "sizes", "skipped"),
    [
        (None, {"config.json": 2}, False),
        ({"revision": "r1", "files": {"config.json": 2}}, {"config.json": 2}, True),
        ({"revision": "r0", "files": {"config.json": 2}}, {"config.json": 2}, False),
        ({"revision": "r1", "files": {"config.json": 2}}, {}, False),
        ({"revision": "r1", "files": {"config.json": 1}}, {"config.json": 2}, False),
    ],
)
def test_only_what_was_verified_and_is_still_there_is_skipped(
    marker: Any, sizes: dict[str, int], skipped: bool
) -> None:
    store = Store(sizes, {} if marker is None else {"k": json.dumps(marker)})
    assert script.complete(store, "k", "r1", FILES[:1], sizes) is skipped
