# SPDX-License-Identifier: GPL-3.0-or-later
"""What the 3scale operator made, without what differs from run to run or is known to differ. Pure.

What is left out on purpose, each with its reason, is `KNOWN`; everything else has to be alike.
"""

from __future__ import annotations

from typing import Any

from tests.sandbox.operators.cluster import Object, plain

KNOWN = {
    "DeploymentConfigs, ImageStreams, hooks before and after a rollout": "2.14; Deployments, images and Jobs from 2.15",
    "ConfigMaps, service accounts and roles, init containers, environment": "what the programs need that are played",
    "volumes with the policies' code and the portal's configuration": "the gateway's stand-in reads it from a folder",
    "labels with the vendor's version, the hash of the environment, prometheus.io": "nobody reads them",
    "key BASE_URL of system-master-apicast": "from 2.15",
    "imageStreamTagImportInsecure, annotation confirmed-requirements": "2.14 only, from 2.15",
}
_RANDOM = "TOKEN", "PASSWORD", "SECRET_KEY_BASE", "password"


def secrets(found: list[Object]) -> Object:
    """Keys and values of each Secret; a value that is made up is told by its key."""
    shown = {}
    for body in found:
        values = plain(body)
        hidden = {key: value for key, value in values.items() if key.endswith(_RANDOM) and value}
        for key, value in values.items():
            for name, secret in hidden.items():
                value = value.replace(secret, f"<{name}>")
            values[key] = value
        values.pop("BASE_URL", None)
        shown[body["metadata"]["name"]] = values
    return shown


def workloads(found: list[Object]) -> Object:
    """Each DeploymentConfig or Deployment: its labels, what its Pods ask for, what they keep."""
    return {body["metadata"]["name"]: _workload(body) for body in found}


def _workload(body: Object) -> Object:
    template = body["spec"]["template"]
    labels = body["metadata"].get("labels") or {}
    notes = template["metadata"].get("annotations") or {}
    claims = [volume["persistentVolumeClaim"]["claimName"] for volume in _claims(template["spec"])]
    return {
        "labels": {key: value for key, value in labels.items() if key == "app" or key.startswith("threescale")},
        "rolled out by": sorted(key for key in notes if "custompolicy-secret" in key),
        "replicas": body["spec"]["replicas"],
        "containers": {one["name"]: _container(one) for one in template["spec"]["containers"]},
        "claims": claims,
    }


def _claims(pod: Object) -> list[Object]:
    return [volume for volume in pod.get("volumes") or [] if "persistentVolumeClaim" in volume]


def _container(one: Object) -> Object:
    numbers = sorted(port["containerPort"] for port in one.get("ports") or [])
    return {"ports": numbers, "resources": one.get("resources")}


def services(found: list[Object], made: list[Object]) -> Object:
    """Each Service: which workload it leads to, and where; a port that is named there is told by its number."""
    named = {}
    for body in made:
        for container in body["spec"]["template"]["spec"]["containers"]:
            for port in container.get("ports") or []:
                named[body["metadata"]["name"], port.get("name")] = port["containerPort"]
    return {body["metadata"]["name"]: _service(body["spec"], named) for body in found}


def _service(spec: Object, named: dict[Any, int]) -> Object:
    [to] = (spec.get("selector") or {"": ""}).values()
    ports = {p["name"]: (p["port"], named.get((to, p["targetPort"]), p["targetPort"])) for p in spec["ports"]}
    return {"to": to, "ports": ports}


def others(claims: list[Object], routes: list[Object], monitors: list[Object], manager: Object) -> Object:
    """The claims, the Route that is not zync's, the monitors, and what is written into the specification."""
    spec = without_empty(manager["spec"])
    spec.pop("imageStreamTagImportInsecure", None)
    for claim in claims:
        claim["spec"].pop("volumeName", None)
    own = [route for route in routes if route["metadata"]["name"] == "backend"]
    return {
        "claims": {claim["metadata"]["name"]: claim["spec"] for claim in claims},
        "route": [route["spec"] for route in own],
        "monitors": {one["metadata"]["name"]: without_empty(one["spec"]) for one in monitors},
        "spec": spec,
    }


def without_empty(value: Any) -> Any:
    """An empty section says nothing; false does."""
    if isinstance(value, dict):
        inside = {key: without_empty(one) for key, one in value.items()}
        return {key: one for key, one in inside.items() if one not in ({}, [], "", None)}
    return [without_empty(one) for one in value] if isinstance(value, list) else value
