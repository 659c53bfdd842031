# SPDX-License-Identifier: GPL-3.0-or-later
"""The operators' catalogue: packages, channels, versions; and OLM's resolution of a Subscription. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

MODES = ("OwnNamespace", "SingleNamespace", "MultiNamespace", "AllNamespaces")


@dataclass(frozen=True)
class Package:
    """One operator in the catalogue."""

    name: str
    title: str
    default: str
    channels: dict[str, list[str]]
    modes: tuple[str, ...]
    deployment: str

    @property
    def install_modes(self) -> list[dict[str, Any]]:
        """As CSVs and manifests show them."""
        return [{"type": mode, "supported": mode in self.modes} for mode in MODES]


@dataclass(frozen=True)
class Catalogue:
    """A catalogue source."""

    source: str
    namespace: str
    title: str
    packages: dict[str, Package]

    def package_of(self, csv: str) -> Package | None:
        """The package that a CSV's name belongs to."""
        return next((p for p in self.packages.values() if any(csv in c for c in p.channels.values())), None)

    def manifest(self, package: Package) -> dict[str, Any]:
        """The PackageManifest's status."""
        channels: list[dict[str, Any]] = []
        for name, versions in sorted(package.channels.items()):
            head = versions[-1]
            description: dict[str, Any] = {"displayName": package.title, "version": version_of(head)}
            channels.append(
                {
                    "name": name,
                    "currentCSV": head,
                    "entries": [{"name": csv, "version": version_of(csv)} for csv in reversed(versions)],
                    "currentCSVDesc": {**description, "installModes": package.install_modes},
                }
            )
        shown: dict[str, Any] = {
            "packageName": package.name,
            "catalogSource": self.source,
            "catalogSourceNamespace": self.namespace,
            "catalogSourceDisplayName": self.title,
            "catalogSourcePublisher": "Red Hat",
            "provider": {"name": "Red Hat"},
            "defaultChannel": package.default,
            "channels": channels,
        }
        return shown


def version_of(csv: str) -> str:
    """``3scale-operator.v0.13.4`` → ``0.13.4``."""
    return re.sub(r"^v(?=\d)", "", csv.split(".", 1)[1])


def load() -> Catalogue:
    """The catalogue of the file."""
    data = yaml.safe_load((Path(__file__).parent / "catalogue.yml").read_text())
    packages = {
        name: Package(
            name, entry["title"], entry["default"], entry["channels"], tuple(entry["modes"]), entry["deployment"]
        )
        for name, entry in data["packages"].items()
    }
    return Catalogue(data["source"], data["namespace"], data["title"], packages)


class Unsatisfiable(Exception):  # noqa: N818 - an answer of the resolver
    """OLM's message for what can't be resolved."""


def resolve(catalogue: Catalogue, subscription: dict[str, Any], installed: str, csvs: set[str], taken: set[str]) -> str:
    """The CSV that a Subscription asks for now.

    ``installed`` is what it installed so far (or ""), ``csvs`` are the CSVs of the namespace, ``taken`` those that a
    Subscription refers to. Raises ``Unsatisfiable`` with OLM's own words.
    """
    spec, name = subscription["spec"], subscription["metadata"]["name"]
    exists = f"subscription {name} exists"
    if (spec["source"], spec["sourceNamespace"]) != (catalogue.source, catalogue.namespace):
        where = f"catalog {spec['source']} in namespace {spec['sourceNamespace']}"
        raise Unsatisfiable(f"no operators found from {where} referenced by subscription {name}, {exists}")
    tail = f"in the catalog referenced by subscription {name}, {exists}"
    package = catalogue.packages.get(spec["name"])
    if package is None:
        raise Unsatisfiable(f"no operators found in package {spec['name']} {tail}")
    channel = spec.get("channel") or package.default
    versions = package.channels.get(channel)
    if not versions:
        raise Unsatisfiable(f"no operators found in channel {channel} of package {package.name} {tail}")
    starting = spec.get("startingCSV")
    if starting and not installed and starting not in versions:
        where = f"in channel {channel} of package {package.name}"
        raise Unsatisfiable(f"no operators found with name {starting} {where} {tail}")
    stray = sorted(csv for csv in csvs - taken if catalogue.package_of(csv) is package)
    if stray and not installed:
        text = f"clusterserviceversion {stray[0]} exists and is not referenced by a subscription"
        wanted = f"subscription {name} requires {spec['source']}/{spec['sourceNamespace']}/{channel}/{versions[-1]}"
        raise Unsatisfiable(f"{text}, {wanted}, {exists}")
    if starting and not installed:
        return str(starting)
    if installed in versions:
        return versions[min(versions.index(installed) + 1, len(versions) - 1)]
    return versions[-1]


def refused_mode(package: Package, namespace: str, targets: list[str]) -> str:
    """OLM's message when the operator can't watch what the OperatorGroup says; empty when it can."""
    if not targets or targets == [""]:
        mode, scope = "AllNamespaces", "all namespaces"
    elif targets == [namespace]:
        mode, scope = "OwnNamespace", "own namespace"
    elif len(targets) == 1:
        mode, scope = "SingleNamespace", "one namespace"
    else:
        mode, scope = "MultiNamespace", "multiple namespaces"
    if mode in package.modes:
        return ""
    return f"{mode} InstallModeType not supported, cannot configure to watch {scope}"
