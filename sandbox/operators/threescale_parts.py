# SPDX-License-Identifier: GPL-3.0-or-later
"""The components of an installation of 3scale: their Deployments, Services and volumes. Pure."""

from __future__ import annotations

from typing import Any

from sandbox.operators import pods
from sandbox.operators.kube import API_MANAGER, Object, owned
from sandbox.operators.threescale_table import DATABASES, MYSQL, PARTS, POSTGRESQL, SYSTEM, Part

REGISTRY = "registry.redhat.io/3scale-amp2"
STORAGE = "system-storage"

WAVES = 4


def external(spec: Object) -> set[str]:
    """Which databases are outside: ``system.redis``, ``system.database``, ``backend.redis``, ``zync.database``."""
    found = set()
    for group, members in (spec.get("externalComponents") or {}).items():
        found |= {f"{group}.{name}" for name, outside in (members or {}).items() if outside}
    if (spec.get("highAvailability") or {}).get("enabled"):
        found |= {"system.redis", "system.database", "backend.redis"}
        if spec["highAvailability"].get("externalZyncDatabaseEnabled"):
            found.add("zync.database")
    return found


def parts(spec: Object) -> list[Part]:
    """The Deployments of this APIManager: fifteen with all databases inside, twelve with all but zync's outside."""
    outside = external(spec)
    zync = (spec.get("zync") or {}).get("enabled", True)
    found = []
    if "system.database" not in outside:
        database = (spec.get("system") or {}).get("database") or {}
        found.append(POSTGRESQL if "postgresql" in database else MYSQL)
    where = {"system-redis": "system.redis", "backend-redis": "backend.redis", "zync-database": "zync.database"}
    found += [part for part in DATABASES if where[part.name] not in outside]
    found += PARTS
    return [part for part in found if zync or not part.name.startswith("zync")]


def app_label(spec: Object) -> str:
    """The label ``app`` of everything."""
    return str(spec.get("appLabel") or "3scale-api-management")


def _containers(part: Part, spec: Object, image: str) -> list[Object]:
    options, sized = part.options(spec), spec.get("resourceRequirementsEnabled", True)

    def asks(section: str) -> Object:
        return part.resources(options.get(section)) if sized else {}

    if part.name != "system-app":
        return [pods.container(part.container or part.name, image, part.ports, resources=asks("resources"))]
    found = []
    for name, (port, metrics, number) in SYSTEM.items():
        short = name.removeprefix("system-")
        ports = {short: port, metrics: number}
        found.append(pods.container(name, image, ports, resources=asks(f"{short}ContainerResources")))
    return found


def _pod(part: Part, spec: Object, version: str) -> Object:
    containers = _containers(part, spec, f"{REGISTRY}/{part.image}:{version}")
    pod: Object = {"containers": containers}
    volumes = {part.claim[0]: "/var/lib/data"} if part.claim else {}
    if part.name in ("system-app", "system-sidekiq") and file_storage(spec)[0] == "claim":
        volumes[STORAGE] = "/opt/system/public/system"
    if volumes:
        pod["volumes"] = [{"name": name, "persistentVolumeClaim": {"claimName": name}} for name in volumes]
        for container in containers:
            container["volumeMounts"] = [{"name": name, "mountPath": path} for name, path in volumes.items()]
    for field_name in ("tolerations", "affinity", "priorityClassName"):
        if part.options(spec).get(field_name):
            pod[field_name] = part.options(spec)[field_name]
    return pod


def deployment(body: Object, part: Part, version: str, annotations: dict[str, str]) -> Object:
    """A part's Deployment."""
    spec = body["spec"]
    options = part.options(spec)
    labels = {"app": app_label(spec), **part.labels, **(options.get("labels") or {})}
    return pods.deployment(
        part.name,
        body["metadata"]["namespace"],
        _pod(part, spec, version),
        labels=labels,
        annotations={**annotations, **(options.get("annotations") or {})},
        replicas=options.get("replicas", 1),
        owners=owned(API_MANAGER, body),
    )


def services(body: Object, part: Part) -> list[Object]:
    """A part's Services: one of its name, three for system-app."""
    namespace, owners = body["metadata"]["namespace"], owned(API_MANAGER, body)
    selector = {"deployment": part.name}
    if part.name == "system-app":
        return [
            pods.service(name, namespace, selector, {"http": (3000, port)}, owners=owners)
            for name, (port, _metrics, _number) in SYSTEM.items()
        ]
    return [pods.service(part.name, namespace, selector, part.served, owners=owners)] if part.served else []


def file_storage(spec: Object) -> tuple[str, Any]:
    """(``claim``, its section) or (``s3``, the Secret's name) or (``both``, None)."""
    storage = (spec.get("system") or {}).get("fileStorage") or {}
    claim, s3 = storage.get("persistentVolumeClaim"), storage.get("simpleStorageService")
    if claim is not None and s3 is not None:
        return "both", None
    if s3 is not None:
        return "s3", s3["configurationSecretRef"].get("name")
    return "claim", claim or {}


def claims(body: Object) -> list[Object]:
    """The volumes: ``system-storage``, which many Pods write, where files are kept in it, and each part's own."""
    spec = body["spec"]
    kind, section = file_storage(spec)
    found = [_claim(body, STORAGE, section, "ReadWriteMany", "100Mi")] if kind == "claim" else []
    for part in parts(spec):
        if part.claim:
            name, group, key = part.claim
            own = (spec.get(group) or {}).get(key) or {}
            own = own.get("persistentVolumeClaim") or {} if key == "searchdSpec" else own
            found.append(_claim(body, name, own, "ReadWriteOnce", "1Gi"))
    return found


def _claim(body: Object, name: str, section: Object, mode: str, size: str) -> Object:
    """Without a class in its section it is of the cluster's default one."""
    asked = str((section.get("resources") or {}).get("requests") or size)
    spec: Object = {"accessModes": [mode], "resources": {"requests": {"storage": asked}}}
    for field_name in ("storageClassName", "volumeName"):
        if section.get(field_name):
            spec[field_name] = section[field_name]
    meta = {"name": name, "namespace": body["metadata"]["namespace"], "ownerReferences": owned(API_MANAGER, body)}
    return {"metadata": meta, "spec": spec}
