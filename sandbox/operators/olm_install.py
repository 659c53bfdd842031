# SPDX-License-Identifier: GPL-3.0-or-later
"""OLM: what an approved InstallPlan installs (definitions, CSV), and a CSV's way to Succeeded."""

from __future__ import annotations

import hashlib

from sandbox.crds.load import Definitions
from sandbox.operators.catalogue import Catalogue, Package, refused_mode
from sandbox.operators.conditions import condition, merged, now
from sandbox.operators.config import Config
from sandbox.operators.faults import Faults
from sandbox.operators.kube import (
    CRD,
    CSV,
    DEPLOYMENT,
    INSTALL_PLAN,
    OPERATOR_GROUP,
    Key,
    Kube,
    Object,
    key_of,
)
from sandbox.operators.olm_bundle import component, csv
from sandbox.operators.olm_bundle import deployment as install_deployment
from sandbox.operators.pods import available
from sandbox.operators.runtime import Controller, Watch, namespace_key, owner_key

NOT_AVAILABLE = "Deployment does not have minimum availability."
UNKNOWN_IMAGE = "registry.redhat.io/none/there-is-no-such-image:latest"


async def load_definitions(kube: Kube, definitions: list[Object]) -> bool:
    """Make definitions that are missing; True when all are established.

    Created, not applied: the annotation or the managed fields of an apply would only make the large ones larger.
    """
    ready = True
    for definition in definitions:
        found = await kube.get(CRD, "", definition["metadata"]["name"])
        if found is None:
            await kube.create(CRD, {"metadata": definition["metadata"], "spec": definition["spec"]})
            ready = False
            continue
        conditions = (found.get("status") or {}).get("conditions") or []
        ready &= any(c["type"] == "Established" and c["status"] == "True" for c in conditions)
    return ready


async def discoverable(kube: Kube, definitions: list[Object]) -> bool:
    """Does the server's discovery show all of them? That comes a moment after they are established."""
    groups = {group["name"] for group in (await kube.client.get("/apis"))["groups"]}
    for definition in definitions:
        spec = definition["spec"]
        if spec["group"] not in groups:
            return False
        for version in spec["versions"]:
            found = await kube.client.find(f"/apis/{spec['group']}/{version['name']}")
            names = {resource["name"] for resource in (found or {}).get("resources") or []}
            if version["served"] and spec["names"]["plural"] not in names:
                return False
    return True


class InstallPlans(Controller):
    """RequiresApproval → Installing → Complete."""

    name = "olm install plan"
    watches = (Watch(INSTALL_PLAN), Watch(OPERATOR_GROUP, namespace_key))

    def __init__(self, kube: Kube, config: Config, catalogue: Catalogue, definitions: Definitions) -> None:
        super().__init__(kube, config)
        self.catalogue, self.definitions = catalogue, definitions

    async def reconcile(self, key: Key) -> float | None:
        """Do the next phase."""
        if not key.namespace:
            for plan in await self.kube.list(INSTALL_PLAN, key.name):
                await self._one(key_of(plan))
            return None
        return await self._one(key)

    async def _one(self, key: Key) -> float | None:
        body = await self.kube.get(INSTALL_PLAN, key.namespace, key.name)
        if body is None:
            return None
        phase = (body.get("status") or {}).get("phase") or ""
        if phase in ("Complete", "Failed"):
            return None
        if not phase:
            await self._write(body, "Installing" if body["spec"]["approved"] else "RequiresApproval", [])
            return self.config.pace
        groups = await self.kube.list(OPERATOR_GROUP, key.namespace)
        if len(groups) != 1:
            text = "no operator group found that is managing this namespace"
            if groups:
                text = f"more than one operator group(s) are managing this namespace count={len(groups)}"
            await self._write(body, phase, [condition("Installed", False, "InstallCheckFailed", text)])
            return 5.0
        if not body["spec"]["approved"]:
            await self._write(body, phase, [])
            return None
        if phase == "RequiresApproval":
            await self._write(body, "Installing", [])
            return self.config.pace
        return await self._execute(body)

    async def _execute(self, body: Object) -> float | None:
        """Definitions, then CSVs. A version that the catalogue has lost meanwhile can't be installed."""
        key = key_of(body)
        for name in body["spec"]["clusterServiceVersionNames"]:
            package = self.catalogue.package_of(name)
            if package is None:
                text = f"catalog has no bundle {name}"
                await self._write(body, "Failed", [condition("Installed", False, "InstallComponentFailed", text)])
                return None
            definitions = self.definitions.of(package.name)
            if not await load_definitions(self.kube, definitions) or not await discoverable(self.kube, definitions):
                return 0.3
            await self._mark(definitions, key.namespace, name)
            await self.kube.create(CSV, self._csv(package, name, key.namespace))
        await self._write(body, "Complete", [condition("Installed", True)])
        return None

    async def _mark(self, definitions: list[Object], namespace: str, name: str) -> None:
        """OLM's annotation on each definition. It also makes kopf look at the discovery once more."""
        digest = hashlib.sha256(f"{namespace}/{name}".encode()).hexdigest()[:16]
        annotations = {f"operatorframework.io/installed-alongside-{digest}": f"{namespace}/{name}"}
        for definition in definitions:
            where = Key("", definition["metadata"]["name"])
            await self.kube.patch(CRD, where, {"metadata": {"annotations": annotations}})

    async def _write(self, body: Object, phase: str, conditions: list[Object]) -> None:
        before = body.get("status") or {}
        status: Object = {"phase": phase, "catalogSources": [self.catalogue.source]}
        if conditions or before.get("conditions"):
            status["conditions"] = merged(before.get("conditions"), conditions)
        if phase in ("Installing", "Complete"):
            status["startTime"] = before.get("startTime") or now()
        await self.kube.status(INSTALL_PLAN, body, status)

    def _csv(self, package: Package, name: str, namespace: str) -> Object:
        made = csv(package, name, self.definitions.of(package.name))
        meta = {**made["metadata"], "namespace": namespace, "labels": {component(package.name, namespace): ""}}
        return {**made, "metadata": meta}


class ClusterServiceVersions(Controller):
    """Pending → InstallReady → Installing → Succeeded, or Failed with OLM's reason."""

    name = "olm csv"
    watches = (
        Watch(CSV),
        Watch(DEPLOYMENT, owner_key("ClusterServiceVersion")),
        Watch(OPERATOR_GROUP, namespace_key),
    )

    def __init__(self, kube: Kube, config: Config, catalogue: Catalogue, faults: Faults) -> None:
        super().__init__(kube, config)
        self.catalogue, self.faults = catalogue, faults

    async def reconcile(self, key: Key) -> float | None:
        """Do the next phase."""
        if not key.namespace:
            for csv in await self.kube.list(CSV, key.name):
                await self._one(key_of(csv))
            return None
        return await self._one(key)

    async def _one(self, key: Key) -> float | None:
        body = await self.kube.get(CSV, key.namespace, key.name)
        package = self.catalogue.package_of(key.name)
        if body is None or package is None or body["metadata"].get("deletionTimestamp"):
            return None
        groups = await self.kube.list(OPERATOR_GROUP, key.namespace)
        if len(groups) == 1:
            targets = (groups[0].get("spec") or {}).get("targetNamespaces") or []
            await self._annotate(body, groups[0]["metadata"]["name"], targets)
        problem = self._refused(package, key.namespace, groups)
        if problem:
            await self._write(body, "Failed", *problem)
            return None
        phase = (body.get("status") or {}).get("phase") or ""
        if phase == "Failed":
            text = "InstallModes now support target namespaces"
            await self._write(body, "Pending", "RequirementsUnknown", text)
            return self.config.pace
        if not phase:
            await self._write(body, "Pending", "RequirementsUnknown", "requirements not yet checked")
            return self.config.pace
        if phase == "Pending":
            await self._write(body, "InstallReady", "AllRequirementsMet", "all requirements found, attempting install")
            return self.config.pace
        return await self._install(body, package, phase)

    async def _install(self, body: Object, package: Package, phase: str) -> float | None:
        """The operator's Deployment: the CSV is as healthy as it is."""
        group = {name: text for name, text in body["metadata"]["annotations"].items() if name.startswith("olm.")}
        wanted = install_deployment(body, package, group)
        if await self.faults.get(f"olm.{package.name}") == "never":
            wanted["spec"]["template"]["spec"]["containers"][0]["image"] = UNKNOWN_IMAGE
        made = await self.kube.apply(DEPLOYMENT, wanted)
        if phase == "InstallReady":
            text = "waiting for install components to report healthy"
            await self._write(body, "Installing", "InstallSucceeded", text)
            return self.config.pace
        if available(made):
            text = "install strategy completed with no errors"
            await self._write(body, "Succeeded", "InstallSucceeded", text)
            return None
        name = package.deployment
        waits = f'{name} to become ready: deployment "{name}" not available: {NOT_AVAILABLE}'
        await self._write(body, "Installing", "InstallWaiting", f"installing: waiting for deployment {waits}")
        return 2.0

    @staticmethod
    def _refused(package: Package, namespace: str, groups: list[Object]) -> tuple[str, str] | None:
        if not groups:
            return "NoOperatorGroup", "csv in namespace with no operatorgroups"
        if len(groups) > 1:
            text = "csv created in namespace with multiple operatorgroups, can't pick one automatically"
            return "TooManyOperatorGroups", text
        targets = (groups[0].get("spec") or {}).get("targetNamespaces") or []
        problem = refused_mode(package, namespace, targets)
        return ("UnsupportedOperatorGroup", problem) if problem else None

    async def _annotate(self, body: Object, group: str, targets: list[str]) -> None:
        wanted = {
            "olm.operatorGroup": group,
            "olm.operatorNamespace": body["metadata"]["namespace"],
            "olm.targetNamespaces": ",".join(targets),
        }
        have = body["metadata"].get("annotations") or {}
        if any(have.get(name) != value for name, value in wanted.items()):
            await self.kube.patch(CSV, key_of(body), {"metadata": {"annotations": wanted}})

    async def _write(self, body: Object, phase: str, reason: str, message: str) -> None:
        before = body.get("status") or {}
        if (before.get("phase"), before.get("reason"), before.get("message")) == (phase, reason, message):
            return
        stamp = {"lastTransitionTime": now(), "lastUpdateTime": now()}
        entry = {"phase": phase, "reason": reason, "message": message, **stamp}
        history = [*(before.get("conditions") or []), entry][-20:]
        await self.kube.status(CSV, body, {**entry, "conditions": history})
