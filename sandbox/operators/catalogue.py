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

    def replaces(self, csv: str) -> str:
        """The version that one replaces within a channel, "" for the first of it."""
        for versions in self.channels.values():
            if csv in versions[1:]:
                return versions[versions.index(csv) - 1]
        return ""

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
    """OLM's message for what can't be resolved, with the reason that the condition has."""

    def __init__(self, message: str, reason: str = "ConstraintsNotSatisfiable") -> None:
        super().__init__(message)
        self.reason = reason

    @classmethod
    def of(cls, *constraints: str) -> Unsatisfiable:
        """As the resolver tells a set of constraints that can't all be kept."""
        return cls(f"constraints not satisfiable: {', '.join(constraints)}")


def resolve_all(
    catalogue: Catalogue, subscriptions: list[dict[str, Any]], csvs: set[str], sources: set[tuple[str, str]]
) -> dict[str, str]:
    """The CSV that each Subscription of a namespace asks for now, by its name.

    ``csvs`` are those of the namespace, ``sources`` the catalogues that it sees (name, namespace). Raises
    ``Unsatisfiable`` with OLM's own words: the Subscriptions of a namespace are resolved all or not at all.
    """
    installed = {
        body["metadata"]["name"]: (body.get("status") or {}).get("installedCSV") or "" for body in subscriptions
    }
    found = {}
    for body in sorted(subscriptions, key=lambda one: str(one["metadata"]["name"])):
        spec, name = body["spec"], body["metadata"]["name"]
        if (spec["source"], spec["sourceNamespace"]) not in sources:
            raise _no_operators(body, f"from catalog {spec['source']} in namespace {spec['sourceNamespace']}", "")
        current = installed[name] if installed[name] in csvs else ""
        found[name] = resolve(catalogue, body, current, csvs - set(installed.values()))
    _one_version(subscriptions, found)
    return found


def _no_operators(subscription: dict[str, Any], what: str, where: str = " in the catalog") -> Unsatisfiable:
    name = subscription["metadata"]["name"]
    return Unsatisfiable.of(
        f"no operators found {what}{where} referenced by subscription {name}", f"subscription {name} exists"
    )


def _identity(subscription: dict[str, Any], channel: str, csv: str) -> str:
    spec = subscription["spec"]
    return f"{spec['source']}/{spec['sourceNamespace']}/{channel}/{csv}"


def _one_version(subscriptions: list[dict[str, Any]], found: dict[str, str]) -> None:
    """Two Subscriptions of one package are fine as long as they ask for the same channel of it."""
    first: dict[str, dict[str, Any]] = {}
    for body in subscriptions:
        package = body["spec"]["name"]
        pair = [first.setdefault(package, body), body]
        if pair[0]["spec"].get("channel") != body["spec"].get("channel"):
            names = [_identity(one, one["spec"].get("channel") or "", found[one["metadata"]["name"]]) for one in pair]
            wants = []
            for one, name in zip(pair, names, strict=True):
                wants += [f"subscription {one['metadata']['name']} requires {name}"]
                wants += [f"subscription {one['metadata']['name']} exists"]
            raise Unsatisfiable.of(f"{' and '.join(names)} originate from package {package}", *wants)


def resolve(catalogue: Catalogue, subscription: dict[str, Any], installed: str, strays: set[str]) -> str:
    """The CSV that a Subscription of a known catalogue asks for now.

    ``installed`` is what it installed so far (or ""), ``strays`` are the CSVs of the namespace that no Subscription
    refers to. Raises ``Unsatisfiable`` with OLM's own words.
    """
    spec = subscription["spec"]
    package = catalogue.packages.get(spec["name"])
    if package is None:
        raise _no_operators(subscription, f"in package {spec['name']}")
    channel = spec.get("channel") or package.default
    versions = package.channels.get(channel)
    if not versions:
        raise _no_operators(subscription, f"in channel {channel} of package {package.name}")
    starting = spec.get("startingCSV")
    if starting and not installed and starting not in versions:
        raise _no_operators(subscription, f"with name {starting} in channel {channel} of package {package.name}")
    stray = sorted(csv for csv in strays if catalogue.package_of(csv) is package)
    candidates = [starting] if starting else versions[::-1]
    if stray and not installed:
        raise _stray(subscription, stray[0], [_identity(subscription, channel, one) for one in candidates])
    if starting and not installed:
        return str(starting)
    if installed in versions:
        return versions[min(versions.index(installed) + 1, len(versions) - 1)]
    if installed and numbers(installed) > numbers(versions[0]):
        return installed  # nothing of an older channel replaces it
    return versions[-1]


def _stray(subscription: dict[str, Any], csv: str, candidates: list[str]) -> Unsatisfiable:
    """A version that nobody refers to must stay, and there can be only one of its package."""
    name, namespace = subscription["metadata"]["name"], subscription["metadata"]["namespace"]
    all_but_last = ", ".join([f"@existing/{namespace}//{csv}", *candidates[:-1]])
    wanted = f"{', '.join(candidates[:-1])} or {candidates[-1]}"
    return Unsatisfiable.of(
        f"{all_but_last} and {candidates[-1]} originate from package {subscription['spec']['name']}",
        f"clusterserviceversion {csv} exists and is not referenced by a subscription",
        f"subscription {name} requires {f'at least one of {wanted}' if candidates[1:] else candidates[0]}",
        f"subscription {name} exists",
    )


def numbers(csv: str) -> tuple[int, ...]:
    """A version to compare by: ``rhbk-operator.v26.4.0-opr.1`` → (26, 4, 0)."""
    return tuple(int(part) for part in version_of(csv).split("-")[0].split("."))


def refused_mode(package: Package, namespace: str, targets: list[str]) -> str:
    """OLM's message when the operator can't watch what the OperatorGroup says; empty when it can."""
    if not targets or targets == [""]:
        mode, scope = "AllNamespaces", "all namespaces"
    elif targets == [namespace]:
        mode, scope = "OwnNamespace", "own namespace"
    elif len(targets) == 1:
        mode, scope = "SingleNamespace", "one namespace"
    else:
        mode, scope = "MultiNamespace", f"{len(targets)} namespaces"
    if mode in package.modes:
        return ""
    return f"{mode} InstallModeType not supported, cannot configure to watch {scope}"
