# SPDX-License-Identifier: GPL-3.0-or-later
"""Manifests of an operator's module, and definitions of kinds that it has none for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from sandbox.operators.kube import Object


def documents(path: Path) -> list[Object]:
    """The objects of a YAML file."""
    return [found for found in yaml.load_all(path.read_text(), Loader=yaml.CSafeLoader) if found]


def definitions(folder: Path) -> list[Object]:
    """The custom resource definitions of a folder."""
    found = [document for path in sorted(folder.glob("*.yaml")) for document in documents(path)]
    return [document for document in found if document["kind"] == "CustomResourceDefinition"]


def served(group: str, kind: str, plural: str, scope: str) -> Object:
    """A definition that takes every field."""
    free: dict[str, Any] = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": free}}
    version["subresources"] = {"status": {}}
    names = {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower()}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {"group": group, "names": names, "scope": scope, "versions": [version]},
    }
