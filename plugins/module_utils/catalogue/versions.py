# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""The life of custom policies: a new version stands beside the old one until nothing uses that. Pure, no I/O."""

from __future__ import annotations

import base64
import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.common import Entry

_Identity = tuple[str, str]


def older_policies(apimanagers: Sequence[Mapping[str, Any]], wanted: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """The custom policies that the gateways have and that are not wanted (any more).

    :param apimanagers: the APIManager as the cluster has it, in a list; empty before the first run
    :param wanted: the custom policies of this run (``name``, ``version``)
    :returns: ``name, version, secretRef``, each name and version once
    """
    ours = set(_identities(wanted))
    found: dict[_Identity, Entry] = {}
    for apimanager in apimanagers:
        apicast = (apimanager.get("spec") or {}).get("apicast") or {}
        for side in ("stagingSpec", "productionSpec"):
            for policy in (apicast.get(side) or {}).get("customPolicies") or []:
                identity = _identity(policy)
                if identity not in ours:
                    found.setdefault(identity, {key: policy[key] for key in ("name", "version", "secretRef")})
    return list(found.values())


def unused_policies(policies: Sequence[Mapping[str, Any]], configurations: Sequence[Mapping[str, Any]]) -> list[Entry]:
    """Those that stand in no product's chain, neither at staging nor in production.

    :param configurations: what ``threescale_proxy_config_info`` returns with ``content: true``
    """
    used: set[_Identity] = set()
    for configuration in configurations:
        proxy = (configuration.get("content") or {}).get("proxy") or {}
        used.update(_identities(proxy.get("policy_chain") or []))
    return [dict(policy) for policy in policies if _identity(policy) not in used]


def _identities(policies: Iterable[Mapping[str, Any]]) -> Iterable[_Identity]:
    return (_identity(policy) for policy in policies)


def _identity(policy: Mapping[str, Any]) -> _Identity:
    return str(policy.get("name")), str(policy.get("version"))


_DESCRIBED = ("name", "version", "summary", "description", "$schema", "configuration")
_WATCHED = {"apimanager.apps.3scale.net/watched-by": "apimanager"}


def policy_definitions(policies: Sequence[Mapping[str, Any]], namespace: str) -> list[dict[str, Any]]:
    """A CustomPolicyDefinition for each custom policy (``name``, ``version``, ``definition``, ``manifest``)."""
    return [
        {
            "apiVersion": "capabilities.3scale.net/v1beta1",
            "kind": "CustomPolicyDefinition",
            "metadata": {"name": item.get("definition") or _object_name(item), "namespace": namespace},
            "spec": {
                "name": item["name"],
                "version": str(item["version"]),
                "schema": {key: item["manifest"][key] for key in _DESCRIBED},
            },
        }
        for item in policies
    ]


def _object_name(item: Mapping[str, Any]) -> str:
    return f"{item['name']}-{re.sub('[^a-z0-9]+', '-', str(item['version']))}"


def policy_secrets(
    policies: Sequence[Mapping[str, Any]], files: Sequence[Sequence[str]], namespace: str
) -> list[dict[str, Any]]:
    """A Secret with the code of each custom policy (``secretRef``, ``folder``).

    ``files`` are pairs of path and text. The label makes the operator roll the gateways out when the content changes.
    """
    return [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": item["secretRef"]["name"], "namespace": namespace, "labels": dict(_WATCHED)},
            "type": "Opaque",
            "data": {
                posixpath.basename(path): base64.b64encode(text.encode()).decode()
                for path, text in files
                if _lies_in(path, str(item["folder"]))
            },
        }
        for item in policies
    ]


def _lies_in(path: str, folder: str) -> bool:
    """Whether a file lies in a folder, which may be named relative to where files are looked for."""
    place, wanted = posixpath.dirname(path), posixpath.normpath(folder)
    return place == wanted or (not wanted.startswith("/") and place.endswith("/" + wanted.lstrip("./")))
