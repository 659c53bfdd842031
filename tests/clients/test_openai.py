# SPDX-License-Identifier: GPL-3.0-or-later
"""OpenAI's client for Python: everything through one address, the model switched in the call."""

from __future__ import annotations

import json

import openai
import pydantic
import pytest

from tests.clients.service import ORIGIN, Service

MESSAGES = [{"role": "user", "content": "What is a quota?"}]
WEATHER = {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}


class Reply(pydantic.BaseModel):
    """What the model is to answer."""

    answer: str
    sure: bool


def client(service: Service, key: str, product: str = "assistants", path: str = "/v1") -> openai.OpenAI:
    return openai.OpenAI(base_url=service.address(product) + path, api_key=key, max_retries=0)


@pytest.fixture(scope="module")
def several(service: Service) -> openai.OpenAI:
    return client(service, service.key)


def test_chat_and_stream_say_the_same(several: openai.OpenAI) -> None:
    answer = several.chat.completions.create(model="granite", messages=MESSAGES)
    assert "What is a quota?" in answer.choices[0].message.content
    assert answer.usage.total_tokens > answer.usage.completion_tokens > 0
    with several.chat.completions.create(model="granite", messages=MESSAGES, stream=True) as stream:
        chunks = list(stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == answer.choices[0].message.content
    assert [chunk.usage for chunk in chunks if chunk.usage] == [], "nobody asked for usage"
    asked = several.chat.completions.create(
        model="granite", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
    )
    assert [chunk.usage for chunk in asked if chunk.usage] == [answer.usage]


def test_tools(several: openai.OpenAI) -> None:
    tools = [{"type": "function", "function": WEATHER}]
    first = several.chat.completions.create(model="granite", messages=MESSAGES, tools=tools).choices[0].message
    call = first.tool_calls[0]
    assert call.function.name == "weather" and "city" in json.loads(call.function.arguments)
    result = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
    told = [*MESSAGES, first.to_dict(), result]
    assert several.chat.completions.create(model="granite", messages=told, tools=tools).choices[0].message.content


def test_json_schema(several: openai.OpenAI) -> None:
    parsed = several.chat.completions.parse(model="granite", messages=MESSAGES, response_format=Reply)
    assert isinstance(parsed.choices[0].message.parsed, Reply)


def test_model_is_switched_in_the_call(service: Service, several: openai.OpenAI) -> None:
    assert several.chat.completions.create(model="granite", messages=MESSAGES).model == "granite"
    vectors = several.embeddings.create(model="nomic", input=["one", "two"])
    assert [len(item.embedding) for item in vectors.data] == [768, 768] and vectors.usage.total_tokens > 0
    assert {model.id for model in several.models.list()} == {"granite", "nomic"}
    assert several.models.retrieve("nomic").id == "nomic"
    alone = client(service, service.key, "granite")
    assert [model.id for model in alone.models.list()] == ["granite"], "a product of one model asks the model"


def test_wrong_key(service: Service) -> None:
    for product in ("assistants", "granite"):
        with pytest.raises(openai.AuthenticationError, match="Incorrect API key provided") as met:
            client(service, "sk-maas-wrong", product).models.list()
        assert (met.value.status_code, met.value.code) == (401, "invalid_api_key")
        assert ORIGIN in met.value.message


def test_over_quota(service: Service) -> None:
    small = client(service, service.small_key, "granite")
    with pytest.raises(openai.RateLimitError) as met:
        for _ in range(6):  # two, and one more for each answer of the gateway's cache
            small.chat.completions.create(model="granite", messages=MESSAGES)
    assert met.value.code == "insufficient_quota"
    assert 0 < int(met.value.response.headers["retry-after"]) <= 366 * 86400


def test_unknown_model_and_path(service: Service, several: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="granite") as met:
        several.chat.completions.create(model="gpt-4o", messages=MESSAGES)
    assert met.value.code == "model_not_found"
    with pytest.raises(openai.NotFoundError):
        several.models.retrieve("gpt-4o")
    with pytest.raises(openai.NotFoundError, match="/v1"):
        client(service, service.key, "granite", path="").models.list()
