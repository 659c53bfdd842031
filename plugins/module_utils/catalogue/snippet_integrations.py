# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""Snippets for what a model can beside answering, and for programs that people use. Pure, no I/O.

``url`` is the gateway's address of the product, without ``/v1``; ``body`` is a call that shows the model.
"""

from __future__ import annotations

import json

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.snippet_texts import KEY, Body, arguments, client

_WEATHER = {
    "type": "function",
    "function": {
        "name": "weather_of",
        "description": "Tells the weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
_FRUIT = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "colour": {"type": "string"}},
    "required": ["name", "colour"],
}


def tools(url: str, body: Body) -> str:
    """A script in which the model asks for a function to be called."""
    asked = {
        "model": body["model"],
        "messages": [{"role": "user", "content": "What is the weather in Oslo?"}],
        "tools": [_WEATHER],
    }
    return (
        f"{client(url)}answer = client.chat.completions.create(\n{arguments(asked)})\n"
        "for call in answer.choices[0].message.tool_calls or []:\n"
        "    print(call.function.name, call.function.arguments)"
    )


def json_answer(url: str, body: Body) -> str:
    """A script whose answer keeps to a JSON schema."""
    asked = {
        "model": body["model"],
        "messages": [{"role": "user", "content": "Name a fruit and its colour, as JSON."}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "fruit", "schema": _FRUIT}},
        "max_tokens": 128,
    }
    call = f"answer = client.chat.completions.create(\n{arguments(asked)})\n"
    return f"import json\n{client(url)}{call}print(json.loads(answer.choices[0].message.content))"


def continue_dev(url: str, body: Body, *, embeds: bool) -> str:
    """``config.yaml`` of Continue; the key stands in ``~/.continue/.env``."""
    name = json.dumps(body["model"])
    return (
        "# ~/.continue/config.yaml\n"
        "name: models\nversion: 1.0.0\nschema: v1\nmodels:\n"
        f"  - name: {name}\n    provider: openai\n    model: {name}\n    apiBase: {url}/v1\n"
        f"    apiKey: ${{{{ secrets.{KEY} }}}}\n"
        f"    roles: [{'embed' if embeds else 'chat, edit, apply'}]"
    )


def open_webui(url: str) -> str:
    """A container of Open WebUI that offers the model."""
    lines = ["docker run --detach --publish 3000:8080", f"  --env OPENAI_API_BASE_URL={url}/v1"]
    lines += [f'  --env OPENAI_API_KEY="${KEY}"', "  --volume open-webui:/app/backend/data"]
    return " \\\n".join([*lines, "  ghcr.io/open-webui/open-webui:main"])
