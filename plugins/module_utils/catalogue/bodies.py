# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""What the endpoints take, as OpenAPI describes a request body. Pure, no I/O."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "integer", "minimum": 1}
_YES: Schema = {"type": "boolean", "default": False}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_ONE_OR_MANY: Schema = {"oneOf": [_TEXT, _TEXTS]}
_MESSAGES: Schema = {"type": "array", "items": {"type": "object", "properties": {"role": _TEXT, "content": _TEXT}}}
_IDS: Schema = {"type": "array", "items": {"type": "integer"}}
_QUERY = "Which fruit is yellow?"
_DOCUMENTS = ["Bananas are yellow.", "Grass is green."]


def body_of(name: str, model: str, program: str) -> dict[str, Any]:
    """The content of a request to an endpoint that is known by name; of an added one nothing can be told.

    :param model: the model's name in requests
    :param program: what serves it: several have a route of the same name with another body
    """
    if name in ("transcriptions", "translations"):
        properties = {"model": _TEXT, "file": {"type": "string", "format": "binary"}}
        return {"multipart/form-data": {"schema": {"type": "object", "properties": properties}}}
    made = _OWN.get(program, {}).get(name) or _SHARED.get(name)
    if made is None:
        return {}
    example, properties, optional = made
    if "model" in properties:
        example = {"model": model, **example}
    required = [key for key in properties if key not in optional]
    schema = {"type": "object", "required": required, "properties": properties}
    return {"application/json": {"schema": schema, "example": example}}


Made = tuple[Schema, Schema, tuple[str, ...]]
_ASKED: Schema = {"messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 64}

#: name of the endpoint → example without the model's name, properties, those that may be left out
_SHARED: dict[str, Made] = {
    "chat_completions": (
        _ASKED,
        {"model": _TEXT, "messages": _MESSAGES, "max_tokens": _NUMBER, "stream": _YES},
        ("max_tokens", "stream"),
    ),
    "completions": (
        {"prompt": "def fibonacci(n):", "max_tokens": 64},
        {"model": _TEXT, "prompt": _ONE_OR_MANY, "max_tokens": _NUMBER, "stream": _YES},
        ("max_tokens", "stream"),
    ),
    "responses": ({"input": "Say hello."}, {"model": _TEXT, "input": _TEXT, "stream": _YES}, ("stream",)),
    "messages": (
        _ASKED,
        {"model": _TEXT, "messages": _MESSAGES, "max_tokens": _NUMBER, "stream": _YES},
        ("stream",),
    ),
    "openai_embed": ({"input": "A sentence to embed."}, {"model": _TEXT, "input": _ONE_OR_MANY}, ()),
    "embed": ({"inputs": "A sentence to embed."}, {"inputs": _ONE_OR_MANY}, ()),
    "rerank": (
        {"query": _QUERY, "documents": _DOCUMENTS},
        {"model": _TEXT, "query": _TEXT, "documents": _TEXTS, "top_n": _NUMBER},
        ("top_n",),
    ),
    "v1_rerank": (
        {"query": _QUERY, "documents": _DOCUMENTS},
        {"model": _TEXT, "query": _TEXT, "documents": _TEXTS, "top_n": _NUMBER},
        ("top_n",),
    ),
    "score": (
        {"text_1": _QUERY, "text_2": _DOCUMENTS},
        {"model": _TEXT, "text_1": _ONE_OR_MANY, "text_2": _ONE_OR_MANY},
        (),
    ),
    "tokenize": ({"prompt": "Say hello."}, {"model": _TEXT, "prompt": _TEXT}, ()),
    "detokenize": ({"tokens": [1, 2]}, {"model": _TEXT, "tokens": _IDS}, ()),
}
_OWN: dict[str, dict[str, Made]] = {
    "tei": {
        "rerank": ({"query": _QUERY, "texts": _DOCUMENTS}, {"query": _TEXT, "texts": _TEXTS}, ()),
        "tokenize": ({"inputs": "A sentence."}, {"inputs": _ONE_OR_MANY}, ()),
        "decode": ({"ids": [1, 2]}, {"ids": _IDS}, ()),
        "similarity": (
            {"inputs": {"source_sentence": _QUERY, "sentences": _DOCUMENTS}},
            {
                "inputs": {
                    "type": "object",
                    "required": ["source_sentence", "sentences"],
                    "properties": {"source_sentence": _TEXT, "sentences": _TEXTS},
                }
            },
            (),
        ),
    },
    "llamacpp": {
        "tokenize": ({"content": "Say hello."}, {"content": _TEXT}, ()),
        "detokenize": ({"tokens": [1, 2]}, {"tokens": _IDS}, ()),
    },
}
