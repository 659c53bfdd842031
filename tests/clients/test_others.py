# SPDX-License-Identifier: GPL-3.0-or-later
"""Node and browsers, LangChain, Anthropic's client, curl."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import anthropic
import langchain_openai
import pydantic
import pytest
import requests

from tests.clients.service import ORIGIN, Service

QUESTION = "What is a quota?"


def test_node(javascript: dict[str, Any]) -> None:
    assert QUESTION in javascript["chat"]["text"] and javascript["chat"]["tokens"] > 0
    assert javascript["stream"] == {"text": javascript["chat"]["text"], "usage": None}
    assert javascript["tool"]["name"] == "weather" and "city" in json.loads(javascript["tool"]["arguments"])
    assert set(javascript["json"]) == {"answer"}
    assert javascript["embeddings"] == [768, 768]
    assert (set(javascript["models"]), javascript["retrieved"]) == ({"granite", "nomic"}, "nomic")


@pytest.mark.parametrize(
    ("case", "name", "status", "words"),
    [
        ("wrongKey", "AuthenticationError", 401, "Incorrect API key provided"),
        ("unknownModel", "NotFoundError", 404, "granite"),
        ("unknownPath", "NotFoundError", 404, "/v1"),
        ("overQuota", "RateLimitError", 429, "quota"),
    ],
)
def test_errors_in_node(javascript: dict[str, Any], case: str, name: str, status: int, words: str) -> None:
    met = javascript[case]
    assert (met["name"], met["status"]) == (name, status) and words in met["message"], met
    assert met["code"] and (case != "overQuota" or int(met["retry"]) > 0)


def test_browsers_may_send_what_the_client_sends(service: Service, javascript: dict[str, Any]) -> None:
    """A browser asks first; the names are those that the client really sent."""
    sent = {name for name in javascript["sent"] if name != "user-agent"}
    assert {"authorization", "x-stainless-lang", "x-stainless-retry-count"} <= sent
    url = f"{service.address('assistants')}/v1/chat/completions"
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": ",".join(sorted(sent))}
    answer = requests.options(url, headers={"Origin": ORIGIN, **asked}, timeout=30)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    allowed = {name.strip().lower() for name in answer.headers["Access-Control-Allow-Headers"].split(",")}
    assert sent - allowed - {"accept", "content-type"} == set()
    refused = requests.get(url, headers={"Origin": ORIGIN, "Authorization": "Bearer wrong"}, timeout=30)
    assert refused.headers["Access-Control-Allow-Origin"] == ORIGIN, "else a browser hides the error"


class Reply(pydantic.BaseModel):
    """What the model is to answer."""

    answer: str


def test_langchain(service: Service) -> None:
    address = f"{service.address('assistants')}/v1"
    chat = langchain_openai.ChatOpenAI(model="granite", base_url=address, api_key=service.key)
    whole = chat.invoke(QUESTION)
    assert QUESTION in whole.content and whole.usage_metadata["total_tokens"] > 0
    assert "".join(piece.content for piece in chat.stream(QUESTION)) == whole.content
    tool = {"name": "weather", "description": "Tells it.", "parameters": {"type": "object", "properties": {}}}
    assert chat.bind_tools([tool]).invoke(QUESTION).tool_calls[0]["name"] == "weather"
    assert isinstance(chat.with_structured_output(Reply, method="json_schema").invoke(QUESTION), Reply)
    vectors = langchain_openai.OpenAIEmbeddings(
        model="nomic", base_url=address, api_key=service.key, check_embedding_ctx_length=False
    )
    assert len(vectors.embed_query("one")) == 768


def test_anthropic(service: Service) -> None:
    """The key goes in x-api-key; the runtime has /v1/messages."""

    def client(key: str) -> anthropic.Anthropic:
        return anthropic.Anthropic(base_url=service.address("granite"), api_key=key, max_retries=0)

    asked: dict[str, Any] = {"model": "granite", "max_tokens": 64, "messages": [{"role": "user", "content": QUESTION}]}
    answer = client(service.key).messages.create(**asked)
    assert QUESTION in answer.content[0].text and answer.usage.output_tokens > 0
    with client(service.key).messages.stream(**asked) as stream:
        assert "".join(stream.text_stream) == answer.content[0].text
    with pytest.raises(anthropic.AuthenticationError, match="Incorrect API key provided"):
        client("wrong").messages.create(**asked)


def curl(*arguments: str) -> tuple[int, str]:
    """Status and body."""
    done = subprocess.run(
        ["curl", "--silent", "--show-error", "--write-out", "\n%{http_code}", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def test_curl(service: Service) -> None:
    url = f"{service.address('assistants')}/v1/chat/completions"
    asked = json.dumps({"model": "granite", "messages": [{"role": "user", "content": QUESTION}], "stream": True})
    headers = ["--header", "Content-Type: application/json", "--header", f"Authorization: Bearer {service.key}"]
    status, text = curl(url, "--no-buffer", *headers, "--data", asked)
    events = [line.removeprefix("data: ") for line in text.splitlines() if line]
    assert (status, events[-1]) == (200, "[DONE]")
    assert "".join(json.loads(one)["choices"][0]["delta"].get("content", "") for one in events[:-1]).endswith(".")
    status, body = curl(url, "--header", "Content-Type: application/json", "--data", asked)
    assert (status, json.loads(body)["error"]["code"]) == (401, "invalid_api_key")
