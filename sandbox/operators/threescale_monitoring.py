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
    found: list[tuple[Resource, Object]] = []
    for part in monitored(body["spec"]):
        meta: Object = {"name": part.name, "namespace": body["metadata"]["namespace"]}
        meta |= {"labels": {"monitoring-key": "middleware"}, "ownerReferences": owned(API_MANAGER, body)}
        selector = {"matchLabels": {"app": app_label(body["spec"]), **part.labels}}
        monitor = {"selector": selector, "namespaceSelector": {}, "podMetricsEndpoints": _endpoints(part)}
        found.append((POD_MONITOR, {"metadata": meta, "spec": monitor}))
        if wanted.get("enablePrometheusRules", True):
            title = "".join(word.capitalize() for word in part.name.split("-"))
            rule = {
                "alert": f"ThreescaleContainer{title}Down",
                "expr": f'absent(up{{pod=~"{part.name}.*"}} == 1)',
                "for": "5m",
                "labels": {"severity": "critical"},
            }
            groups = [{"name": f"{meta['namespace']}/{part.name}.rules", "rules": [rule]}]
            found.append((RULE, {"metadata": meta, "spec": {"groups": groups}}))
    return found
