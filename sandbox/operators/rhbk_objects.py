# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Red Hat build of Keycloak's operator makes of a Keycloak resource. Pure."""

from __future__ import annotations

from sandbox.operators import pods
from sandbox.operators.kube import RHBK, Object, owned

IMAGE = "registry.redhat.io/rhbk/keycloak-rhel9:26.4"


def problem(body: Object) -> str:
    """Why the server could not start with this specification; "" when it can. The words are Keycloak's own."""
    spec = body.get("spec") or {}
    db, http, hostname = (spec.get(name) or {} for name in ("db", "http", "hostname"))
    if not db.get("vendor"):
        return "db.vendor is not set: Failed to obtain JDBC connection (the operator does not deploy a database)"
    if not db.get("host") and not db.get("url") and not str(db["vendor"]).startswith("dev-"):
        return f"neither db.host nor db.url is set for vendor {db['vendor']}: Failed to obtain JDBC connection"
    if not http.get("httpEnabled") and not http.get("tlsSecret"):
        return "Key material not provided to setup HTTPS. Please configure your keys/certificates"
    generated = (spec.get("ingress") or {}).get("className") == "openshift-default"
    if not hostname.get("hostname") and hostname.get("strict") is not False and not generated:
        return "hostname is not configured; either configure hostname, or set hostname-strict to false"
    return ""


def host(body: Object, superdomain: str) -> str:
    """The host of the Ingress, "" when it takes any."""
    spec, meta = body.get("spec") or {}, body["metadata"]
    given = str((spec.get("hostname") or {}).get("hostname") or "")
    if given:
        return given.partition("://")[2].split("/")[0].split(":")[0] if "://" in given else given
    if (spec.get("ingress") or {}).get("className") == "openshift-default":
        return f"{meta['name']}-ingress-{meta['namespace']}.{superdomain}"
    return ""


def admin_secret(body: Object) -> str:
    """The Secret with the first administrator."""
    chosen = ((body.get("spec") or {}).get("bootstrapAdmin") or {}).get("user") or {}
    return str(chosen.get("secret") or f"{body['metadata']['name']}-initial-admin")


def _labels(body: Object) -> dict[str, str]:
    return {"app": "keycloak", "app.kubernetes.io/instance": body["metadata"]["name"]} | {
        "app.kubernetes.io/managed-by": "keycloak-operator"
    }


def ports(body: Object) -> dict[str, tuple[int, int]]:
    """The Service's ports."""
    http = (body.get("spec") or {}).get("http") or {}
    found: dict[str, tuple[int, int]] = {"management": (9000, 9000)}
    if http.get("tlsSecret"):
        found["https"] = (int(http.get("httpsPort") or 8443),) * 2
    if http.get("httpEnabled") or not http.get("tlsSecret"):
        found["http"] = (int(http.get("httpPort") or 8080),) * 2
    return found


def stateful_set(body: Object) -> Object:
    """The server's StatefulSet: its Pods only report ready, the real server runs beside."""
    meta, spec = body["metadata"], body.get("spec") or {}
    db = spec.get("db") or {}
    env: list[Object] = [{"name": "KC_DB", "value": str(db.get("vendor") or "")}]
    for variable, field in (("KC_DB_USERNAME", "usernameSecret"), ("KC_DB_PASSWORD", "passwordSecret")):
        if reference := db.get(field):
            env.append({"name": variable, "valueFrom": {"secretKeyRef": reference}})
    container = pods.container("keycloak", spec.get("image") or IMAGE, {"http": 8080, "management": 9000}, env=env)
    if spec.get("resources"):
        container["resources"] = spec["resources"]
    labels = _labels(body)
    return {
        "metadata": {
            "name": meta["name"],
            "namespace": meta["namespace"],
            "labels": labels,
            "ownerReferences": owned(RHBK, body),
        },
        "spec": {
            "serviceName": f"{meta['name']}-discovery",
            "replicas": spec.get("instances", 1),
            "podManagementPolicy": "Parallel",
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pods.hardened({"containers": [container]})},
        },
    }


def services(body: Object) -> list[Object]:
    """The Service for callers and the one for discovery."""
    meta, owners, labels = body["metadata"], owned(RHBK, body), _labels(body)
    name, namespace = meta["name"], meta["namespace"]
    discovery = {"tcp": (7800, 7800)}
    return [
        pods.service(f"{name}-service", namespace, labels, ports(body), owners=owners, labels=labels),
        pods.service(f"{name}-discovery", namespace, labels, discovery, owners=owners, labels=labels, headless=True),
    ]


def ingress(body: Object, superdomain: str) -> Object:
    """The Ingress ``<name>-ingress``."""
    meta, spec = body["metadata"], body.get("spec") or {}
    secure = bool((spec.get("http") or {}).get("tlsSecret"))
    options = spec.get("ingress") or {}
    found = ports(body)
    number = found["https" if secure else "http"][0]
    backend = {"service": {"name": f"{meta['name']}-service", "port": {"number": number}}}
    rule: Object = {"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}
    name = host(body, superdomain)
    if name:
        rule["host"] = name
    termination = "passthrough" if secure else "edge"
    annotations = {"route.openshift.io/termination": termination, **(options.get("annotations") or {})}
    result: Object = {
        "metadata": {
            "name": f"{meta['name']}-ingress",
            "namespace": meta["namespace"],
            "labels": _labels(body),
            "annotations": annotations,
            "ownerReferences": owned(RHBK, body),
        },
        "spec": {"rules": [rule]},
    }
    if options.get("className"):
        result["spec"]["ingressClassName"] = options["className"]
    return result
