# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Pod's specification means for a process: environment, variables in arguments, paths. Pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Object = dict[str, Any]
REFERENCE = re.compile(r"\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)")
SUBSCRIPT = re.compile(r"^metadata\.(labels|annotations)\['([^']+)'\]$")


class ConfigError(Exception):
    """The container can't be made from its specification yet; the text is what a kubelet would say."""


@dataclass
class Sources:
    """ConfigMaps and Secrets by name, None where the server has none of that name."""

    config_maps: dict[str, Object | None] = field(default_factory=dict)
    secrets: dict[str, Object | None] = field(default_factory=dict)

    def values(self, kind: str, name: str, optional: bool) -> dict[str, str] | None:
        """A ConfigMap's or a Secret's keys with their text; None when it is missing and optional."""
        found = (self.config_maps if kind == "configmap" else self.secrets).get(name)
        if found is None:
            if optional:
                return None
            raise ConfigError(f'{kind} "{name}" not found')
        data = found.get("data") or {}
        return data if kind == "configmap" else {key: _decode(value) for key, value in data.items()}


def _decode(value: str) -> str:
    return base64.b64decode(value).decode(errors="surrogateescape")


def needed_sources(container: Object) -> tuple[set[str], set[str]]:
    """Names of the ConfigMaps and of the Secrets that a container's environment refers to."""
    config_maps, secrets = set(), set()
    for source in container.get("envFrom") or []:
        if "configMapRef" in source:
            config_maps.add(source["configMapRef"]["name"])
        if "secretRef" in source:
            secrets.add(source["secretRef"]["name"])
    for variable in container.get("env") or []:
        origin = variable.get("valueFrom") or {}
        if "configMapKeyRef" in origin:
            config_maps.add(origin["configMapKeyRef"]["name"])
        if "secretKeyRef" in origin:
            secrets.add(origin["secretKeyRef"]["name"])
    return config_maps, secrets


def environment(container: Object, pod: Object, pod_ip: str, sources: Sources) -> dict[str, str]:
    """The container's variables, in the order and with the precedence that Kubernetes gives them."""
    result: dict[str, str] = {}
    for source in container.get("envFrom") or []:
        for kind, key in (("configmap", "configMapRef"), ("secret", "secretRef")):
            if reference := source.get(key):
                values = sources.values(kind, reference["name"], reference.get("optional", False)) or {}
                result.update({source.get("prefix", "") + name: value for name, value in values.items()})
    for variable in container.get("env") or []:
        value = _value(variable, container, pod, pod_ip, sources, result)
        if value is not None:
            result[variable["name"]] = value
    return result


def _value(
    variable: Object, container: Object, pod: Object, pod_ip: str, sources: Sources, before: Mapping[str, str]
) -> str | None:
    origin = variable.get("valueFrom")
    if not origin:
        return expand(variable.get("value", ""), before)
    for kind, key in (("configmap", "configMapKeyRef"), ("secret", "secretKeyRef")):
        if reference := origin.get(key):
            return _key(kind, reference, sources)
    if reference := origin.get("fieldRef"):
        return field_value(pod, reference["fieldPath"], pod_ip)
    if reference := origin.get("resourceFieldRef"):
        group, _, name = reference["resource"].partition(".")
        return str(((container.get("resources") or {}).get(group) or {}).get(name, "0"))
    return None


def _key(kind: str, reference: Object, sources: Sources) -> str | None:
    optional = reference.get("optional", False)
    values = sources.values(kind, reference["name"], optional)
    if values is not None and reference["key"] in values:
        return values[reference["key"]]
    if optional:
        return None
    raise ConfigError(f"couldn't find key {reference['key']} in {kind} {reference['name']}")


def field_value(pod: Object, path: str, pod_ip: str) -> str:
    """The downward API's fields."""
    meta, spec = pod["metadata"], pod["spec"]
    if found := SUBSCRIPT.match(path):
        return str((meta.get(found.group(1)) or {}).get(found.group(2), ""))
    fields = {
        "metadata.name": meta.get("name"),
        "metadata.namespace": meta.get("namespace"),
        "metadata.uid": meta.get("uid"),
        "metadata.labels": "\n".join(f'{key}="{value}"' for key, value in (meta.get("labels") or {}).items()),
        "metadata.annotations": "\n".join(f'{key}="{value}"' for key, value in (meta.get("annotations") or {}).items()),
        "spec.nodeName": spec.get("nodeName"),
        "spec.serviceAccountName": spec.get("serviceAccountName"),
        "status.podIP": pod_ip,
        "status.podIPs": pod_ip,
        "status.hostIP": "127.0.0.1",
    }
    if path not in fields:
        raise ConfigError(f"unsupported fieldPath: {path}")
    return str(fields[path] or "")


def expand(text: str, variables: Mapping[str, str]) -> str:
    """$(NAME) becomes the variable's value; an unknown one stays as it is; $$ is a dollar sign."""

    def value(found: re.Match[str]) -> str:
        if found.group(0) == "$$":
            return "$"
        return variables.get(found.group(1), found.group(0))

    return REFERENCE.sub(value, text)


def move_paths(text: str, mounts: Mapping[str, str]) -> str:
    """Mount paths become the folders of this machine that stand for them, longest first, whole path parts only."""
    paths = sorted((path.rstrip("/") for path in mounts if path.rstrip("/")), key=len, reverse=True)
    if not paths:
        return text
    real = {path.rstrip("/"): folder for path, folder in mounts.items()}
    pattern = r"(?<![\w./-])(" + "|".join(re.escape(path) for path in paths) + r")(?![\w.-])"
    return re.sub(pattern, lambda found: real[found.group(1)], text)


def port_number(container: Object, wanted: int | str) -> int:
    """A probe's port: a number, or the name of one of the container's ports."""
    if isinstance(wanted, int):
        return wanted
    for port in container.get("ports") or []:
        if port.get("name") == wanted:
            return int(port["containerPort"])
    if wanted.isdigit():
        return int(wanted)
    raise ConfigError(f"no port of container {container['name']} is called {wanted}")
