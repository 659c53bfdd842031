# SPDX-License-Identifier: GPL-3.0-or-later
"""The compact notation and what is made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.crds.load import load, own, real
from sandbox.crds.notation import Expander, NotationError

TYPES = {"labels": {"*": "string"}}


@pytest.mark.parametrize(
    ("shape", "schema"),
    [
        ("string", {"type": "string"}),
        ("integer = 3", {"type": "integer", "default": 3}),
        ("boolean = true", {"type": "boolean", "default": True}),
        ("A | B = A", {"type": "string", "enum": ["A", "B"], "default": "A"}),
        ("object", {"type": "object", "x-kubernetes-preserve-unknown-fields": True}),
        (["string"], {"type": "array", "items": {"type": "string"}}),
        ("$labels", {"type": "object", "additionalProperties": {"type": "string"}}),
        (
            {"a!": "string", "b": {"c": "number"}},
            {
                "type": "object",
                "properties": {
                    "a": {"type": "string"},
                    "b": {"type": "object", "properties": {"c": {"type": "number"}}},
                },
                "required": ["a"],
            },
        ),
        (
            {"+open": True, "a": "string"},
            {"type": "object", "properties": {"a": {"type": "string"}}, "x-kubernetes-preserve-unknown-fields": True},
        ),
    ],
)
def test_shapes(shape: Any, schema: dict[str, Any]) -> None:
    assert Expander(TYPES).schema(shape) == schema


@pytest.mark.parametrize(
    ("shape", "text"),
    [("$nothing", "types.yml has no nothing"), ("text", "unknown type"), (["string", "string"], "one shape")],
)
def test_mistakes_are_named(shape: Any, text: str) -> None:
    with pytest.raises(NotationError, match=text):
        Expander(TYPES).schema(shape)


def test_versions_share_or_have_a_schema() -> None:
    base = {"kind": "Thing", "group": "example.com", "names": ["things", "th"]}
    shared = Expander({}).definition({**base, "versions": ["v1", "v1beta1"], "schema": {"spec": {"a": "string"}}})
    assert [(v["name"], v["storage"]) for v in shared["spec"]["versions"]] == [("v1", True), ("v1beta1", False)]
    assert shared["metadata"]["name"] == "things.example.com"
    split = Expander({}).definition({**base, "storage": "v2", "versions": {"v1": {"spec": "object"}, "v2": {}}})
    assert [(v["name"], v["storage"]) for v in split["spec"]["versions"]] == [("v1", False), ("v2", True)]


def test_every_definition_belongs_to_one_package() -> None:
    definitions = load()
    named = [name for names in definitions.packages.values() for name in names]
    assert len(named) == len(set(named))
    assert set(own()) <= set(named)
    assert {"platform", "rhsso-operator", "rhbk-operator", "3scale-operator"} == set(definitions.packages)


def test_a_folder_replaces_ours(tmp_path: Path) -> None:
    name = "objectbucketclaims.objectbucket.io"
    changed = own()[name]
    changed["metadata"]["labels"] = {"from": "folder"}
    (tmp_path / "obc.yaml").write_text("---\n" + yaml.safe_dump(changed))
    definitions = load(tmp_path)
    assert definitions.by_name[name]["metadata"]["labels"] == {"from": "folder"}
    assert "routes.route.openshift.io" in definitions.by_name
    with pytest.raises(FileNotFoundError, match="holds no CustomResourceDefinition"):
        real(tmp_path / "empty")
