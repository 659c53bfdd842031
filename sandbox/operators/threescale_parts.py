# SPDX-License-Identifier: GPL-3.0-or-later
"""The components of 3scale: which Deployments a release has, in which order they come, their Services. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.operators import pods
from sandbox.operators.kube import API_MANAGER, Object, owned

REGISTRY = "registry.redhat.io/3scale-amp2"
STORAGE = "system-storage"
SYSTEM_PORTS = {"system-master": 3002, "system-provider": 3000, "system-developer": 3001}


@dataclass(frozen=True)
class Part:
    """One Deployment: the wave in which it comes, its image, its ports, where the resource sizes it."""

    name: str
    wave: int
    image: str
    ports: dict[str, int] = field(default_factory=dict)
    sizing: tuple[str, str] = ("", "")

    def options(self, spec: Object) -> Object:
        """The part's own section of the APIManager."""
        group, section = self.sizing
        found: Object = (spec.get(group) or {}).get(section) or {}
        return found


DATABASES = (
    Part("system-redis", 0, "redis-7", {"redis": 6379}),
    Part("backend-redis", 0, "redis-7", {"redis": 6379}),
    Part("zync-database", 0, "postgresql-13", {"postgresql": 5432}),
)
PARTS = (
    Part("system-memcache", 1, "memcached-rhel9", {"memcache": 11211}),
    Part("backend-listener", 1, "backend-rhel8", {"http": 3000, "metrics": 9394}, ("backend", "listenerSpec")),
    Part("backend-worker", 1, "backend-rhel8", {"metrics": 9421}, ("backend", "workerSpec")),
    Part("backend-cron", 1, "backend-rhel8", {}, ("backend", "cronSpec")),
    Part("zync", 1, "zync-rhel9", {"zync": 8080}, ("zync", "appSpec")),
    Part("zync-que", 1, "zync-rhel9", {"metrics": 9394}, ("zync", "queSpec")),
    Part("system-searchd", 2, "searchd-rhel8", {"searchd": 9306}, ("system", "searchdSpec")),
    Part("system-app", 2, "system-rhel8", SYSTEM_PORTS, ("system", "appSpec")),
    Part("system-sidekiq", 3, "system-rhel8", {"metrics": 9394}, ("system", "sidekiqSpec")),
    Part(
        "apicast-staging",
        3,
        "apicast-gateway-rhel8",
        {"gateway": 8080, "management": 8090, "metrics": 9421},
        ("apicast", "stagingSpec"),
    ),
    Part(
        "apicast-production",
        3,
        "apicast-gateway-rhel8",
        {"gateway": 8080, "management": 8090, "metrics": 9421},
        ("apicast", "productionSpec"),
    ),
)
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
    database = (spec.get("system") or {}).get("database") or {}
    chosen = "system-postgresql" if "postgresql" in database else "system-mysql"
    found = []
    if "system.database" not in outside:
        image, port = ("postgresql-13", 5432) if chosen == "system-postgresql" else ("mysql-80", 3306)
        found.append(Part(chosen, 0, image, {chosen: port}))
    where = {"system-redis": "system.redis", "backend-redis": "backend.redis", "zync-database": "zync.database"}
    found += [part for part in DATABASES if where[part.name] not in outside]
    found += PARTS
    return [part for part in found if zync or not part.name.startswith("zync")]


def _pod(part: Part, spec: Object, version: str) -> Object:
    image = f"{REGISTRY}/{part.image}:{version}"
    resources: Object = {}
    if spec.get("resourceRequirementsEnabled", True):
        resources = part.options(spec).get("resources") or {
            "requests": {"cpu": "50m", "memory": "64Mi"},
            "limits": {"cpu": "1", "memory": "512Mi"},
        }
    if part.name == "system-app":
        containers = [
            pods.container(name, image, {name.removeprefix("system-"): port}, resources=resources)
            for name, port in part.ports.items()
        ]
    else:
        containers = [pods.container(part.name, image, part.ports, resources=resources)]
    pod: Object = {"containers": containers}
    if part.name in ("system-app", "system-sidekiq") and file_storage(spec)[0] == "claim":
        pod["volumes"] = [{"name": STORAGE, "persistentVolumeClaim": {"claimName": STORAGE}}]
        for container in containers:
            container["volumeMounts"] = [{"name": STORAGE, "mountPath": "/opt/system/public/system"}]
    for field_name in ("tolerations", "affinity", "priorityClassName"):
        if part.options(spec).get(field_name):
            pod[field_name] = part.options(spec)[field_name]
    return pod


def deployment(body: Object, part: Part, version: str, annotations: dict[str, str]) -> Object:
    """A part's Deployment."""
    spec = body["spec"]
    options = part.options(spec)
    labels = {"app": spec.get("appLabel") or "3scale-api-management", "threescale_component": part.name.split("-")[0]}
    labels |= {"threescale_component_element": part.name.partition("-")[2] or "app", **(options.get("labels") or {})}
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
            for name, port in part.ports.items()
        ]
    ports = {name: (port, port) for name, port in part.ports.items()}
    return [pods.service(part.name, namespace, selector, ports, owners=owners)] if ports else []


def file_storage(spec: Object) -> tuple[str, Any]:
    """(``claim``, its section) or (``s3``, the Secret's name) or (``both``, None)."""
    storage = (spec.get("system") or {}).get("fileStorage") or {}
    claim, s3 = storage.get("persistentVolumeClaim"), storage.get("simpleStorageService")
    if claim is not None and s3 is not None:
        return "both", None
    if s3 is not None:
        return "s3", s3["configurationSecretRef"].get("name")
    return "claim", claim or {}


def storage_claim(body: Object) -> Object:
    """The claim ``system-storage``: many Pods write it."""
    _kind, section = file_storage(body["spec"])
    size = ((section.get("resources") or {}).get("requests")) or "100Mi"
    spec: Object = {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": str(size)}}}
    for name in ("storageClassName", "volumeName"):
        if section.get(name):
            spec[name] = section[name]
    meta = {"name": STORAGE, "namespace": body["metadata"]["namespace"], "ownerReferences": owned(API_MANAGER, body)}
    return {"metadata": meta, "spec": spec}
