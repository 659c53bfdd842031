# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""An OpenAPI 3.0 document for a model's endpoints. Pure, no I/O."""

from __future__ import annotations

from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.common import Entry

Schema = dict[str, Any]


def document(model: Entry, server: str, refused: str = "401") -> Entry:
    """Describes the model behind its gateway.

    :param model: ``title, description, endpoints, served_name``; an endpoint's own ``model`` is named in its example
    :param server: production address of the product; absolute, since 3scale refuses relative ones
    :param refused: the status of a call without a good key
    """
    paths: dict[str, Any] = {}
    for endpoint in model["endpoints"]:
        paths.setdefault(endpoint["path"], {})[endpoint["method"].lower()] = _operation(endpoint, model, refused)
    return {
        "openapi": "3.0.2",
        "info": {
            "title": model["title"],
            "version": "1.0.0",
            "description": model["description"] or f"{model['title']} behind the API gateway.",
        },
        "servers": [{"url": server}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The API key of your application, as Authorization: Bearer KEY",
                }
            }
        },
    }


def _operation(endpoint: Entry, model: Entry, refused: str) -> Entry:
    operation: Entry = {
        "operationId": endpoint["name"],
        "summary": endpoint["title"],
        "responses": {
            "200": {"description": "The answer"},
            refused: {"description": "The key is missing, wrong or suspended"},
            "429": {"description": "A limit of the plan is reached; Retry-After says when to try again"},
        },
    }
    body = _body(endpoint["name"], str(endpoint.get("model") or model["served_name"]))
    if body:
        operation["requestBody"] = {"required": True, "content": body}
    return operation


def _object(example: Entry, required: list[str], **properties: Schema) -> dict[str, Any]:
    schema = {"type": "object", "required": required, "properties": properties}
    return {"application/json": {"schema": schema, "example": example}}


def _body(name: str, model: str) -> dict[str, Any]:
    """The request body of an endpoint that is known by name; an added one has none that could be told."""
    text: Schema = {"type": "string"}
    number: Schema = {"type": "integer", "minimum": 1}
    yes: Schema = {"type": "boolean", "default": False}
    texts: Schema = {"type": "array", "items": text}
    one_or_many: Schema = {"oneOf": [text, texts]}
    if name == "chat_completions":
        message = {"type": "object", "properties": {"role": text, "content": text}}
        example = {"model": model, "messages": [{"role": "user", "content": "Say hello."}], "max_tokens": 64}
        messages = {"type": "array", "items": message}
        return _object(example, ["model", "messages"], model=text, messages=messages, max_tokens=number, stream=yes)
    if name == "completions":
        example = {"model": model, "prompt": "def fibonacci(n):", "max_tokens": 64}
        return _object(example, ["model", "prompt"], model=text, prompt=one_or_many, max_tokens=number, stream=yes)
    if name == "openai_embed":
        example = {"model": model, "input": "A sentence to embed."}
        return _object(example, ["model", "input"], model=text, input=one_or_many)
    if name == "embed":
        return _object({"inputs": "A sentence to embed."}, ["inputs"], inputs=one_or_many)
    if name == "rerank":
        example = {"query": "Which fruit is yellow?", "texts": ["Bananas are yellow.", "Grass is green."]}
        return _object(example, ["query", "texts"], query=text, texts=texts)
    if name in ("transcriptions", "translations"):
        schema = {"type": "object", "properties": {"model": text, "file": {"type": "string", "format": "binary"}}}
        return {"multipart/form-data": {"schema": schema}}
    return {}
