# SPDX-License-Identifier: GPL-3.0-or-later
"""CustomPolicyDefinition → an entry in the tenant's policy registry. Deleting the resource leaves the entry."""

from __future__ import annotations

from typing import Any

from sandbox.operators.catalogue import Catalogue
from sandbox.operators.conditions import condition, merged
from sandbox.operators.config import Config
from sandbox.operators.kube import API_MANAGER, POLICY_DEFINITION, SECRET, Key, Kube, Object, decoded
from sandbox.operators.olm import owns
from sandbox.operators.runtime import Controller, Wait, Watch
from sandbox.operators.threescale_server import ThreeScale
from sandbox.operators.zync import host_of

UNVERIFIED = "insecure_skip_verify"
DEFAULT_ACCOUNT = "threescale-provider-account"


class LookupFailed(Exception):  # noqa: N818 - the operator's own word for it
    """No provider account."""


class PolicyDefinitions(Controller):
    """Creates and updates; fails with the operator's words and tries again more and more rarely."""

    name = "custom policy definition"
    watches = (Watch(POLICY_DEFINITION),)

    def __init__(self, kube: Kube, config: Config, catalogue: Catalogue) -> None:
        super().__init__(kube, config)
        self.catalogue = catalogue
        self.server = ThreeScale(config)
        self._failures: dict[Key, int] = {}

    async def reconcile(self, key: Key) -> float | None:
        """One try."""
        body = await self.kube.get(POLICY_DEFINITION, key.namespace, key.name)
        if body is None or body["metadata"].get("deletionTimestamp"):
            self._failures.pop(key, None)
            return None
        if not await owns(self.kube, self.catalogue, "3scale-operator", key.namespace):
            return 2.0
        status: Object = {}
        try:
            host, token = await self._account(key, body["spec"])
            status["providerAccountHost"] = f"https://{host}{self.config.port_suffix}"
            self._verify(host, body)
            status["policyID"] = await self._ensure(host, token, body)
        except (LookupFailed, OSError, Wait) as error:
            count = self._failures[key] = self._failures.get(key, 0) + 1
            await self._write(body, "Failed", str(error), **status)
            return float(min(60.0, 0.5 * 2**count))  # the real one goes up to a quarter of an hour
        self._failures.pop(key, None)
        await self._write(body, "Ready", "", **status)
        return None

    async def _account(self, key: Key, spec: Object) -> tuple[str, str]:
        """(admin host, token): the Secret named, then ``threescale-provider-account``, then the APIManager."""
        name = (spec.get("providerAccountRef") or {}).get("name")
        secret = await self.kube.get(SECRET, key.namespace, name or DEFAULT_ACCOUNT)
        if secret is not None:
            return self._of_secret(decoded(secret), "" if name else "providerAccountFromDefaultSecretSource: ", name)
        if name:
            raise LookupFailed(f'Secret "{name}" not found')
        managers = await self.kube.list(API_MANAGER, key.namespace)
        seed = decoded(await self.kube.get(SECRET, key.namespace, "system-seed"))
        if not managers or not seed.get("ADMIN_ACCESS_TOKEN"):
            raise LookupFailed("LookupProviderAccount: no provider account found")
        manager = managers[0]["spec"]
        host = f"{manager.get('tenantName') or '3scale'}-admin.{manager['wildcardDomain']}"
        return host, seed["ADMIN_ACCESS_TOKEN"]

    @staticmethod
    def _of_secret(values: dict[str, str], source: str, name: str | None) -> tuple[str, str]:
        for field in ("adminURL", "token"):
            if field not in values:
                raise LookupFailed(f"{source}Secret field '{field}' is required in secret '{name or DEFAULT_ACCOUNT}'")
        return host_of(values["adminURL"]), values["token"]

    def _verify(self, host: str, body: Object) -> None:
        """The operator comes by the Route and checks its certificate against what its Pod trusts, and that holds the
        signer of a cluster's own certificate only where somebody put it there."""
        skipped = (body["metadata"].get("annotations") or {}).get(UNVERIFIED) == "true"
        if not self.config.trusts_router and not skipped:
            url = f"https://{host}:{self.config.public_port}/admin/api/registry/policies.json"
            reason = "tls: failed to verify certificate: x509: certificate signed by unknown authority"
            raise OSError(f'Get "{url}": {reason}')

    async def _ensure(self, host: str, token: str, body: Object) -> int:
        """Match by the stored id, else by name and version; create or update."""
        spec = body["spec"]
        wanted: dict[str, Any] = {"name": spec["name"], "version": spec["version"], "schema": spec["schema"]}
        known = (body.get("status") or {}).get("policyID")
        listed = await self.server.registry("GET", host, token)
        entries = [entry["policy"] for entry in listed["policies"]]
        found = next((e for e in entries if e["id"] == known), None) or next(
            (e for e in entries if (e["name"], e["version"]) == (spec["name"], spec["version"])), None
        )
        if found is None:
            made = await self.server.registry("POST", host, token, body=wanted)
            return int(made["policy"]["id"])
        if any(found.get(field) != value for field, value in wanted.items()):
            await self.server.registry("PUT", host, token, found["id"], wanted)
        return int(found["id"])

    async def _write(self, body: Object, state: str, message: str, **more: Any) -> None:
        conditions = [condition(kind, kind == state) for kind in ("Failed", "Invalid", "Ready")]
        for entry in conditions:
            if entry["type"] == state and message:
                entry["message"] = message
        before = (body.get("status") or {}).get("conditions")
        status = {"conditions": merged(before, conditions), "observedGeneration": body["metadata"]["generation"]}
        await self.kube.status(POLICY_DEFINITION, body, {**status, **more})
