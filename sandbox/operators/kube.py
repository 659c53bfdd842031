# SPDX-License-Identifier: GPL-3.0-or-later
"""Kubernetes objects for the controllers: paths, server-side apply, status, events."""

from __future__ import annotations

import base64
import json
import urllib.parse
from dataclasses import dataclass
from typing import Any

from sandbox.kubernetes.rest import ApiError, Client
from sandbox.operators.conditions import now

Object = dict[str, Any]
MANAGER = "sandbox-operators"


@dataclass(frozen=True)
class Resource:
    """A kind of object and how its paths are made."""

    api_version: str
    plural: str
    kind: str
    namespaced: bool = True

    @property
    def group(self) -> str:
        """The API group, empty for the core."""
        return self.api_version.rpartition("/")[0]

    def path(self, namespace: str | None = None, name: str | None = None) -> str:
        """The path of one object, of a namespace's list or of all objects."""
        base = f"/apis/{self.api_version}" if "/" in self.api_version else f"/api/{self.api_version}"
        if self.namespaced and namespace:
            base += f"/namespaces/{namespace}"
        return f"{base}/{self.plural}" + (f"/{name}" if name else "")


@dataclass(frozen=True, order=True)
class Key:
    """Which object."""

    namespace: str
    name: str


def key_of(body: Any) -> Key:
    """The key of an object."""
    meta = body["metadata"]
    return Key(meta.get("namespace") or "", meta["name"])


NAMESPACE = Resource("v1", "namespaces", "Namespace", namespaced=False)
SECRET = Resource("v1", "secrets", "Secret")
CONFIG_MAP = Resource("v1", "configmaps", "ConfigMap")
SERVICE = Resource("v1", "services", "Service")
POD = Resource("v1", "pods", "Pod")
EVENT = Resource("v1", "events", "Event")
CLAIM = Resource("v1", "persistentvolumeclaims", "PersistentVolumeClaim")
VOLUME = Resource("v1", "persistentvolumes", "PersistentVolume", namespaced=False)
STORAGE_CLASS = Resource("storage.k8s.io/v1", "storageclasses", "StorageClass", namespaced=False)
DEPLOYMENT = Resource("apps/v1", "deployments", "Deployment")
STATEFUL_SET = Resource("apps/v1", "statefulsets", "StatefulSet")
AUTOSCALER = Resource("autoscaling/v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler")
JOB = Resource("batch/v1", "jobs", "Job")
INGRESS = Resource("networking.k8s.io/v1", "ingresses", "Ingress")
CRD = Resource("apiextensions.k8s.io/v1", "customresourcedefinitions", "CustomResourceDefinition", namespaced=False)
ROUTE = Resource("route.openshift.io/v1", "routes", "Route")
TEMPLATE = Resource("template.openshift.io/v1", "templates", "Template")
CLUSTER_INGRESS = Resource("config.openshift.io/v1", "ingresses", "Ingress", namespaced=False)
OBC = Resource("objectbucket.io/v1alpha1", "objectbucketclaims", "ObjectBucketClaim")
OBJECT_BUCKET = Resource("objectbucket.io/v1alpha1", "objectbuckets", "ObjectBucket", namespaced=False)
CATALOG_SOURCE = Resource("operators.coreos.com/v1alpha1", "catalogsources", "CatalogSource")
OPERATOR_GROUP = Resource("operators.coreos.com/v1", "operatorgroups", "OperatorGroup")
SUBSCRIPTION = Resource("operators.coreos.com/v1alpha1", "subscriptions", "Subscription")
INSTALL_PLAN = Resource("operators.coreos.com/v1alpha1", "installplans", "InstallPlan")
CSV = Resource("operators.coreos.com/v1alpha1", "clusterserviceversions", "ClusterServiceVersion")
PACKAGE = Resource("packages.operators.coreos.com/v1", "packagemanifests", "PackageManifest")
SERVING_RUNTIME = Resource("serving.kserve.io/v1alpha1", "servingruntimes", "ServingRuntime")
ISVC = Resource("serving.kserve.io/v1beta1", "inferenceservices", "InferenceService")
NOTEBOOK = Resource("kubeflow.org/v1", "notebooks", "Notebook")
SERVICE_MONITOR = Resource("monitoring.coreos.com/v1", "servicemonitors", "ServiceMonitor")
DSC = Resource("datasciencecluster.opendatahub.io/v1", "datascienceclusters", "DataScienceCluster", namespaced=False)
PROFILE = Resource("infrastructure.opendatahub.io/v1", "hardwareprofiles", "HardwareProfile")
RHSSO = Resource("keycloak.org/v1alpha1", "keycloaks", "Keycloak")
RHSSO_REALM = Resource("keycloak.org/v1alpha1", "keycloakrealms", "KeycloakRealm")
RHSSO_CLIENT = Resource("keycloak.org/v1alpha1", "keycloakclients", "KeycloakClient")
RHBK = Resource("k8s.keycloak.org/v2alpha1", "keycloaks", "Keycloak")
RHBK_IMPORT = Resource("k8s.keycloak.org/v2alpha1", "keycloakrealmimports", "KeycloakRealmImport")
API_MANAGER = Resource("apps.3scale.net/v1alpha1", "apimanagers", "APIManager")
POLICY_DEFINITION = Resource("capabilities.3scale.net/v1beta1", "custompolicydefinitions", "CustomPolicyDefinition")


class Kube:
    """Reads and writes objects."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def get(self, resource: Resource, namespace: str, name: str) -> Object | None:
        """One object, None where it is not there (nor its definition)."""
        found: Object | None = await self.client.find(resource.path(namespace, name))
        return found

    async def list(self, resource: Resource, namespace: str = "", labels: str = "") -> list[Object]:
        """The objects of a namespace, or of all; empty where the definition is missing."""
        query = f"?labelSelector={urllib.parse.quote(labels)}" if labels else ""
        found = await self.client.find(resource.path(namespace) + query)
        return list(found["items"]) if found else []

    async def apply(self, resource: Resource, body: Object) -> Object:
        """Server-side apply: the fields given are the operators' own; the object is made when it is missing."""
        meta = body["metadata"]
        full = {"apiVersion": resource.api_version, "kind": resource.kind, **body}
        path = resource.path(meta.get("namespace"), meta["name"])
        answer: Object = await self.client.apply(path, full, MANAGER)
        return answer

    async def create(self, resource: Resource, body: Object) -> Object | None:
        """Make an object; None where it is there already."""
        full = {"apiVersion": resource.api_version, "kind": resource.kind, **body}
        try:
            answer: Object = await self.client.request("POST", resource.path(body["metadata"].get("namespace")), full)
            return answer
        except ApiError as error:
            if error.status == 409 and error.reason == "AlreadyExists":
                return None
            raise

    async def patch(self, resource: Resource, key: Key, body: Object) -> Object:
        """JSON merge patch."""
        answer: Object = await self.client.merge(resource.path(key.namespace, key.name), body)
        return answer

    async def status(self, resource: Resource, body: Object, status: Object) -> bool:
        """Write those fields of the status that differ; says whether any did."""
        before = body.get("status") or {}
        changed = {name: value for name, value in status.items() if before.get(name) != value}
        if not changed:
            return False
        key = key_of(body)
        try:
            await self.client.merge(resource.path(key.namespace, key.name) + "/status", {"status": changed})
        except ApiError as error:
            if error.status != 404:  # deleted meanwhile
                raise
        body["status"] = {**before, **changed}
        return True

    async def delete(self, resource: Resource, namespace: str, name: str) -> None:
        """Delete; no matter if it is gone."""
        try:
            await self.client.request("DELETE", resource.path(namespace, name))
        except ApiError as error:
            if error.status != 404:
                raise

    async def event(self, resource: Resource, body: Object, kind: str, reason: str, message: str) -> None:
        """Tell what happened to an object: one Event for each reason, its count going up."""
        meta = body["metadata"]
        namespace = meta.get("namespace") or "default"
        name = f"{meta['name']}.{reason.lower()}"[:253]
        found = await self.get(EVENT, namespace, name)
        count = (found.get("count") or 0) + 1 if found else 1
        reference = {"apiVersion": resource.api_version, "kind": resource.kind, "name": meta["name"]}
        reference |= {"uid": meta["uid"], "namespace": namespace}
        event = {
            "metadata": {"namespace": namespace, "name": name},
            "involvedObject": reference,
            "type": kind,
            "reason": reason,
            "message": message,
            "count": count,
            "source": {"component": MANAGER},
            "firstTimestamp": (found or {}).get("firstTimestamp") or now(),
            "lastTimestamp": now(),
        }
        await self.apply(EVENT, event)


def owned(resource: Resource, body: Object, controller: bool = True) -> list[Object]:
    """The owner reference that makes garbage collection follow the object."""
    meta = body["metadata"]
    reference = {"apiVersion": resource.api_version, "kind": resource.kind, "name": meta["name"], "uid": meta["uid"]}
    return [{**reference, "controller": controller, "blockOwnerDeletion": controller}]


def decoded(secret: Object | None) -> dict[str, str]:
    """A Secret's keys with their text."""
    data = (secret or {}).get("data") or {}
    return {key: base64.b64decode(value).decode(errors="replace") for key, value in data.items()}


def encoded(values: dict[str, str]) -> dict[str, str]:
    """Texts as a Secret's ``data``. (``stringData`` under server-side apply would own nothing.)"""
    return {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}


def selector_text(selector: Object | None) -> str:
    """A label selector's ``matchLabels`` and ``matchExpressions`` as a query."""
    parts = [f"{key}={value}" for key, value in ((selector or {}).get("matchLabels") or {}).items()]
    for expression in (selector or {}).get("matchExpressions") or []:
        name, values = expression["key"], ",".join(expression.get("values") or [])
        operator = expression["operator"]
        if operator in ("In", "NotIn"):
            parts.append(f"{name} {'in' if operator == 'In' else 'notin'} ({values})")
        else:
            parts.append(name if operator == "Exists" else f"!{name}")
    return ",".join(parts)


def fingerprint(data: Any) -> str:
    """A text by which two JSON values can be told apart."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"))
