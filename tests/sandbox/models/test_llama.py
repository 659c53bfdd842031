# SPDX-License-Identifier: GPL-3.0-or-later
"""The real model, served by the real llama.cpp through its own command line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sandbox.common.launch import REPO, free_port, running
from sandbox.hub import weights
from tests.support.until import LIMIT, until

QUESTION = {"messages": [{"role": "user", "content": "Name the capital of France."}], "temperature": 0, "seed": 1}


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    port = free_port()
    # as in a Pod: the preset's own arguments, then the address that the node gives
    arguments = ["--host=0.0.0.0", f"--port={port}", "--metrics", "--jinja", "--alias=smollm2", "--ctx-size=1024"]
    arguments += [f"--model={weights.ensure()}", "--host", "127.0.0.1"]
    log = tmp_path_factory.mktemp("llama") / "llama.log"
    url = f"http://127.0.0.1:{port}"
    with (
        running("sandbox.models.llama", arguments, url + "/health", log, seconds=LIMIT),
        httpx.Client(base_url=url, timeout=LIMIT, limits=httpx.Limits(max_keepalive_connections=0)) as client,
    ):
        until(lambda: client.get("/health").status_code == 200, "the model is loaded")
        yield client


def test_a_question_is_answered_and_its_tokens_are_counted(llama: httpx.Client) -> None:
    assert [model["id"] for model in llama.get("/v1/models").json()["data"]] == ["smollm2"]
    answer = llama.post("/v1/chat/completions", json={**QUESTION, "max_tokens": 24}).json()
    assert "Paris" in answer["choices"][0]["message"]["content"]
    usage = answer["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    counted = llama.get("/metrics").text
    assert f"llamacpp:tokens_predicted_total {usage['completion_tokens']}" in counted


def test_a_stream_tells_its_usage_only_when_asked(llama: httpx.Client) -> None:
    for asked in (False, True):
        options = {"stream_options": {"include_usage": True}} if asked else {}
        text = llama.post("/v1/chat/completions", json={**QUESTION, "max_tokens": 4, "stream": True, **options}).text
        events = [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: {")]
        assert any(event.get("usage") for event in events) is asked
        assert "data: [DONE]" in text


@pytest.mark.parametrize(
    ("path", "status"),
    [("/v1/embeddings", 501), ("/v1/rerank", 501), ("/embed", 404), ("/score", 404), ("/v1/models/smollm2", 404)],
)
def test_routes_are_its_own(llama: httpx.Client, path: str, status: int) -> None:
    assert llama.post(path, json={"input": "x", "query": "x", "documents": ["x"]}).status_code == status


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--model={folder}/absent.gguf"], "failed to open GGUF file"),
        (["--model={folder}/other.gguf"], "not in GGUF format"),
        ([], "--model is missing"),
        (["--served-model-name=x"], "error: invalid argument: --served-model-name=x"),
    ],
)
def test_a_start_that_can_not_be_ends_with_its_words(tmp_path: Path, arguments: list[str], said: str) -> None:
    (tmp_path / "other.gguf").write_bytes(b"PK\x03\x04")
    command = [sys.executable, "-m", "sandbox.models.llama", *(item.format(folder=tmp_path) for item in arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=REPO, check=False)
    assert done.returncode == 1
    assert said in done.stderr
