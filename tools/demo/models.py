# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls to a model through the gateway with a key, as the portal's snippets make them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import requests

from tools.demo.https import session

TIMEOUT = 600  # seconds, as the gateway: on a busy machine a long answer takes minutes
PATIENCE = 90  # seconds: the production gateway takes a promotion up only after its cache time


class CallError(Exception):
    """A model did not answer as it should; says what was called and what came."""


class Models:
    """An OpenAI client of a few lines.

    :param addresses: model → address at the gateway
    :param served: model → name under which its server knows it
    """

    def __init__(self, addresses: dict[str, str], served: dict[str, str], key: str, ca: str) -> None:
        self._addresses, self._served = addresses, served
        self._session = session(ca)
        self._session.headers["Authorization"] = f"Bearer {key}"

    def _post(self, model: str, path: str, body: dict[str, Any], stream: bool = False) -> requests.Response:
        url = self._addresses[model] + path
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self._session.post(url, json=body, timeout=TIMEOUT, stream=stream)
            if answer.status_code == 200:
                return answer
            if answer.status_code not in (401, 403, 404, 502, 503) or time.monotonic() > deadline:
                raise CallError(f"POST {url} answered {answer.status_code}: {answer.text[:200]}")
            time.sleep(1)

    def chat(self, model: str, question: str) -> str:
        """One answer."""
        self._wait(model)
        body = {
            "model": self._served[model],
            "messages": [{"role": "user", "content": question}],
            "max_tokens": 60,
            "temperature": 0,
        }
        text: str = self._post(model, "/v1/chat/completions", body).json()["choices"][0]["message"]["content"]
        return text

    def stream(self, model: str, question: str, show: Callable[[str], None]) -> int:
        """A streamed answer, each piece shown as it comes; the number of pieces."""
        messages = [{"role": "user", "content": question}]
        body = {"model": self._served[model], "messages": messages, "max_tokens": 60, "temperature": 0, "stream": True}
        pieces = 0
        with self._post(model, "/v1/chat/completions", body, stream=True) as answer:
            for line in answer.iter_lines(decode_unicode=True):
                if line.startswith("data: ") and line != "data: [DONE]":
                    choices = json.loads(line[6:])["choices"]
                    text = choices[0]["delta"].get("content") if choices else None
                    if text:
                        pieces += 1
                        show(text)
        return pieces

    def embedding(self, model: str, text: str) -> int:
        """The number of dimensions of a text's embedding."""
        self._wait(model)
        body = {"model": self._served[model], "input": text}
        return len(self._post(model, "/v1/embeddings", body).json()["data"][0]["embedding"])

    def _wait(self, model: str) -> None:
        """Wait until the gateway knows product and key: it reads its configuration at intervals."""
        url = self._addresses[model] + "/health"
        deadline = time.monotonic() + PATIENCE
        while self._session.get(url, timeout=TIMEOUT).status_code != 200 and time.monotonic() < deadline:
            time.sleep(1)
