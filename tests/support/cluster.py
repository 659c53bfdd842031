# SPDX-License-Identifier: GPL-3.0-or-later
"""What an administrator does to the sandbox's cluster, and what a test looks at in it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import kubernetes

from tests.support.sandbox import Sandbox

PATIENCE = 60.0  # seconds for the API server to take a definition away
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

    def remove_definition(self, name: str) -> None:
        """Take a custom resource definition away, and with it its objects."""
        api = kubernetes.client.ApiextensionsV1Api(self.client)
        api.delete_custom_resource_definition(name)
        end = time.monotonic() + PATIENCE
        while name in {item.metadata.name for item in api.list_custom_resource_definition().items}:
            if time.monotonic() > end:
                raise TimeoutError(f"{name} does not go")
            time.sleep(0.3)
