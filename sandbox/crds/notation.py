# SPDX-License-Identifier: GPL-3.0-or-later
"""The compact notation of the files here, expanded into OpenAPI schemas and CustomResourceDefinitions. Pure."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]
_PLAIN = ("string", "integer", "number", "boolean")


class NotationError(Exception):
    """A definition can't be read; the text says which and why."""


class Expander:
    """Expands shapes; ``types`` are the named shapes that ``$name`` stands for."""

    def __init__(self, types: dict[str, Any]) -> None:
        self.types = types

    def schema(self, shape: Any) -> Schema:
        """The schema of a shape: a word, a list of one shape, or a mapping of field names to shapes."""
        if isinstance(shape, str):
            return self._word(shape)
        if isinstance(shape, list):
            if len(shape) != 1:
                raise NotationError(f"a list has one shape for all its items, not {len(shape)}: {shape}")
            return {"type": "array", "items": self.schema(shape[0])}
        if isinstance(shape, dict):
            return self._object(shape)
        raise NotationError(f"no shape: {shape!r}")

    def _word(self, text: str) -> Schema:
        if text.startswith("$"):
            if text[1:] not in self.types:
                raise NotationError(f"types.yml has no {text[1:]}")
            return self.schema(self.types[text[1:]])
        kind, _, default = (part.strip() for part in text.partition(" = "))
        if kind == "object":
            return {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
        if kind == "quantity":
            return {"anyOf": [{"type": "integer"}, {"type": "string"}], "x-kubernetes-int-or-string": True}
        schema: Schema = {"type": kind} if kind in _PLAIN else self._enum(kind, text)
        if default:
            schema["default"] = _value(default, schema["type"])
        return schema

    @staticmethod
    def _enum(kind: str, text: str) -> Schema:
        values = [value.strip() for value in kind.split("|")]
        if len(values) == 1 and values[0][:1].islower():
            raise NotationError(f"unknown type {text!r}")
        return {"type": "string", "enum": values}

    def _object(self, shape: dict[str, Any]) -> Schema:
        if set(shape) == {"*"}:
            return {"type": "object", "additionalProperties": self.schema(shape["*"])}
        schema: Schema = {"type": "object", "properties": {}}
        required = []
        for name, inner in shape.items():
            if name == "+open":
                schema["x-kubernetes-preserve-unknown-fields"] = True
                continue
            field = name.removesuffix("!")
            if field != name:
                required.append(field)
            schema["properties"][field] = self.schema(inner)
        if required:
            schema["required"] = required
        return schema

    def definition(self, entry: dict[str, Any]) -> dict[str, Any]:
        """The CustomResourceDefinition of one entry of a file's ``definitions``."""
        plural, *short = entry["names"]
        kind = entry["kind"]
        names: dict[str, Any] = {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower()}
        if short:
            names["shortNames"] = short
        versions = entry["versions"]
        storage = entry.get("storage") or next(iter(versions))
        spec = {
            "group": entry["group"],
            "names": names,
            "scope": entry.get("scope", "Namespaced"),
            "versions": [self._version(entry, version, version == storage) for version in versions],
        }
        return {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{plural}.{entry['group']}"},
            "spec": spec,
        }

    def _version(self, entry: dict[str, Any], version: str, storage: bool) -> dict[str, Any]:
        versions = entry["versions"]
        shape = versions[version] if isinstance(versions, dict) else entry["schema"]
        base = {"apiVersion": "string", "kind": "string", "metadata": {}}
        schema = self.schema({**base, **shape})
        schema["properties"]["metadata"] = {"type": "object"}
        shown: dict[str, Any] = {"name": version, "served": True, "storage": storage}
        if not entry.get("statusless"):
            shown["subresources"] = {"status": {}}
        return {**shown, "schema": {"openAPIV3Schema": schema}}


def _value(text: str, kind: str) -> Any:
    if kind == "integer":
        return int(text)
    if kind == "boolean":
        return text == "true"
    return text
