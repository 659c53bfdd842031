# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""Snippets that work as they are copied, for each task and language. Pure, no I/O.

The key is always read from the environment: a snippet ends up in notebooks and repositories.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.catalogue import snippet_integrations as integrations
from ansible_collections.rhai.maas.plugins.module_utils.catalogue import snippet_texts as texts
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.common import Entry

Call = tuple[str, dict[str, Any]]


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


def snippets(model: Entry, url: str, capabilities: Sequence[str] = ()) -> list[dict[str, str]]:
    """Returns ``[{"id", "title", "language", "text"}]`` in the order in which they are shown.

    :param capabilities: what the model can beside its task: ``tools`` and ``json`` have snippets of their own
    """
    path, body = example_of(model)
    made = [
        ("curl", "curl", "bash", texts.curl(url, path, body)),
        ("python", "Python", "python", texts.python(url, path, body)),
        ("javascript", "JavaScript", "javascript", texts.javascript(url, path, body)),
    ]
    chat = path == "/v1/chat/completions"
    if chat:
        made.append(("stream", "Streaming", "python", texts.python_stream(url, path, body)))
    if chat and "tools" in capabilities:
        made.append(("tools", "Tools", "python", integrations.tools(url, body)))
    if chat and "json" in capabilities:
        made.append(("json", "JSON", "python", integrations.json_answer(url, body)))
    if path in ("/v1/chat/completions", "/v1/embeddings"):
        made.append(("langchain", "LangChain", "python", texts.langchain(url, path, body)))
        made.append(("litellm", "LiteLLM", "python", texts.litellm(url, path, body)))
        made.append(("continue", "Continue", "yaml", integrations.continue_dev(url, body, embeds=not chat)))
    if chat:
        made.append(("open_webui", "Open WebUI", "bash", integrations.open_webui(url)))
    if texts.known(path):
        made.append(("environment", "Environment", "bash", texts.environment(url, path, body)))
    return [{"id": a, "title": b, "language": c, "text": d} for a, b, c, d in made]
