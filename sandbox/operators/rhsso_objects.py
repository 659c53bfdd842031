# SPDX-License-Identifier: GPL-3.0-or-later
"""What the RH-SSO operator makes of a Keycloak resource: names are fixed, one server for each namespace. Pure."""

from __future__ import annotations

from sandbox.operators import pods
from sandbox.operators.kube import RHSSO, Object, owned

IMAGE = "registry.redhat.io/rh-sso-7/sso76-openshift-rhel8:7.6"
POSTGRESQL = "registry.redhat.io/rhel8/postgresql-13:1"
LABELS = {"app": "keycloak", "component": "keycloak"}
DATABASE = {"app": "keycloak", "component": "database"}
CERTIFICATE = "sso-x509-https-secret"


def _meta(body: Object, name: str) -> Object:
    return {"name": name, "namespace": body["metadata"]["namespace"], "ownerReferences": owned(RHSSO, body)}


def claim(body: Object) -> Object:
    """The database's volume claim."""
    spec: Object = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    if (body.get("spec") or {}).get("storageClassName"):
        spec["storageClassName"] = body["spec"]["storageClassName"]
    return {"metadata": _meta(body, "keycloak-postgresql-claim"), "spec": spec}


def database(body: Object) -> Object:
    """The database's Deployment."""
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "keycloak-postgresql-claim"}}
    mount = [{"name": "data", "mountPath": "/var/lib/pgsql/data"}]
    container = pods.container("keycloak-postgresql", POSTGRESQL, {"postgresql": 5432}, volumeMounts=mount)
    pod = {"containers": [container], "volumes": [volume]}
    namespace = body["metadata"]["namespace"]
    return pods.deployment(
        "keycloak-postgresql",
        namespace,
        pod,
        selector=DATABASE,
        strategy={"type": "Recreate"},
        owners=owned(RHSSO, body),
    )


def stateful_set(body: Object) -> Object:
    """The server's StatefulSet: its Pods only report ready, the real server runs beside."""
    spec = body.get("spec") or {}
    options = (spec.get("keycloakDeploymentSpec") or {}).get("experimental") or {}
    container = pods.container("keycloak", IMAGE, {"https": 8443, "http": 8080}, env=options.get("env") or [])
    resources = (spec.get("keycloakDeploymentSpec") or {}).get("resources")
    if resources:
        container["resources"] = resources
    template = {"metadata": {"labels": LABELS}, "spec": pods.hardened({"containers": [container]})}
    return {
        "metadata": {**_meta(body, "keycloak"), "labels": LABELS},
        "spec": {
            "serviceName": "keycloak-discovery",
            "replicas": spec.get("instances", 1),
            "selector": {"matchLabels": LABELS},
            "template": template,
        },
    }


def services(body: Object) -> list[Object]:
    """The server's, the discovery's and the database's Service."""
    namespace, owners = body["metadata"]["namespace"], owned(RHSSO, body)
    serving = {"service.alpha.openshift.io/serving-cert-secret-name": CERTIFICATE}
    found = [
        pods.service("keycloak", namespace, LABELS, {"keycloak": (8443, 8443)}, owners=owners, annotations=serving),
        pods.service("keycloak-discovery", namespace, LABELS, {"http": (8080, 8080)}, owners=owners, headless=True),
    ]
    if not ((body.get("spec") or {}).get("externalDatabase") or {}).get("enabled"):
        found.append(pods.service("keycloak-postgresql", namespace, DATABASE, {"sql": (5432, 5432)}, owners=owners))
    return found


def route(body: Object) -> Object:
    """The Route ``keycloak``; OpenShift gives it its host."""
    access = (body.get("spec") or {}).get("externalAccess") or {}
    spec = {
        "to": {"kind": "Service", "name": "keycloak", "weight": 100},
        "port": {"targetPort": "keycloak"},
        "tls": {"termination": access.get("tlsTermination") or "reencrypt"},
    }
    return {"metadata": {**_meta(body, "keycloak"), "labels": {"app": "keycloak"}}, "spec": spec}
