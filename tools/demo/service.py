# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the service that the playbook made answers, read from the cluster and the Admin API as an engineer would."""

from __future__ import annotations

import base64
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import kubernetes
import yaml

from tools.demo.https import session

ROOT = Path(__file__).resolve().parents[2]
INVENTORY = ROOT / "inventories" / "sandbox"
TIMEOUT = 30


class ServiceError(Exception):
    """Something of the finished service can't be read; says what."""


@dataclass(frozen=True)
class Service:
    """Addresses of the finished service. ``gateways``: product's system_name → address at the production gateway."""

    portal: str
    admin: str
    token: str
    gateways: dict[str, str]
    ca: str


def sandbox_facts() -> dict[str, Any]:
    """What ``bin/sandbox up`` wrote for the sandbox's inventory."""
    path = INVENTORY / "group_vars" / "all" / "facts.yml"
    facts: dict[str, Any] = yaml.safe_load(path.read_text())
    return facts


def inventory_variables() -> dict[str, Any]:
    """The inventory's variables of its first host, templated by nobody: only plain values may be used."""
    done = subprocess.run(
        ["ansible-inventory", "-i", str(INVENTORY), "--list"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    hosts: dict[str, dict[str, Any]] = json.loads(done.stdout)["_meta"]["hostvars"]
    return next(iter(hosts.values()))


def seed(kubeconfig: str, namespace: str) -> dict[str, str]:
    """The 3scale operator's Secret ``system-seed``, decoded."""
    client = kubernetes.client.CoreV1Api(kubernetes.config.new_client_from_config(kubeconfig))
    secret = client.read_namespaced_secret("system-seed", namespace)
    return {name: base64.b64decode(value).decode() for name, value in secret.data.items()}


def find_service(facts: dict[str, Any], namespace: str) -> Service:
    """Portal, Admin API and every product's production address."""
    given = seed(facts["sandbox_kubeconfig"], namespace)
    port = facts.get("sandbox_public_port", 443)
    suffix = "" if port == 443 else f":{port}"
    admin = f"https://{given['TENANT_NAME']}-admin.{facts['sandbox_superdomain']}{suffix}"
    https = session(facts["sandbox_ca"], given["ADMIN_ACCESS_TOKEN"])

    def get(path: str) -> dict[str, Any]:
        answer = https.get(admin + path, timeout=TIMEOUT)
        if answer.status_code != 200:
            raise ServiceError(f"GET {admin}{path} answered {answer.status_code}: {answer.text[:200]}")
        body: dict[str, Any] = answer.json()
        return body

    products = [item["service"] for item in get("/admin/api/services.json")["services"]]
    proxies = {p["system_name"]: get(f"/admin/api/services/{p['id']}/proxy.json")["proxy"] for p in products}
    gateways = {name: proxy["endpoint"].removesuffix(":443") for name, proxy in proxies.items()}
    portal = get("/admin/api/provider.json")["account"]["base_url"]
    return Service(portal, admin, given["ADMIN_ACCESS_TOKEN"], gateways, facts["sandbox_ca"])
