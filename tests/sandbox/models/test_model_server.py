# SPDX-License-Identifier: GPL-3.0-or-later
"""The model server through its front door."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.common.launch import REPO, free_port, running
from sandbox.models import images

QUESTION = {"model": "granite", "messages": [{"role": "user", "content": "Say hello in Python."}]}


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    port = free_port()
    arguments = ["--served-model-name=granite", f"--port={port}", "--max-model-len=512", "--dtype=half"]
    log = tmp_path_factory.mktemp("models") / "chat.log"
    with (
        running("sandbox.models", arguments, f"http://127.0.0.1:{port}/health", log),
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        yield client


@pytest.fixture(scope="module")
def embedding(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    port = free_port()
    arguments = ["--program", "tei", "--name", "nomic", "--port", str(port), "--vector-size", "64"]
    log = tmp_path_factory.mktemp("models") / "embedding.log"
    with (
        running("sandbox.models", arguments, f"http://127.0.0.1:{port}/health", log),
        httpx.Client(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        yield client


def events(raw: bytes) -> list[Any]:
    """The data of a stream's events; ``[DONE]`` stays a string."""
    lines = [line[5:].strip() for line in raw.decode().splitlines() if line.startswith("data:")]
    return [line if line == "[DONE]" else json.loads(line) for line in lines]


def stream(client: httpx.Client, misbehave: str = "", **more: Any) -> httpx.Response:
    headers = {"X-Sandbox-Misbehave": misbehave} if misbehave else {}
    body = {**QUESTION, "max_tokens": 12, "stream": True, "stream_options": {"include_usage": True}, **more}
    return client.post("/v1/chat/completions", json=body, headers=headers)


def tokens_total(client: httpx.Client) -> tuple[int, int]:
    found = dict(line.rsplit(" ", 1) for line in client.get("/metrics").text.splitlines() if line[:1] != "#")
    label = '{engine="0",model_name="granite"}'
    return int(found["vllm:prompt_tokens_total" + label]), int(found["vllm:generation_tokens_total" + label])


def test_answers_are_the_same_each_time_and_counted(chat: httpx.Client) -> None:
    before = tokens_total(chat)
    first, second = (chat.post("/v1/chat/completions", json={**QUESTION, "max_tokens": 20}).json() for _ in range(2))
    assert first["choices"] == second["choices"]
    assert "Say hello in Python." in first["choices"][0]["message"]["content"]
    usage = first["usage"]
    assert usage["completion_tokens"] == 20
    assert first["choices"][0]["finish_reason"] == "length"
    assert usage["total_tokens"] == usage["prompt_tokens"] + 20
    after = tokens_total(chat)
    assert after[0] - before[0] == 2 * usage["prompt_tokens"]
    assert after[1] - before[1] == 40


def test_stream_carries_the_same_text_and_a_usage_chunk(chat: httpx.Client) -> None:
    plain = chat.post("/v1/chat/completions", json={**QUESTION, "max_tokens": 12}).json()
    answer = stream(chat)
    assert answer.headers["content-type"].startswith("text/event-stream")
    *chunks, usage, done = events(answer.content)
    assert done == "[DONE]"
    assert usage["choices"] == []
    assert {k: v for k, v in usage["usage"].items() if v} == {k: v for k, v in plain["usage"].items() if v}
    text = "".join(choice["delta"].get("content", "") for chunk in chunks for choice in chunk["choices"])
    assert text == plain["choices"][0]["message"]["content"]
    assert chunks[-1]["choices"][0]["finish_reason"] == "length"


def test_stream_without_the_option_has_no_usage(chat: httpx.Client) -> None:
    *chunks, done = events(stream(chat, stream_options=None).content)
    assert done == "[DONE]"
    assert not any("usage" in chunk for chunk in chunks)


def test_exact_length_stop_strings_and_several_choices(chat: httpx.Client) -> None:
    long = chat.post("/v1/completions", json={"prompt": "a", "max_tokens": 200, "ignore_eos": True}).json()
    assert long["usage"]["completion_tokens"] == 200
    stopped = chat.post("/v1/completions", json={"prompt": "a", "max_tokens": 200, "stop": [" answers"]}).json()
    assert stopped["choices"][0]["text"] == "granite"
    assert stopped["choices"][0]["finish_reason"] == "stop"
    three = chat.post("/v1/completions", json={"prompt": "a", "max_tokens": 30, "n": 3, "echo": True}).json()
    assert [choice["index"] for choice in three["choices"]] == [0, 1, 2]
    assert len({choice["text"] for choice in three["choices"]}) == 3
    assert all(choice["text"].startswith("a") for choice in three["choices"])


@pytest.mark.parametrize(
    ("path", "body", "code", "text"),
    [
        ("/v1/chat/completions", {**QUESTION, "model": "x"}, 404, "The model `x` does not exist."),
        ("/v1/chat/completions", {"model": "granite"}, 400, "messages"),
        ("/v1/chat/completions", {**QUESTION, "max_tokens": 0}, 400, "max_tokens must be at least 1, got 0."),
        ("/v1/chat/completions", {**QUESTION, "max_tokens": 600}, 400, "maximum context length is 512 tokens"),
        ("/v1/chat/completions", {**QUESTION, "stream_options": {"include_usage": True}}, 400, "`stream=True`"),
        ("/v1/completions", {"prompt": ""}, 400, "prompt"),
        ("/v1/embeddings", {"input": "a"}, 400, "does not support Embeddings API"),
        ("/v1/nothing", {}, 404, "Not Found"),
    ],
)
def test_refusals_have_vllms_form(chat: httpx.Client, path: str, body: Any, code: int, text: str) -> None:
    if path == "/v1/completions":
        body = {"prompt": []}
    answer = chat.post(path, json=body)
    assert answer.status_code == code
    error = answer.json()["error"]
    assert text in error["message"]
    assert error["code"] == code


def test_misbehaving_streams(chat: httpx.Client) -> None:
    assert "[DONE]" not in events(stream(chat, "no_done").content)
    assert not any(isinstance(e, dict) and "usage" in e for e in events(stream(chat, "no_usage").content))
    assert b"\r\n\r\n" in stream(chat, "crlf").content
    assert b"data:{" in stream(chat, "no_space").content
    assert stream(chat, "comments").content.startswith(b": ping\n")
    assert stream(chat, "gzip").headers["content-encoding"] == "gzip"
    last = [e for e in events(stream(chat, "usage_in_last").content) if isinstance(e, dict) and e.get("usage")]
    assert last[0]["choices"][0]["finish_reason"] == "length"
    numbers = events(stream(chat, "string_usage").content)[-2]["usage"]
    assert numbers["completion_tokens"] == "12"
    with pytest.raises(httpx.RemoteProtocolError):
        stream(chat, "cut")
    with pytest.raises(json.JSONDecodeError):
        events(stream(chat, "malformed").content)


def test_split_pieces_keep_the_bytes(chat: httpx.Client) -> None:
    body = {**QUESTION, "max_tokens": 12, "stream": True}
    headers = {"X-Sandbox-Misbehave": "split"}
    with chat.stream("POST", "/v1/chat/completions", json=body, headers=headers) as answer:
        pieces = list(answer.iter_raw())
    assert len(events(b"".join(pieces))) == 14
    assert max(len(piece) for piece in pieces) < 2000


def test_control_makes_every_answer_misbehave_until_told_otherwise(chat: httpx.Client) -> None:
    assert chat.put("/_sandbox/misbehave", json={"do": ["status:503"]}).json() == {"do": ["status:503"]}
    assert chat.get("/health").status_code == 503
    chat.delete("/_sandbox/misbehave")
    assert chat.get("/health").status_code == 200
    assert chat.put("/_sandbox/misbehave", json={"do": ["dance"]}).status_code == 400


def test_faults_and_counters(chat: httpx.Client) -> None:
    chat.delete("/_sandbox/counters")
    chat.put("/_sandbox/faults", json=[{"do": "429", "times": 1, "retry_after": 3, "match": {"path": "^/health"}}])
    first = chat.get("/health")
    assert (first.status_code, first.headers["retry-after"]) == (429, "3")
    assert chat.get("/health").status_code == 200
    chat.put("/_sandbox/faults", json=[{"do": "drop_before", "times": 1}])
    with pytest.raises(httpx.RemoteProtocolError):
        chat.get("/health")
    chat.put("/_sandbox/faults", json=[{"do": "truncate", "bytes": 5, "times": 1}])
    with pytest.raises(httpx.RemoteProtocolError):
        chat.get("/v1/models")
    chat.delete("/_sandbox/faults")
    counters = chat.get("/_sandbox/counters").json()
    assert counters["by_path"] == {"GET /health": 3, "GET /v1/models": 1}


def test_dump_shows_headers_but_no_secret(chat: httpx.Client) -> None:
    chat.post("/v1/completions", json={"prompt": "a", "max_tokens": 1}, headers={"Authorization": "Bearer secret"})
    last = chat.get("/_sandbox/dump").json()["requests"][-1]
    assert last["headers"]["authorization"] == "<13 characters>"


def test_embeddings_by_both_interfaces(embedding: httpx.Client) -> None:
    tei = embedding.post("/embed", json={"inputs": ["models as a service", "an apple"]}).json()
    openai = embedding.post("/v1/embeddings", json={"model": "nomic", "input": ["models as a service"]}).json()
    assert openai["data"][0]["embedding"] == tei[0]
    assert len(tei[0]) == 64
    assert sum(number * number for number in tei[0]) == pytest.approx(1.0, abs=1e-4)
    assert openai["usage"] == {"prompt_tokens": 7, "total_tokens": 7}
    assert embedding.post("/embed", json={"inputs": []}).json()["error_type"] == "Validation"
    assert embedding.post("/similarity", json={"inputs": {"source_sentence": "a", "sentences": ["a"]}}).json()[0] > 0.9
    assert [token["text"] for token in embedding.post("/tokenize", json={"inputs": "an apple"}).json()[0]] == [
        "an",
        " apple",
    ]


TEXTS = ["bananas are yellow", "the quota of an application is a limit on its plan"]
QUERY = "application plan limit"


@pytest.fixture(scope="module")
def rerankers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, httpx.Client]]:
    """One reranker in each program."""
    folder = tmp_path_factory.mktemp("rerankers")
    with ExitStack() as stack:
        clients = {}
        for program in ("vllm", "tei"):
            port = free_port()
            url = f"http://127.0.0.1:{port}"
            arguments = ["--program", program, "--name", "bge", "--task", "rerank", "--port", str(port)]
            stack.enter_context(running("sandbox.models", arguments, url + "/health", folder / f"{program}.log"))
            clients[program] = stack.enter_context(httpx.Client(base_url=url))
        yield clients


def test_rerank_has_the_body_of_its_program(rerankers: dict[str, httpx.Client]) -> None:
    body = {"query": QUERY, "texts": TEXTS, "return_text": True}
    ranked = rerankers["tei"].post("/rerank", json=body).json()
    assert [entry["index"] for entry in ranked] == [1, 0]
    assert ranked[0]["text"] == TEXTS[1]
    assert 1 > ranked[0]["score"] > ranked[1]["score"] > 0
    assert rerankers["vllm"].post("/rerank", json=body).status_code == 400
    jina = {"model": "bge", "query": QUERY, "documents": TEXTS, "top_n": 1}
    for path in ("/rerank", "/v1/rerank"):
        found = rerankers["vllm"].post(path, json=jina).json()
        assert [(item["index"], item["document"]["text"]) for item in found["results"]] == [(1, TEXTS[1])]
    assert rerankers["tei"].post("/rerank", json=jina).status_code == 422
    pairs = {"model": "bge", "text_1": QUERY, "text_2": TEXTS}
    scores = [item["score"] for item in rerankers["vllm"].post("/score", json=pairs).json()["data"]]
    assert scores[1] > scores[0]


def test_an_embedding_model_reranks_nothing(embedding: httpx.Client) -> None:
    answer = embedding.post("/rerank", json={"query": QUERY, "texts": TEXTS})
    assert (answer.status_code, answer.json()["error_type"]) == (424, "Backend")


@pytest.mark.parametrize("path", ["/v1/models", "/v1/chat/completions", "/version", "/v1/rerank", "/score"])
def test_text_embeddings_inference_has_no_routes_of_vllm(embedding: httpx.Client, path: str) -> None:
    for answer in (embedding.get(path), embedding.post(path, json={})):
        assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.parametrize("path", ["/embed", "/info", "/similarity"])
def test_vllm_has_no_routes_of_text_embeddings_inference(chat: httpx.Client, path: str) -> None:
    assert chat.post(path, json={}).status_code == 404


def test_newer_interfaces_count_under_their_own_names(chat: httpx.Client) -> None:
    plain = chat.post("/v1/chat/completions", json={**QUESTION, "max_tokens": 8}).json()
    body = {"model": "granite", "input": QUESTION["messages"], "max_output_tokens": 8}
    responses = chat.post("/v1/responses", json=body).json()
    messages = chat.post("/v1/messages", json={**QUESTION, "max_tokens": 8}).json()
    text = plain["choices"][0]["message"]["content"]
    assert responses["output"][0]["content"][0]["text"] == messages["content"][0]["text"] == text
    for usage in (responses["usage"], messages["usage"]):
        assert (usage["input_tokens"], usage["output_tokens"]) == (plain["usage"]["prompt_tokens"], 8)
    assert chat.post("/v1/messages", json=QUESTION).status_code == 400
    events = chat.post("/v1/messages", json={**QUESTION, "max_tokens": 8, "stream": True}).text
    assert "event: message_start" in events and events.count("content_block_delta") == 16


def start_refused(*arguments: str, code: int = 1) -> str:
    command = [sys.executable, "-m", "sandbox.models", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=REPO, check=False)
    assert done.returncode == code, done.stderr
    return done.stderr


FORCED = "--enable-force-include-usage"


def test_an_old_image_ends_with_a_flag_that_it_does_not_know() -> None:
    said = start_refused("--image=quay.io/modh/vllm:rhoai-2.12", "--served-model-name=x", FORCED, code=2)
    assert said.strip() == f"api_server.py: error: unrecognized arguments: {FORCED}"
    assert images.unknown_flags("registry.redhat.io/rhaiis/vllm-cuda-rhel9:3.2.5", [FORCED]) == []


def test_forced_usage_is_in_every_stream(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    arguments = ["--name=x", f"--port={port}", FORCED]
    with running("sandbox.models", arguments, url + "/health", tmp_path / "log"), httpx.Client(base_url=url) as client:
        *_chunks, usage, _done = events(stream(client, model="x", stream_options=None).content)
    assert usage["usage"]["completion_tokens"] == 12


TEI = "ghcr.io/huggingface/text-embeddings-inference:"


@pytest.mark.parametrize(
    ("tag", "gpu", "said"),
    [
        ("turing-1.5", "7.5", None),
        ("turing-1.5", "8.6", "Runtime compute cap 86 is not compatible with compile time compute cap 75"),
        ("1.9", "8.0", None),
        ("1.9", "8.6", None),
        ("1.9", "9.0", "compile time compute cap 80"),
        ("86-1.9", "8.9", None),
        ("86-1.9", "8.0", "Runtime compute cap 80"),
        ("89-1.9", "8.6", "compile time compute cap 89"),
        ("hopper-1.9", "9.0", None),
        ("cuda-1.9", "12.0", None),
        ("cpu-1.9", "", None),
        ("1.9", "", "no CUDA-capable device is detected"),
    ],
)
def test_an_image_runs_on_the_gpus_that_it_was_built_for(tag: str, gpu: str, said: str | None) -> None:
    refusal = images.gpu_refusal(TEI + tag, gpu)
    assert (said or "") in (refusal or "") and bool(refusal) == bool(said)


def test_a_digest_does_not_tell_which_gpus_an_image_was_built_for() -> None:
    digest = "@sha256:" + 32 * "6a"
    assert images.gpu_refusal(TEI + "turing-1.5" + digest, "8.6") is not None
    assert images.gpu_refusal(TEI.rstrip(":") + digest, "8.6") is None


def test_a_server_on_another_gpu_ends_at_start() -> None:
    said = start_refused("--program=tei", f"--image={TEI}turing-1.5", "--gpu=8.6", "--name=x")
    assert "Could not start backend: Runtime compute cap 86" in said


def test_a_model_folder_is_read_and_checked(tmp_path: Path) -> None:
    assert "Can't load the configuration" in start_refused(f"--model={tmp_path}", "--served-model-name=x")
    (tmp_path / "config.json").write_text(json.dumps({"max_position_embeddings": 1024}))
    error = start_refused(f"--model={tmp_path}", "--served-model-name=x", "--max-model-len=2048")
    assert "User-specified max_model_len (2048) is greater than the derived max_model_len" in error
    assert "ServingRuntime" in start_refused(f"--model={tmp_path}", "--served-model-name=")


def test_gzip_body_is_gzip(chat: httpx.Client) -> None:
    headers = {"X-Sandbox-Misbehave": "gzip", "Accept-Encoding": "identity"}
    with chat.stream("POST", "/v1/chat/completions", json=QUESTION, headers=headers) as answer:
        raw = b"".join(answer.iter_raw())
    assert json.loads(gzip.decompress(raw))["choices"]


TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}},
    },
}


def test_tools_are_called_until_their_result_is_there(chat: httpx.Client) -> None:
    plain = chat.post("/v1/chat/completions", json={**QUESTION, "tools": [TOOL]}).json()
    choice = plain["choices"][0]
    assert choice["finish_reason"] == "tool_calls" and choice["message"]["content"] is None
    called = choice["message"]["tool_calls"][0]["function"]
    assert (called["name"], json.loads(called["arguments"])) == ("weather", {"city": "Say hello in Python.", "days": 7})
    assert plain["usage"]["completion_tokens"] > 5
    chunks = [item for item in events(stream(chat, tools=[TOOL], max_tokens=100).content) if item != "[DONE]"]
    deltas = [call for item in chunks for c in item["choices"] for call in c["delta"].get("tool_calls", [])]
    assert deltas[0]["id"] and "".join(delta["function"]["arguments"] for delta in deltas) == called["arguments"]
    told = [*QUESTION["messages"], {"role": "tool", "tool_call_id": "x", "content": "sunny"}]
    assert chat.post("/v1/chat/completions", json={"messages": told, "tools": [TOOL]}).json()["choices"][0]["message"][
        "content"
    ]
    unknown = {"type": "function", "function": {"name": "other"}}
    assert (
        chat.post("/v1/chat/completions", json={**QUESTION, "tools": [TOOL], "tool_choice": unknown}).status_code == 400
    )


def test_json_fits_the_schema(chat: httpx.Client) -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string"}, "kind": {"enum": ["a", "b"]},
              "parts": {"type": "array", "items": {"type": "number"}}}}  # fmt: skip
    wish = {"type": "json_schema", "json_schema": {"name": "thing", "schema": schema}}
    answer = chat.post("/v1/chat/completions", json={**QUESTION, "response_format": wish}).json()
    found = json.loads(answer["choices"][0]["message"]["content"])
    assert found == {"name": "Say hello in Python.", "kind": "a", "parts": [0.5]}
