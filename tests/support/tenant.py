# SPDX-License-Identifier: GPL-3.0-or-later
"""The tenant of a finished sandbox, as somebody with its token reaches it by hand: Admin API and gateway."""

from __future__ import annotations

import base64
import time
from typing import Any

import requests

from tests.support.cluster import Cluster
from tests.support.sandbox import Sandbox

IN_FORCE = 30  # seconds; the gateway asks anew after its cached answer


class Tenant:
    """Calls by hand, where the modules are what is tested."""

    def __init__(self, sandbox: Sandbox, cluster: Cluster) -> None:
        self.sandbox = sandbox
        seed = cluster.core.read_namespaced_secret("system-seed", "3scale").data
        self.token = base64.b64decode(seed["ADMIN_ACCESS_TOKEN"]).decode()
        self.base = f"{sandbox.url('threescale')}/_host/maas-admin.{sandbox.facts['sandbox_superdomain']}"

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The answer of the Admin API."""
        answer = requests.request(method, self.base + path, json=body, auth=("", self.token), timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def product(self, name: str) -> int:
        """Id of a product."""
        rows = self.call("GET", "/admin/api/services.json")["services"]
        return next(int(row["service"]["id"]) for row in rows if row["service"]["system_name"] == name)

    def plan(self, product: int) -> int:
        """Id of a product's first application plan."""
        rows = self.call("GET", f"/admin/api/services/{product}/application_plans.json")["plans"]
        return int(rows[0]["application_plan"]["id"])

    def keys(self) -> dict[str, str]:
        """The keys of all applications by their names."""
        rows = self.call("GET", "/admin/api/applications.json")["applications"]
        return {row["application"]["name"]: row["application"]["user_key"] for row in rows}

    def status(self, product: str, key: str, wanted: int) -> int:
        """What the production gateway answers to a key, waited for until it is what is wanted."""
        facts = self.sandbox.facts
        host = f"{product}-maas-apicast-production.{facts['sandbox_superdomain']}:{facts['sandbox_public_port']}"
        end = time.monotonic() + IN_FORCE
        while True:
            headers = {"Authorization": f"Bearer {key}"}
            answer = requests.get(f"https://{host}/v1/models", headers=headers, verify=facts["sandbox_ca"], timeout=30)
            if answer.status_code == wanted or time.monotonic() > end:
                return answer.status_code
            time.sleep(1)
