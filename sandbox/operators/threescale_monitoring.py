# SPDX-License-Identifier: GPL-3.0-or-later
"""PodMonitors and PrometheusRules of an APIManager with ``monitoring.enabled``. Pure."""

from __future__ import annotations

from sandbox.operators.kube import API_MANAGER, Object, Resource, owned
from sandbox.operators.threescale_parts import app_label, parts
from sandbox.operators.threescale_table import METRICS, SYSTEM, Part

POD_MONITOR = Resource("monitoring.coreos.com/v1", "podmonitors", "PodMonitor")
RULE = Resource("monitoring.coreos.com/v1", "prometheusrules", "PrometheusRule")


def monitored(spec: Object) -> list[Part]:
    """The parts with a port for metrics."""
    return [part for part in parts(spec) if METRICS in part.ports or part.name == "system-app"]


def _endpoints(part: Part) -> list[Object]:
    """What of it is read."""
    if part.name != "system-app":
        return [{"port": METRICS, "path": "/metrics", "scheme": "http"}]
    paths = ("/metrics", "/yabeda-metrics")
    return [
        {"port": name, "path": path, "scheme": "http"} for _port, name, _number in SYSTEM.values() for path in paths
    ]


def objects(body: Object) -> list[tuple[Resource, Object]]:
    """What monitoring wants; the rules are made once and never changed, as the operator does it."""
    wanted = body["spec"].get("monitoring") or {}
    if not wanted.get("enabled"):
        return []
    found = [(POD_MONITOR, _monitor(body, part)) for part in monitored(body["spec"])]
    if wanted.get("enablePrometheusRules", True):
        found += [(RULE, _rule(body, name)) for name in _watched(body["spec"])]
    return found


def _watched(spec: Object) -> list[str]:
    """What has a rule: each part that is read, both gateways together, and the Pods of the namespace."""
    names = [part.name for part in monitored(spec) if not part.name.startswith("apicast")]
    return [*names, "apicast", "threescale-kube-state-metrics"]


def _head(body: Object, name: str) -> Object:
    meta: Object = {"name": name, "namespace": body["metadata"]["namespace"]}
    return meta | {"labels": {"monitoring-key": "middleware"}, "ownerReferences": owned(API_MANAGER, body)}


def _monitor(body: Object, part: Part) -> Object:
    selector = {"matchLabels": {"app": app_label(body["spec"]), **part.labels}}
    spec = {"selector": selector, "namespaceSelector": {}, "podMetricsEndpoints": _endpoints(part)}
    return {"metadata": _head(body, part.name), "spec": spec}


def _rule(body: Object, name: str) -> Object:
    title = "".join(word.capitalize() for word in name.split("-"))
    rule = {
        "alert": f"ThreescaleContainer{title}Down",
        "expr": f'absent(up{{pod=~"{name}.*"}} == 1)',
        "for": "5m",
        "labels": {"severity": "critical"},
    }
    groups = [{"name": f"{body['metadata']['namespace']}/{name}.rules", "rules": [rule]}]
    return {"metadata": _head(body, name), "spec": {"groups": groups}}
