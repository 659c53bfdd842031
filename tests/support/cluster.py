# SPDX-License-Identifier: GPL-3.0-or-later
"""What an administrator does to the sandbox's cluster, and what a test looks at in it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import kubernetes

from tests.support.sandbox import Sandbox

PATIENCE = 60.0  # seconds for the API server to take a definition away or to bring it back
# Kinds without a status: any write that changes something gives them a new version.
PLAIN = {"ConfigMap", "Secret", "ServiceAccount"}


class Cluster:
    """The cluster of a sandbox, with an administrator's rights."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.client = kubernetes.config.new_client_from_config(sandbox.facts["sandbox_admin_kubeconfig"])
        self.core = kubernetes.client.CoreV1Api(self.client)

    def namespaces(self) -> set[str]:
        """Names of all namespaces."""
        return {item.metadata.name for item in self.core.list_namespace().items}

    def versions(self, namespaces: set[str]) -> dict[str, Any]:
        """What a changed wish changes: an object's generation, or its version where it has no status."""
        found = {}
        for item in self.sandbox.dump("kubernetes"):
            meta = item["metadata"]
            if meta.get("namespace") in namespaces:
                version = meta.get("resourceVersion") if item["kind"] in PLAIN else meta.get("generation")
                found[f"{item['kind']} {meta['namespace']}/{meta['name']}"] = version
        return found

    @contextlib.contextmanager
    def fault(self, key: str, value: str) -> Iterator[None]:
        """A fault of the sandbox's operators (sandbox/operators/README.md) for as long as the block lasts."""
        meta = {"name": "faults", "namespace": "sandbox-control"}
        self.core.create_namespaced_config_map("sandbox-control", {"metadata": meta, "data": {key: value}})
        try:
            yield
        finally:
            self.core.delete_namespaced_config_map("faults", "sandbox-control")

    @contextlib.contextmanager
    def without_definition(self, name: str) -> Iterator[None]:
        """The cluster without one custom resource definition, which comes back at the end."""
        api = kubernetes.client.ApiextensionsV1Api(self.client)
        kept = self.client.sanitize_for_serialization(api.read_custom_resource_definition(name))
        wanted = {key: kept[key] for key in ("apiVersion", "kind", "spec") if key in kept}
        wanted["metadata"] = {key: kept["metadata"].get(key) for key in ("name", "labels", "annotations")}
        api.delete_custom_resource_definition(name)
        self._until(lambda: name not in _names(api))
        try:
            yield
        finally:
            api.create_custom_resource_definition(wanted)
            self._until(lambda: _established(api, name))

    def _until(self, holds: Any) -> None:
        end = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > end:
                raise TimeoutError("the cluster did not settle")
            time.sleep(0.3)


def _names(api: Any) -> set[str]:
    return {item.metadata.name for item in api.list_custom_resource_definition().items}


def _established(api: Any, name: str) -> bool:
    conditions = api.read_custom_resource_definition(name).status.conditions or []
    return any(item.type == "Established" and item.status == "True" for item in conditions)
