# SPDX-License-Identifier: GPL-3.0-or-later
"""Which definitions there are, and which of them come with the platform or with an operator's package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from sandbox.crds.notation import Expander, NotationError

HERE = Path(__file__).parent
Definition = dict[str, Any]
PLATFORM = "platform"


class Definitions:
    """All definitions by their name (``keycloaks.k8s.keycloak.org``)."""

    def __init__(self, by_name: dict[str, Definition], packages: dict[str, list[str]]) -> None:
        self.by_name = by_name
        self.packages = packages

    def of(self, package: str) -> list[Definition]:
        """The definitions of an operator's package, or of the prerequisite platform (``platform``)."""
        return [self.by_name[name] for name in self.packages.get(package, []) if name in self.by_name]


def own() -> dict[str, Definition]:
    """Our own compact definitions."""
    types = yaml.load((HERE / "types.yml").read_text(), Loader=_loader())
    expander = Expander(types)
    found: dict[str, Definition] = {}
    for path in sorted(HERE.glob("*.yml")):
        document = yaml.load(path.read_text(), Loader=_loader())
        for entry in document.get("definitions") or []:
            try:
                definition = expander.definition(entry)
            except (NotationError, KeyError, TypeError) as error:
                raise NotationError(f"{path.name}, {entry.get('kind')}: {error}") from error
            found[definition["metadata"]["name"]] = definition
    return found


def real(folder: Path) -> dict[str, Definition]:
    """The definitions of a folder (its subfolders are left out: they hold variants of the same names)."""
    found: dict[str, Definition] = {}
    for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
        for document in yaml.load_all(path.read_text(), Loader=_loader()):
            if isinstance(document, dict) and document.get("kind") == "CustomResourceDefinition":
                found[document["metadata"]["name"]] = document
    if not found:
        raise FileNotFoundError(f"{folder} holds no CustomResourceDefinition (*.yaml, *.yml)")
    return found


def _loader() -> Any:
    """libyaml's loader where it is there: the real definitions are 7 MB."""
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(folder: Path | None = None) -> Definitions:
    """Ours, replaced by those of ``folder`` where it has them; ``index.yml`` says what belongs to which package."""
    by_name = own()
    if folder is not None:
        by_name |= real(folder)
    index = yaml.safe_load((HERE / "index.yml").read_text())
    return Definitions(by_name, index)
