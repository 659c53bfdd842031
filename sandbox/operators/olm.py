# SPDX-License-Identifier: GPL-3.0-or-later
"""OLM: Subscription → InstallPlan. What the plan installs is in olm_install.py."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sandbox.operators import catalogue as catalogues
from sandbox.operators.catalogue import Catalogue, Unsatisfiable
from sandbox.operators.conditions import condition, merged, now
from sandbox.operators.config import Config
from sandbox.operators.kube import (
    CSV,
    INSTALL_PLAN,
    OPERATOR_GROUP,
    SUBSCRIPTION,
    Key,
    Kube,
    Object,
    key_of,
)
from sandbox.operators.runtime import Controller, Watch, namespace_key


async def owns(kube: Kube, catalogue: Catalogue, package: str, namespace: str) -> str:
    """The installed CSV of a package that watches a namespace, "" when no such operator runs."""
    for csv in await kube.list(CSV):
        name = csv["metadata"]["name"]
        found = catalogue.package_of(name)
        if found is None or found.name != package or (csv.get("status") or {}).get("phase") != "Succeeded":
            continue
        targets = (csv["metadata"].get("annotations") or {}).get("olm.targetNamespaces", "")
        if not targets or namespace in targets.split(","):
            return str(name)
    return ""


class Subscriptions(Controller):
    """Resolves Subscriptions, makes InstallPlans, shows how far they are."""

    name = "olm subscription"
    watches = (
        Watch(SUBSCRIPTION),
        Watch(INSTALL_PLAN, namespace_key),
        Watch(CSV, namespace_key),
        Watch(OPERATOR_GROUP, namespace_key),
    )

    def __init__(self, kube: Kube, config: Config, catalogue: Catalogue) -> None:
        super().__init__(kube, config)
        self.catalogue = catalogue

    async def reconcile(self, key: Key) -> float | None:
        """All Subscriptions of a namespace resolve together, so a change of anything wakes each of them."""
        if not key.namespace:
            for body in await self.kube.list(SUBSCRIPTION, key.name):
                await self._one(key_of(body))
            return None
        return await self._one(key)

    async def _one(self, key: Key) -> float | None:
        body = await self.kube.get(SUBSCRIPTION, key.namespace, key.name)
        if body is None or body["metadata"].get("deletionTimestamp"):
            return None
        groups = await self.kube.list(OPERATOR_GROUP, key.namespace)
        if len(groups) > 1:
            text = f"found {len(groups)} operatorgroups in namespace {key.namespace}: expected 0 or 1"
            await self.kube.event(SUBSCRIPTION, body, "Warning", "ResolutionFailed", text)
            return 5.0
        status = body.get("status") or {}
        if not status.get("catalogHealth"):
            await self._write(body, {"catalogHealth": self._health()}, [])
            return self.config.pace
        csvs = {csv["metadata"]["name"]: csv for csv in await self.kube.list(CSV, key.namespace)}
        installed = status.get("installedCSV") or ""
        if installed and installed not in csvs:
            installed = ""  # somebody deleted the CSV: OLM installs it again
        try:
            wanted = catalogues.resolve(self.catalogue, body, installed, set(csvs), await self._taken(key.namespace))
        except Unsatisfiable as error:
            message = f"constraints not satisfiable: {error}"
            failed = condition("ResolutionFailed", True, "ConstraintsNotSatisfiable", message)
            await self._write(body, {}, [failed])
            return 5.0
        return await self._plan(body, wanted, installed, csvs)

    def _health(self) -> list[Object]:
        reference = {"apiVersion": "operators.coreos.com/v1alpha1", "kind": "CatalogSource"}
        reference |= {"name": self.catalogue.source, "namespace": self.catalogue.namespace}
        return [{"catalogSourceRef": reference, "healthy": True, "lastUpdated": now()}]

    async def _taken(self, namespace: str) -> set[str]:
        states = [body.get("status") or {} for body in await self.kube.list(SUBSCRIPTION, namespace)]
        found = {str(state.get(field)) for state in states for field in ("currentCSV", "installedCSV")}
        return found - {"None"}

    async def _write(self, body: Object, fields: Object, conditions: Iterable[Object]) -> None:
        status = body.get("status") or {}
        healthy = condition("CatalogSourcesUnhealthy", False, "AllCatalogSourcesHealthy")
        healthy["message"] = "all available catalogsources are healthy"
        wanted = merged(status.get("conditions"), [healthy, *conditions])
        new = {**fields, "conditions": wanted}
        if any(status.get(name) != value for name, value in new.items()):
            new["lastUpdated"] = now()
        await self.kube.status(SUBSCRIPTION, body, new)

    async def _plan(self, body: Object, wanted: str, installed: str, csvs: dict[str, Object]) -> float | None:
        """The InstallPlan for the wanted CSV, and what it means for the Subscription."""
        there = wanted if wanted in csvs else installed
        phase = ((csvs.get(there) or {}).get("status") or {}).get("phase")
        if wanted in csvs or (installed and phase != "Succeeded"):
            await self._write(body, {"state": "AtLatestKnown", "currentCSV": there, "installedCSV": there}, [])
            if phase == "Succeeded":
                await self._drop_replaced(key_of(body).namespace, csvs, there)
            return None
        plan = await self._install_plan(body, wanted)
        state = (plan.get("status") or {}).get("phase") or "Planning"
        reference = {"apiVersion": INSTALL_PLAN.api_version, "kind": "InstallPlan", "name": plan["metadata"]["name"]}
        reference |= {"namespace": plan["metadata"]["namespace"], "uid": plan["metadata"]["uid"]}
        short = {key: reference[key] for key in ("apiVersion", "kind", "name")} | {"uuid": reference["uid"]}
        fields: Object = {"state": "UpgradePending", "currentCSV": wanted}
        fields |= {"installPlanRef": reference, "installplan": short, "installPlanGeneration": 1}
        conditions = []
        if state == "Failed":
            message = (plan.get("status") or {}).get("message") or ""
            conditions.append(condition("InstallPlanFailed", True, "InstallComponentFailed", message))
        elif state != "Complete":
            conditions.append(condition("InstallPlanPending", True, state))
        else:
            fields["installedCSV"] = wanted
        await self._write(body, fields, conditions)
        return None

    async def _install_plan(self, body: Object, wanted: str) -> Object:
        meta, spec = body["metadata"], body["spec"]
        digest = hashlib.sha256(f"{meta['uid']}/{wanted}".encode()).hexdigest()
        name = f"install-{digest[:5]}"
        found = await self.kube.get(INSTALL_PLAN, meta["namespace"], name)
        if found is not None:
            return found
        # One Manual Subscription makes all of the namespace's plans manual.
        others = await self.kube.list(SUBSCRIPTION, meta["namespace"])
        manual = any(other["spec"].get("installPlanApproval") == "Manual" for other in others)
        plan = {
            "metadata": {"name": name, "namespace": meta["namespace"]},
            "spec": {
                "approval": "Manual" if manual else "Automatic",
                "approved": not manual,
                "clusterServiceVersionNames": [wanted],
                "generation": 1,
                "source": spec["source"],
                "sourceNamespace": spec["sourceNamespace"],
            },
        }
        made = await self.kube.create(INSTALL_PLAN, plan)
        return made or plan | {"metadata": {**plan["metadata"], "uid": ""}}

    async def _drop_replaced(self, namespace: str, csvs: dict[str, Object], wanted: str) -> None:
        package = self.catalogue.package_of(wanted)
        for name in csvs:
            if name != wanted and self.catalogue.package_of(name) is package:
                await self.kube.delete(CSV, namespace, name)


class OperatorGroups(Controller):
    """Shows which namespaces a group selects; two in one namespace is a mistake that both show."""

    name = "olm operator group"
    watches = (Watch(OPERATOR_GROUP, namespace_key),)

    async def reconcile(self, key: Key) -> float | None:
        """``key.name`` is the namespace."""
        groups = await self.kube.list(OPERATOR_GROUP, key.name)
        for body in groups:
            targets = (body.get("spec") or {}).get("targetNamespaces") or [""]
            status: Object = {"namespaces": targets}
            conditions = []
            if len(groups) > 1:
                text = "Multiple OperatorGroup found in the same namespace"
                conditions.append(condition("MultipleOperatorGroup", True, "MultipleOperatorGroupsFound", text))
            before = (body.get("status") or {}).get("conditions")
            if conditions or before:
                status["conditions"] = merged(before, conditions)
            if any((body.get("status") or {}).get(name) != value for name, value in status.items()):
                await self.kube.status(OPERATOR_GROUP, body, {**status, "lastUpdated": now()})
        return None
