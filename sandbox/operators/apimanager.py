# SPDX-License-Identifier: GPL-3.0-or-later
"""The 3scale operator: APIManager → preflights, Secrets, Deployments wave by wave, seed, status."""

from __future__ import annotations

from collections.abc import Iterable

from sandbox.operators import policies as gateway_policies
from sandbox.operators import threescale_checks as checks
from sandbox.operators import threescale_monitoring as monitoring
from sandbox.operators import threescale_parts as build
from sandbox.operators import threescale_secrets
from sandbox.operators.apimanager_status import Look, defaults, status
from sandbox.operators.catalogue import Catalogue, version_of
from sandbox.operators.conditions import condition, merged
from sandbox.operators.config import Config
from sandbox.operators.kube import (
    API_MANAGER,
    CLAIM,
    DEPLOYMENT,
    ROUTE,
    SECRET,
    SERVICE,
    Key,
    Kube,
    Object,
    decoded,
    owned,
)
from sandbox.operators.olm import owns
from sandbox.operators.pods import available
from sandbox.operators.runtime import Controller, Watch, namespace_key, owner_key
from sandbox.operators.threescale_server import ThreeScale
from sandbox.operators.threescale_table import Part

PACKAGE = "3scale-operator"
PREFLIGHT_RETRY = 30.0  # the real one looks again after ten minutes only


def watched_secret(body: Object) -> Iterable[Key]:
    """Secrets that carry the label wake the APIManagers of their namespace, no others."""
    labels = body["metadata"].get("labels") or {}
    return namespace_key(body) if labels.get(gateway_policies.WATCHED) == "apimanager" else []


class ApiManagers(Controller):
    """One look: as far as the installation can go now."""

    name = "3scale"
    watches = (
        Watch(API_MANAGER),
        Watch(DEPLOYMENT, owner_key("APIManager")),
        Watch(SECRET, watched_secret),
        Watch(CLAIM, owner_key("APIManager")),
        Watch(ROUTE, namespace_key),
    )

    def __init__(self, kube: Kube, config: Config, catalogue: Catalogue) -> None:
        super().__init__(kube, config)
        self.catalogue = catalogue
        self.server = ThreeScale(config)

    async def reconcile(self, key: Key) -> float | None:
        """A namespace's key stands for its APIManager."""
        if not key.namespace:
            for body in (await self.kube.list(API_MANAGER, key.name))[:1]:
                await self._one(Key(key.name, body["metadata"]["name"]))
            return None
        return await self._one(key)

    async def _one(self, key: Key) -> float | None:
        body = await self.kube.get(API_MANAGER, key.namespace, key.name)
        if body is None:
            await self._forget()
            return None
        if body["metadata"].get("deletionTimestamp"):
            return None
        csv = await owns(self.kube, self.catalogue, PACKAGE, key.namespace)
        if not csv:
            return 2.0
        if build.file_storage(body["spec"])[0] == "both":
            return None  # a specification with a fault in it: the operator tells it in its log alone
        version = checks.generation(csv)
        secrets = {secret["metadata"]["name"]: secret for secret in await self.kube.list(SECRET, key.namespace)}
        values = {name: decoded(secrets.get(name)) for name in checks.DATABASES}
        problem = checks.preflight(body, version, values)
        if problem:
            await self._refuse(body, problem)
            return PREFLIGHT_RETRY
        if await self._defaults(key, body, version, version_of(csv), secrets):
            return self.config.pace
        if checks.lacking(body["spec"], set(secrets)):
            return await self._without_databases(body, version)
        await threescale_secrets.fill(self.kube, body, self.config.threescale_master_token)
        look = await self._install(body, version, secrets)
        before = body.get("status") or {}
        await self.kube.status(API_MANAGER, body, status(before, look))
        return None if look.done else 2.0

    async def _forget(self) -> None:
        """The last APIManager went: with it databases of its own; those outside are taken as emptied by their owner."""
        if self.config.threescale_url and not await self.kube.list(API_MANAGER):
            await self.server.forget()

    async def _refuse(self, body: Object, problem: str) -> None:
        before = body.get("status") or {}
        conditions = [condition("Available", False), condition("Preflights", False, "PreflightsError", problem)]
        wanted = {"conditions": merged(before.get("conditions"), conditions)}
        await self.kube.status(API_MANAGER, body, {"deployments": before.get("deployments") or {}, **wanted})

    async def _without_databases(self, body: Object, version: str) -> float:
        look = Look(version, [part.name for part in build.parts(body["spec"])])
        await self.kube.status(API_MANAGER, body, status(body.get("status") or {}, look))
        return 2.0

    async def _defaults(self, key: Key, body: Object, version: str, operator: str, secrets: dict[str, Object]) -> bool:
        """Write what the operator writes into the resource; True when something was missing."""
        uids = [
            secrets[policy["secretRef"]["name"]]["metadata"]["uid"]
            for policy in checks.policies(body["spec"])
            if policy["secretRef"]["name"] in secrets
        ]
        patch = defaults(body, version, operator, uids)
        if not patch:
            return False
        await self.kube.patch(API_MANAGER, key, patch)
        return True

    async def _install(self, body: Object, version: str, secrets: dict[str, Object]) -> Look:
        """Apply the waves as far as the former one is up."""
        spec, namespace = body["spec"], body["metadata"]["namespace"]
        look = Look(version, [part.name for part in build.parts(spec)])
        custom = checks.policies(spec)
        look.missing_secrets = gateway_policies.missing(custom, secrets)
        kind, detail = build.file_storage(spec)
        if kind == "s3" and checks.missing_s3_keys(decoded(secrets.get(detail))):
            look.missing_secrets.append(str(detail))
            look.missing_storage = True
        for claim in build.claims(body):
            if await self.kube.get(CLAIM, namespace, claim["metadata"]["name"]) is None:
                await self.kube.create(CLAIM, claim)
        if self.config.policies:
            gateway_policies.write(self.config.policies, custom, secrets)
        rollout = gateway_policies.rollout_marks(custom, secrets)
        for wave in range(build.WAVES):
            for part in build.parts(spec):
                if part.wave == wave and not self._held(part, look):
                    await self._part(body, part, version, rollout, look)
            if wave == build.WAVES - 2 and not look.waiting(spec, wave):
                await self._seed(namespace, look)
            if look.waiting(spec, wave):
                break
        await self._route(body)
        await self._monitoring(body)
        look.routes = {route["spec"].get("host"): _admitted(route) for route in await self.kube.list(ROUTE, namespace)}
        look.expect_routes(spec)
        return look

    @staticmethod
    def _held(part: Part, look: Look) -> bool:
        """A gateway whose policies are missing is not made, without its file storage system is not either."""
        later = ("system-app", "system-sidekiq", "apicast") if look.missing_storage else ("apicast",)
        return bool(look.missing_secrets) and part.name.startswith(later)

    async def _part(self, body: Object, part: Part, version: str, rollout: dict[str, str], look: Look) -> None:
        extra = rollout if part.name.startswith("apicast") else {}
        wanted = build.deployment(body, part, version, extra)
        made = await self.kube.apply(DEPLOYMENT, wanted)
        for service in build.services(body, part):
            await self.kube.apply(SERVICE, service)
        if made["spec"].get("replicas") == 0:
            look.stopped.append(part.name)
        elif available(made):
            look.ready.append(part.name)
        else:
            look.starting.append(part.name)

    async def _seed(self, namespace: str, look: Look) -> None:
        """The seed job: makes the tenant when the server does not know it yet."""
        values = decoded(await self.kube.get(SECRET, namespace, "system-seed"))
        known = {tenant["name"] for tenant in (await self.server.endpoints())["tenants"]}
        if values.get("TENANT_NAME") not in known:
            await self.server.seed(values)
        look.seeded = True

    async def _monitoring(self, body: Object) -> None:
        for resource, wanted in monitoring.objects(body):
            if resource is monitoring.RULE:
                await self.kube.create(resource, wanted)
            else:
                await self.kube.apply(resource, wanted)

    async def _route(self, body: Object) -> None:
        """The one Route that the operator makes itself; the others are zync's."""
        spec = body["spec"]
        host = f"backend-{spec.get('tenantName') or '3scale'}.{spec['wildcardDomain']}"
        meta = {"name": "backend", "namespace": body["metadata"]["namespace"]}
        route = {
            "host": host,
            "to": {"kind": "Service", "name": "backend-listener", "weight": 100},
            "port": {"targetPort": "http"},
            "tls": {"termination": "edge", "insecureEdgeTerminationPolicy": "Allow"},
        }
        await self.kube.apply(ROUTE, {"metadata": {**meta, "ownerReferences": owned(API_MANAGER, body)}, "spec": route})


def _admitted(route: Object) -> bool:
    entries = (route.get("status") or {}).get("ingress") or []
    verdicts = [c["status"] for entry in entries for c in entry.get("conditions") or [] if c["type"] == "Admitted"]
    return bool(verdicts) and all(verdict == "True" for verdict in verdicts)
