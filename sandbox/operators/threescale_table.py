# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of 3scale's components, with what their Pods ask for, as the operator's 2.14 has them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.operators.kube import Object

METRICS = "metrics"


@dataclass(frozen=True)
class Part:
    """One Deployment.

    `asks` and `limits` are processor and memory, an empty one is not set; `ports` are the container's; `serves` the
    Service's (name: port, target), by default those of the container but for metrics; `sizing` is where the resource
    sizes it; `claim` a volume of its own: name, and the section of the resource that may name its class.
    """

    name: str
    wave: int
    image: str
    asks: tuple[str, str]
    limits: tuple[str, str]
    ports: dict[str, int] = field(default_factory=dict)
    sizing: tuple[str, str] = ("", "")
    container: str = ""
    element: str = ""
    serves: dict[str, tuple[int, int]] | None = None
    claim: tuple[str, str, str] | None = None

    def options(self, spec: Object) -> Object:
        """The part's own section of the APIManager."""
        group, section = self.sizing
        found: Object = (spec.get(group) or {}).get(section) or {}
        return found

    @property
    def labels(self) -> dict[str, str]:
        """Which component it is of; what its PodMonitor looks for."""
        component, _, element = self.name.partition("-")
        return {"threescale_component": component, "threescale_component_element": self.element or element}

    @property
    def served(self) -> dict[str, tuple[int, int]]:
        """The Service's ports; without one there is no Service."""
        if self.serves is not None:
            return self.serves
        return {name: (port, port) for name, port in self.ports.items() if name != METRICS}

    def resources(self, given: Object | None) -> Object:
        """Those that the resource gives, else the operator's own."""
        if given:
            return given
        names = ("cpu", "memory")
        wanted = {"limits": self.limits, "requests": self.asks}
        return {kind: {key: value for key, value in zip(names, pair) if value} for kind, pair in wanted.items()}


_REDIS = {"redis": 6379}
DATABASES = (
    Part(
        "system-redis",
        0,
        "redis-7",
        ("150m", "256Mi"),
        ("500m", "32Gi"),
        _REDIS,
        claim=("system-redis-storage", "system", "redisPersistentVolumeClaim"),
    ),
    Part(
        "backend-redis",
        0,
        "redis-7",
        ("1", "1Gi"),
        ("2", "32Gi"),
        _REDIS,
        claim=("backend-redis-storage", "backend", "redisPersistentVolumeClaim"),
    ),
    Part(
        "zync-database",
        0,
        "postgresql-13",
        ("50m", "250M"),
        ("250m", "2G"),
        {"postgresql": 5432},
        ("", ""),
        "postgresql",
    ),
)
MYSQL = Part(
    "system-mysql",
    0,
    "mysql-80",
    ("250m", "512Mi"),
    ("", "2Gi"),
    {"system-mysql": 3306},
    claim=("mysql-storage", "", ""),
)
POSTGRESQL = Part(
    "system-postgresql",
    0,
    "postgresql-13",
    ("250m", "512Mi"),
    ("", "2Gi"),
    {"system-postgresql": 5432},
    claim=("postgresql-data", "", ""),
)
_GATEWAY = {"gateway": 8080, "management": 8090, METRICS: 9421}
_GATEWAY_SERVED = {name: (port, port) for name, port in _GATEWAY.items()}
#: system-app's containers: port, the Service's port behind it, its metrics' name and port
SYSTEM = {
    "system-master": (3002, "master-metrics", 9395),
    "system-provider": (3000, "prov-metrics", 9396),
    "system-developer": (3001, "dev-metrics", 9394),
}
PARTS = (
    Part(
        "system-memcache",
        1,
        "memcached-rhel9",
        ("50m", "64Mi"),
        ("250m", "96Mi"),
        {"memcache": 11211},
        container="memcache",
    ),
    Part(
        "backend-listener",
        1,
        "backend-rhel8",
        ("500m", "550Mi"),
        ("1", "700Mi"),
        {"http": 3000, METRICS: 9394},
        ("backend", "listenerSpec"),
    ),
    Part(
        "backend-worker",
        1,
        "backend-rhel8",
        ("150m", "50Mi"),
        ("1", "300Mi"),
        {METRICS: 9421},
        ("backend", "workerSpec"),
    ),
    Part("backend-cron", 1, "backend-rhel8", ("100m", "100Mi"), ("500m", "500Mi"), {}, ("backend", "cronSpec")),
    Part(
        "zync",
        1,
        "zync-rhel9",
        ("150m", "250M"),
        ("1", "512Mi"),
        {"zync": 8080, METRICS: 9393},
        ("zync", "appSpec"),
        element="zync",
        serves={"8080-tcp": (8080, 8080)},
    ),
    Part(
        "zync-que",
        1,
        "zync-rhel9",
        ("250m", "250M"),
        ("1", "512Mi"),
        {METRICS: 9394},
        ("zync", "queSpec"),
        "que",
        "zync-que",
    ),
    Part(
        "system-searchd",
        2,
        "searchd-rhel8",
        ("80m", "250Mi"),
        ("1", "512Mi"),
        sizing=("system", "searchdSpec"),
        serves={"searchd": (9306, 9306)},
        claim=("system-searchd", "system", "searchdSpec"),
    ),
    Part("system-app", 2, "system-rhel8", ("50m", "600Mi"), ("1", "800Mi"), {}, ("system", "appSpec")),
    Part(
        "system-sidekiq", 3, "system-rhel8", ("100m", "500Mi"), ("1", "2Gi"), {METRICS: 9394}, ("system", "sidekiqSpec")
    ),
    Part(
        "apicast-staging",
        3,
        "apicast-gateway-rhel8",
        ("50m", "64Mi"),
        ("100m", "128Mi"),
        _GATEWAY,
        ("apicast", "stagingSpec"),
        serves=_GATEWAY_SERVED,
    ),
    Part(
        "apicast-production",
        3,
        "apicast-gateway-rhel8",
        ("500m", "64Mi"),
        ("1", "128Mi"),
        _GATEWAY,
        ("apicast", "productionSpec"),
        serves=_GATEWAY_SERVED,
    ),
)
