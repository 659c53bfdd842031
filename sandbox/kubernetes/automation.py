# SPDX-License-Identifier: GPL-3.0-or-later
"""The automation's own user: a ServiceAccount that may do what the roles need and nothing else."""

from __future__ import annotations

import asyncio
from pathlib import Path

import yaml

from sandbox.kubernetes.rest import ApiError, Client, Object

MANIFEST = Path(__file__).resolve().parent / "automation-rbac.yml"
RULES = Path(__file__).resolve().parents[2] / "roles" / "automation_rights" / "files"
NAMESPACE, ACCOUNT = "rhai-maas", "automation"
TOKEN_SECONDS = 365 * 24 * 3600
PLURALS = {
    "Namespace": "namespaces",
    "ServiceAccount": "serviceaccounts",
    "ClusterRole": "clusterroles",
    "ClusterRoleBinding": "clusterrolebindings",
    "Role": "roles",
    "RoleBinding": "rolebindings",
}


def path_of(manifest: Object) -> str:
    """The API path of one object of the manifest file."""
    version, plural = manifest["apiVersion"], PLURALS[manifest["kind"]]
    prefix = f"/api/{version}" if "/" not in version else f"/apis/{version}"
    namespace = manifest["metadata"].get("namespace")
    scope = f"/namespaces/{namespace}" if namespace else ""
    return f"{prefix}{scope}/{plural}/{manifest['metadata']['name']}"


async def ensure_automation(client: Client) -> str:
    """Grants the shipped roles as a cluster administrator would; answers a token of the ServiceAccount."""
    for file in [*sorted(RULES.glob("*.yml")), MANIFEST]:
        for manifest in yaml.safe_load_all(file.read_text()):
            await _apply(client, manifest)
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest"}
    request["spec"] = {"expirationSeconds": TOKEN_SECONDS}  # type: ignore[assignment]
    path = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/{ACCOUNT}/token"
    answer = await client.request("POST", path, request)
    return str(answer["status"]["token"])


async def _apply(client: Client, manifest: Object, attempts: int = 30) -> None:
    """Right after /readyz the server still fills in its own roles and refuses with 403 or 404 for a moment."""
    for attempt in range(attempts):
        try:
            await client.apply(path_of(manifest), manifest)
            return
        except ApiError as error:
            if error.status not in (403, 404, 409) or attempt == attempts - 1:
                raise
            await asyncio.sleep(0.2)
