# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""The texts of snippets, one function for each client. Pure, no I/O.

``url`` is the gateway's address of the product, without ``/v1``; ``path`` and ``body`` are the call.
"""

from __future__ import annotations

import json
import shlex
from typing import Any

KEY = "MAAS_API_KEY"
Body = dict[str, Any]
#: how the clients of OpenAI call an endpoint, and where its answer is: in Python, in JavaScript
_CALLS = {
    "/v1/chat/completions": ("chat.completions", "choices[0].message.content", "choices[0].message.content"),
    "/v1/completions": ("completions", "choices[0].text", "choices[0].text"),
    "/v1/embeddings": ("embeddings", "data[0].embedding[:5]", "data[0].embedding.slice(0, 5)"),
}


def known(path: str) -> bool:
    """Whether the clients of OpenAI have a method for the endpoint."""
    return path in _CALLS


def curl(url: str, path: str, body: Body, *, stream: bool = False) -> str:
    """A call in the shell; an apostrophe in the body would end its quotes."""
    lines = [f"curl {'--no-buffer ' if stream else ''}{url}{path}", f'  -H "Authorization: Bearer ${KEY}"']
    if body:
        sent = json.dumps({**body, **({"stream": True} if stream else {})}).replace("'", "\\u0027")
        lines += ['  -H "Content-Type: application/json"', f"  -d '{sent}'"]
    return " \\\n".join(lines)


def python(url: str, path: str, body: Body) -> str:
    """A script for the package ``openai``, or for ``requests`` where that has no method."""
    if known(path):
        method, place, _javascript = _CALLS[path]
        return f"{client(url)}answer = client.{method}.create(\n{arguments(body)})\nprint(answer.{place})"
    send = f'requests.post("{url}{path}", headers=headers, json={body!r}, timeout=60)'
    call = send if body else f'requests.get("{url}{path}", headers=headers, timeout=60)'
    head = f'headers = {{"Authorization": "Bearer " + os.environ["{KEY}"]}}'
    return f"import os\n\nimport requests\n\n{head}\nanswer = {call}\nanswer.raise_for_status()\nprint(answer.json())"


def python_stream(url: str, _path: str, body: Body) -> str:
    """A script that prints a chat's answer as it comes, and at the end what it cost."""
    asked = arguments({**body, "stream": True, "stream_options": {"include_usage": True}})
    return (
        f"{client(url)}stream = client.chat.completions.create(\n{asked})\n"
        "for piece in stream:\n"
        "    if piece.choices:\n"
        '        print(piece.choices[0].delta.content or "", end="", flush=True)\n'
        "    if piece.usage:\n"
        '        print(f"\\n{piece.usage.total_tokens} tokens")'
    )


def javascript(url: str, path: str, body: Body) -> str:
    """A module for the package ``openai``, or for ``fetch`` where that has no method."""
    if known(path):
        method, _python, place = _CALLS[path]
        head = f'import OpenAI from "openai";\n\nconst client = new OpenAI({{\n  baseURL: "{url}/v1",\n'
        head += f"  apiKey: process.env.{KEY},\n}});\n"
        call = f"const answer = await client.{method}.create({json.dumps(body, indent=2)});"
        return f"{head}{call}\nconsole.log(answer.{place});"
    lines = [f'const answer = await fetch("{url}{path}", {{']
    if body:
        lines.append('  method: "POST",')
    lines += ["  headers: {", f"    Authorization: `Bearer ${{process.env.{KEY}}}`,"]
    if body:
        lines.append('    "Content-Type": "application/json",')
    lines.append("  },")
    if body:
        lines.append(f"  body: JSON.stringify({json.dumps(body)}),")
    return "\n".join([*lines, "});", "console.log(await answer.json());"])


def langchain(url: str, path: str, body: Body) -> str:
    """A script for the package ``langchain-openai``."""
    settings = [f'base_url="{url}/v1"', f'api_key=os.environ["{KEY}"]', f"model={body['model']!r}"]
    if path == "/v1/embeddings":
        # without it, lists of token numbers are sent, which only OpenAI's own models understand
        settings.append("check_embedding_ctx_length=False")
        name, use = "OpenAIEmbeddings", f"print(model.embed_query({body['input']!r})[:5])"
    else:
        name, use = "ChatOpenAI", f"print(model.invoke({body['messages'][0]['content']!r}).content)"
    inside = "".join(f"    {setting},\n" for setting in settings)
    return f"import os\n\nfrom langchain_openai import {name}\n\nmodel = {name}(\n{inside})\n{use}"


def litellm(url: str, path: str, body: Body) -> str:
    """A script for the package ``litellm``."""
    method, answer, _javascript = _CALLS[path]
    name = "embedding" if method == "embeddings" else "completion"
    # what it gives of an embedding is a mapping, of a completion an object
    place = 'data[0]["embedding"][:5]' if name == "embedding" else answer
    inside = f'    model={"openai/" + body["model"]!r},\n    api_base="{url}/v1",\n    api_key=os.environ["{KEY}"],\n'
    rest = {key: value for key, value in body.items() if key != "model"}
    if name == "embedding":
        rest["input"] = [rest["input"]]
    call = f"answer = litellm.{name}(\n{inside}{arguments(rest)})\nprint(answer.{place})"
    return f"import os\n\nimport litellm\n\n{call}"


def environment(url: str, _path: str, body: Body) -> str:
    """What the packages of OpenAI, and many tools, read."""
    lines = [
        f"export OPENAI_BASE_URL={url}/v1",
        f'export OPENAI_API_KEY="${KEY}"',
        f"export OPENAI_MODEL={shlex.quote(body['model'])}",
    ]
    return "\n".join(lines)


def client(url: str) -> str:
    """The beginning of a script for the package ``openai``."""
    inside = f'    base_url="{url}/v1",\n    api_key=os.environ["{KEY}"],\n'
    return f"import os\n\nfrom openai import OpenAI\n\nclient = OpenAI(\n{inside})\n"


def arguments(body: Body) -> str:
    """Arguments of a call in Python, one a line."""
    return "".join(f"    {name}={value!r},\n" for name, value in body.items())
