# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""The life of custom policies: a new version stands beside the old one until nothing uses that. Pure, no I/O."""

from __future__ import annotations

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
