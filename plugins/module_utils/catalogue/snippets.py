# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""Snippets that work as they are copied, for each task and language. Pure, no I/O.

The key is always read from the environment: a snippet ends up in notebooks and repositories.
"""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.common import Entry

Call = tuple[str, dict[str, Any]]
KEY = "MAAS_API_KEY"


def example_of(model: Entry) -> Call:
    """The call that shows the model best: path and body.

    A model whose entry left that endpoint out gets the first that it has.
    """
    name = model["served_name"]
    chat = {"model": name, "messages": [{"role": "user", "content": "Write a haiku about open source."}]}
    wanted: dict[str, list[tuple[str, Call]]] = {
        "chat": [("chat_completions", ("/v1/chat/completions", {**chat, "max_tokens": 128}))],
        "embedding": [
            ("openai_embed", ("/v1/embeddings", {"model": name, "input": "Open source is a way of working."})),
            ("embed", ("/embed", {"inputs": "Open source is a way of working."})),
        ],
    }
    completion = ("/v1/completions", {"model": name, "prompt": "def fibonacci(n):", "max_tokens": 128})
    texts = ["Bananas are yellow.", "Grass is green."]
    wanted["chat"].append(("completions", completion))
    wanted["completion"] = [("completions", completion)]
    pairs = {"query": "Which fruit is yellow?"}
    rerank = {**pairs, "texts": texts} if model["program"] == "tei" else {"model": name, **pairs, "documents": texts}
    wanted["rerank"] = [("rerank", ("/rerank", rerank)), ("v1_rerank", ("/v1/rerank", rerank))]
    there = {item["name"] for item in model["endpoints"]}
    for endpoint, call in wanted.get(model["task"], []):
        if endpoint in there:
            return call
    looks = [item["path"] for item in model["endpoints"] if item["method"] == "GET"]
    return (looks or ["/v1/models"])[0], {}


def snippets(model: Entry, url: str) -> list[dict[str, str]]:
    """Returns ``[{"id", "title", "language", "text"}]`` in the order in which they are shown."""
    path, body = example_of(model)
    parts = [
        ("curl", "curl", "bash", _curl(url + path, body)),
        ("python", "Python", "python", _python(url, path, body)),
        ("javascript", "JavaScript", "javascript", _javascript(url + path, body)),
    ]
    if path == "/v1/chat/completions":
        parts.append(("stream", "Streaming", "python", _stream(url, body)))
    return [{"id": a, "title": b, "language": c, "text": d} for a, b, c, d in parts]


def _curl(address: str, body: dict[str, Any]) -> str:
    lines = [f"curl {address}", f'  -H "Authorization: Bearer ${KEY}"']
    if body:
        lines += ['  -H "Content-Type: application/json"', f"  -d '{json.dumps(body)}'"]
    return " \\\n".join(lines)


def _client(url: str) -> str:
    key = f'api_key=os.environ["{KEY}"]'
    return f'import os\n\nfrom openai import OpenAI\n\nclient = OpenAI(base_url="{url}/v1", {key})\n'


def _python(url: str, path: str, body: dict[str, Any]) -> str:
    arguments = ", ".join(f"{key}={value!r}" for key, value in body.items())
    if path == "/v1/chat/completions":
        told = (
            f"answer = client.chat.completions.create(\n    {arguments},\n)\nprint(answer.choices[0].message.content)"
        )
        return _client(url) + told
    if path == "/v1/completions":
        return _client(url) + f"answer = client.completions.create({arguments})\nprint(answer.choices[0].text)"
    if path == "/v1/embeddings":
        return _client(url) + f"answer = client.embeddings.create({arguments})\nprint(len(answer.data[0].embedding))"
    call = f'requests.post("{url}{path}", headers=headers, json={body!r}, timeout=60)' if body else ""
    call = call or f'requests.get("{url}{path}", headers=headers, timeout=60)'
    head = f'headers = {{"Authorization": "Bearer " + os.environ["{KEY}"]}}'
    return f"import os\n\nimport requests\n\n{head}\nanswer = {call}\nanswer.raise_for_status()\nprint(answer.json())"


def _javascript(address: str, body: dict[str, Any]) -> str:
    lines = [f'const answer = await fetch("{address}", {{']
    if body:
        lines.append('  method: "POST",')
    lines += ["  headers: {", f"    Authorization: `Bearer ${{process.env.{KEY}}}`,"]
    if body:
        lines.append('    "Content-Type": "application/json",')
    lines.append("  },")
    if body:
        lines.append(f"  body: JSON.stringify({json.dumps(body)}),")
    return "\n".join([*lines, "});", "console.log(await answer.json());"])


def _stream(url: str, body: dict[str, Any]) -> str:
    arguments = ", ".join(f"{key}={value!r}" for key, value in body.items())
    return (
        _client(url)
        + f"for piece in client.chat.completions.create(\n    {arguments}, stream=True,\n):\n"
        + '    if piece.choices:\n        print(piece.choices[0].delta.content or "", end="", flush=True)'
    )
