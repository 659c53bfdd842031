# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cluster has before anybody installs an operator: definitions, storage classes, catalogue, OpenShift AI."""

from __future__ import annotations

import asyncio
from typing import Any

from sandbox.crds.load import PLATFORM, Definitions
from sandbox.kubernetes.rest import ApiError
from sandbox.operators import admission
from sandbox.operators.catalogue import Catalogue
from sandbox.operators.conditions import condition, merged, now
from sandbox.operators.config import Config
from sandbox.operators.kube import (
    CATALOG_SOURCE,
    CLUSTER_INGRESS,
    CONFIG_MAP,
    CRD,
    DSC,
    NAMESPACE,
    PACKAGE,
    PROFILE,
    STORAGE_CLASS,
    TEMPLATE,
    Key,
    Kube,
    Object,
    Resource,
)
from sandbox.operators.olm_install import discoverable, load_definitions
from sandbox.operators.runtime import Controller, Watch
from sandbox.operators.templates import templates

RBD = "openshift-storage.rbd.csi.ceph.com"
CEPHFS = "openshift-storage.cephfs.csi.ceph.com"
RGW = "openshift-storage.ceph.rook.io/bucket"
NOOBAA = "openshift-storage.noobaa.io/obc"
STORAGE_CLASSES = {
    "ocs-storagecluster-ceph-rbd": RBD,
    "ocs-storagecluster-cephfs": CEPHFS,
    "ocs-storagecluster-ceph-rgw": RGW,
    "openshift-storage.noobaa.io": NOOBAA,
}
NAMESPACES = (
    "openshift-config-managed",
    "openshift-ingress",
    "openshift-marketplace",
    "openshift-monitoring",
    "openshift-storage",
    "redhat-ods-applications",
    "redhat-ods-operator",
    "sandbox-control",
)
SYSTEM_PREFIXES = ("openshift", "kube-", "redhat-ods-", "sandbox-control", "rhai-maas")


def storage_class(name: str, provisioner: str) -> Object:
    """A storage class; block storage is the cluster's default."""
    meta: Object = {"name": name}
    if provisioner == RBD:
        meta["annotations"] = {"storageclass.kubernetes.io/is-default-class": "true"}
    return {"metadata": meta, "provisioner": provisioner, "reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"}


class Platform:
    """Makes it all; safe to run again and again."""

    def __init__(self, kube: Kube, config: Config, catalogue: Catalogue, definitions: Definitions) -> None:
        self.kube, self.config = kube, config
        self.catalogue, self.definitions = catalogue, definitions

    async def make(self) -> None:
        """Definitions first, then the objects. Storage classes come on the first start only: a test takes one away."""
        wanted = self.definitions.of(PLATFORM)
        first = await self.kube.get(CRD, "", wanted[0]["metadata"]["name"]) is None
        for name in NAMESPACES:
            await self.kube.create(NAMESPACE, {"metadata": {"name": name}})
        if first or not await self.kube.list(STORAGE_CLASS):
            for name, provisioner in STORAGE_CLASSES.items():
                await self.kube.create(STORAGE_CLASS, storage_class(name, provisioner))
        for _attempt in range(200):
            if await load_definitions(self.kube, wanted) and await discoverable(self.kube, wanted):
                break
            await asyncio.sleep(0.1)
        await self._catalogue()
        await self._openshift()
        await self._openshift_ai()
        if "kserve" not in self.config.originals:
            await admission.make(self.kube, self.config.kserve)

    async def _retry(self, resource: Resource, body: Object) -> Object:
        """A fresh definition is established a moment before its paths answer."""
        for attempt in range(50):
            try:
                return await self.kube.apply(resource, body)
            except ApiError as error:
                if error.status != 404 or attempt == 49:
                    raise
                await asyncio.sleep(0.1)
        raise AssertionError("the loop returns or raises")

    async def _catalogue(self) -> None:
        where = {"name": self.catalogue.source, "namespace": self.catalogue.namespace}
        spec = {"sourceType": "grpc", "displayName": self.catalogue.title, "publisher": "Red Hat", "priority": -100}
        source = await self._retry(CATALOG_SOURCE, {"metadata": where, "spec": spec})
        if not (source.get("status") or {}).get("connectionState"):
            state = {"lastObservedState": "READY", "lastConnect": now()}
            await self.kube.status(CATALOG_SOURCE, source, {"connectionState": state})
        for package in self.catalogue.packages.values():
            labels = {"catalog": self.catalogue.source, "catalog-namespace": self.catalogue.namespace}
            meta = {"name": package.name, "namespace": self.catalogue.namespace, "labels": labels}
            body = await self._retry(PACKAGE, {"metadata": meta})
            await self.kube.status(PACKAGE, body, self.catalogue.manifest(package))

    async def _openshift(self) -> None:
        spec = {"domain": self.config.superdomain}
        await self._retry(CLUSTER_INGRESS, {"metadata": {"name": "cluster"}, "spec": spec})
        text = self.config.ca_text()
        if text:
            meta = {"name": "default-ingress-cert", "namespace": "openshift-config-managed"}
            await self.kube.apply(CONFIG_MAP, {"metadata": meta, "data": {"ca-bundle.crt": text}})

    async def _openshift_ai(self) -> None:
        components: dict[str, Any] = {name: {"managementState": "Managed"} for name in ("dashboard", "workbenches")}
        components["kserve"] = {"managementState": "Managed", "rawDeploymentServiceConfig": "Headless"}
        await self._retry(DSC, {"metadata": {"name": "default-dsc"}, "spec": {"components": components}})
        identifiers = [
            {"identifier": "cpu", "displayName": "CPU", "minCount": 1, "defaultCount": 2, "resourceType": "CPU"},
            {"identifier": "memory", "displayName": "Memory", "minCount": "1Gi", "defaultCount": "4Gi"},
            {"identifier": "nvidia.com/gpu", "displayName": "GPU", "minCount": 1, "defaultCount": 1},
        ]
        meta = {"name": "nvidia-gpu", "namespace": "redhat-ods-applications"}
        for template in templates():
            await self._retry(TEMPLATE, template)
        await self._retry(PROFILE, {"metadata": meta, "spec": {"identifiers": identifiers}})


class DataScienceClusters(Controller):
    """A DataScienceCluster is ready as soon as it is there."""

    name = "data science cluster"
    watches = (Watch(DSC),)

    async def reconcile(self, key: Key) -> float | None:
        """Write the conditions."""
        body = await self.kube.get(DSC, "", key.name)
        if body is None:
            return None
        states = (body.get("spec") or {}).get("components") or {}
        managed = {name: (entry or {}).get("managementState") == "Managed" for name, entry in states.items()}
        conditions = [
            condition("Ready", True, "Ready"),
            condition("ProvisioningSucceeded", True, "ProvisioningSucceeded"),
        ]
        for kind, name in (("Dashboard", "dashboard"), ("Kserve", "kserve"), ("Workbenches", "workbenches")):
            if managed.get(name):
                conditions.append(condition(f"{kind}Ready", True, "Ready"))
            else:
                text = "Component ManagementState is set to Removed"
                conditions.append(condition(f"{kind}Ready", False, "Removed", text, severity="Info"))
        wanted = merged((body.get("status") or {}).get("conditions"), conditions)
        status = {"phase": "Ready", "conditions": wanted, "observedGeneration": body["metadata"]["generation"]}
        status["release"] = {"name": "OpenShift AI Self-Managed", "version": "2.25.0"}
        await self.kube.status(DSC, body, status)
        return None


def is_system(namespace: str) -> bool:
    """Is it a namespace of the platform's own?"""
    return namespace.startswith(SYSTEM_PREFIXES) or namespace == "default"
