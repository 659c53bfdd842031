# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of a prescribed form: calls of tools, and JSON that fits a schema. Pure.

A model that may call a tool does so when the request gives tools and the conversation has no result of one yet, as a
small agent's first turn would.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from typing import Any

from sandbox.models.generate import Answer, ToolCall
from sandbox.models.requests import Refused
from sandbox.models.tokens import pieces

_EXAMPLES: dict[str, Any] = {"string": "text", "integer": 7, "number": 0.5, "boolean": True, "null": None}


def example(schema: dict[str, Any], question: str = "") -> Any:
    """A value that fits a JSON schema of the kinds that requests name: objects, arrays, enums, plain types."""
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for several in ("anyOf", "oneOf", "allOf"):
        if schema.get(several):
            return example(schema[several][0], question)
    kind = schema.get("type", "object" if "properties" in schema else "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        return {name: example(inner, question) for name, inner in (schema.get("properties") or {}).items()}
    if kind == "array":
        return [example(schema.get("items") or {}, question)]
    return question if kind == "string" and question else _EXAMPLES.get(kind)


def _tool(data: dict[str, Any]) -> dict[str, Any] | None:
    """The function that the answer calls, or None."""
    tools, choice = data.get("tools") or [], data.get("tool_choice") or "auto"
    functions: dict[str, dict[str, Any]] = {
        tool["function"]["name"]: tool["function"] for tool in tools if tool.get("type") == "function"
    }
    if not functions or choice == "none":
        return None
    if isinstance(choice, dict):
        name = choice["function"]["name"]
        if name not in functions:
            raise Refused(
                400, f"The tool specified in `tool_choice` does not match any of the specified `tools`: {name}"
            )
        return functions[name]
    if any(message.get("role") == "tool" for message in data.get("messages") or []):
        return None
    return next(iter(functions.values()))


def _schema(data: dict[str, Any]) -> dict[str, Any] | None:
    wanted = data.get("response_format") or {}
    if wanted.get("type") == "json_schema":
        return dict(wanted["json_schema"].get("schema") or {})
    return {"type": "object", "properties": {}} if wanted.get("type") == "json_object" else None


def shaped(data: dict[str, Any], answers: list[Answer]) -> list[Answer]:
    """The answers in the form that the request prescribes; as they are where it prescribes none.

    Raises Refused for a tool that is not among the request's.
    """
    question = str(next((m.get("content") for m in data.get("messages") or [] if m.get("role") == "user"), ""))[:40]
    tool = _tool(data)
    if tool is not None:
        text = json.dumps(example(tool.get("parameters") or {}, question))
        call = ToolCall(f"chatcmpl-tool-{uuid.uuid4().hex}", tool["name"])
        return [replace(one, tokens=tuple(pieces(text)), finish_reason="tool_calls", tool=call) for one in answers]
    schema = _schema(data)
    if schema is None:
        return answers
    text = json.dumps(example(schema, question))
    return [replace(one, tokens=tuple(pieces(text)), finish_reason="stop") for one in answers]
