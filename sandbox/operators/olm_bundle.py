# SPDX-License-Identifier: GPL-3.0-or-later
"""What a bundle of the catalogue holds beside its definitions, and the Deployment that OLM makes of it. Pure."""

from __future__ import annotations

import copy
import hashlib

from sandbox.operators.catalogue import Package, version_of
from sandbox.operators.kube import CSV, Object, fingerprint, owned
from sandbox.operators.pods import container, hardened

LABEL_KEY = 63  # characters of the part behind the slash


def component(package: str, namespace: str) -> str:
    """The label by which OLM finds what belongs to an installed operator: cut to what a label's key may have."""
    return "operators.coreos.com/" + f"{package}.{namespace}"[:LABEL_KEY].rstrip(".-_")


def csv(package: Package, name: str, definitions: list[Object]) -> Object:
    """The ClusterServiceVersion of one version of an operator, without a namespace."""
    owned_kinds = [
        {
            "name": definition["metadata"]["name"],
            "kind": definition["spec"]["names"]["kind"],
            "version": version["name"],
        }
        for definition in definitions
        for version in definition["spec"]["versions"]
    ]
    replaced = package.replaces(name)
    return {
        "metadata": {"name": name},
        "spec": {
            **({"replaces": replaced} if replaced else {}),
            "displayName": package.title,
            "version": version_of(name),
            "provider": {"name": "Red Hat"},
            "installModes": package.install_modes,
            "install": {"strategy": "deployment", "spec": {"deployments": [_strategy(package, name)]}},
            "customresourcedefinitions": {"owned": owned_kinds},
        },
    }


def _strategy(package: Package, name: str) -> Object:
    """The entry of the install strategy: name and specification of the operator's Deployment."""
    image = f"registry.redhat.io/{package.name}/{package.deployment}:{version_of(name)}"
    labels = {"name": package.deployment}
    template = {"metadata": {"labels": labels}, "spec": hardened({"containers": [container("manager", image)]})}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    return {"name": package.deployment, "spec": spec}


def deployment(body: Object, package: Package, group: dict[str, str]) -> Object:
    """The operator's Deployment as OLM makes it of a ClusterServiceVersion.

    :param group: the annotations that tell of the OperatorGroup; the Pods get them too
    """
    meta = body["metadata"]
    strategy = copy.deepcopy(body["spec"]["install"]["spec"]["deployments"][0])
    spec: Object = {**strategy["spec"], "revisionHistoryLimit": 1}
    spec["template"]["metadata"]["annotations"] = group
    for one in spec["template"]["spec"]["containers"]:
        one["env"] = [*(one.get("env") or []), {"name": "OPERATOR_CONDITION_NAME", "value": meta["name"]}]
    labels = {
        component(package.name, meta["namespace"]): "",
        "olm.deployment-spec-hash": hashlib.sha256(fingerprint(spec).encode()).hexdigest()[:32],
        "olm.managed": "true",
        "olm.owner": meta["name"],
        "olm.owner.kind": CSV.kind,
        "olm.owner.namespace": meta["namespace"],
    }
    owners = owned(CSV, body, controller=False)
    where = {"name": strategy["name"], "namespace": meta["namespace"], "labels": labels, "ownerReferences": owners}
    return {"metadata": where, "spec": spec}
