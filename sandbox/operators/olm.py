# SPDX-License-Identifier: GPL-3.0-or-later
"""OLM: Subscription → InstallPlan. What the plan installs is in olm_install.py."""

from __future__ import annotations

from sandbox.operators import catalogue as catalogues
from sandbox.operators import olm_status as show
from sandbox.operators.catalogue import Catalogue, Unsatisfiable
from sandbox.operators.conditions import condition, merged, now
from sandbox.operators.config import Config
from sandbox.operators.kube import (
    CATALOG_SOURCE,
    CSV,
    INSTALL_PLAN,
    OPERATOR_GROUP,
    SUBSCRIPTION,
    Key,
    Kube,
    Object,
    owned,
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
    """Resolves the Subscriptions of a namespace together, makes InstallPlans, shows how far they are."""

    name = "olm subscription"
    watches = (
        Watch(SUBSCRIPTION, namespace_key),
        Watch(INSTALL_PLAN, namespace_key),
        Watch(CSV, namespace_key),
        Watch(OPERATOR_GROUP, namespace_key),
    )

    def __init__(self, kube: Kube, config: Config, catalogue: Catalogue) -> None:
        super().__init__(kube, config)
        self.catalogue = catalogue

    async def reconcile(self, key: Key) -> float | None:
        """One step of a namespace: ``key.name``. What is written wakes it for the next one."""
        namespace = key.name
        groups = await self.kube.list(OPERATOR_GROUP, namespace)  # first: whatever is older than the group then counts
        found = await self.kube.list(SUBSCRIPTION, namespace)
        subscriptions = [body for body in found if not body["metadata"].get("deletionTimestamp")]
        if not subscriptions:
            return None
        sources = await self._sources(namespace)
        plans = {plan["metadata"]["name"]: plan for plan in await self.kube.list(INSTALL_PLAN, namespace)}
        for body in subscriptions:
            await self._write(body, show.followed(body, sources, plans))
        if len(groups) != 1:
            return None  # which OLM's log alone tells
        csvs = {csv["metadata"]["name"] for csv in await self.kube.list(CSV, namespace)}
        moved = [await self._write(body, show.state(body, csvs)) for body in subscriptions]
        if any(moved):
            return self.config.pace
        if all(show.waits(body) for body in subscriptions):
            return None
        return await self._resolve(namespace, subscriptions, csvs, sources, list(plans.values()))

    async def _sources(self, namespace: str) -> list[Object]:
        """The catalogue sources that a namespace sees: its own and those of the global namespace."""
        found = await self.kube.list(CATALOG_SOURCE, self.catalogue.namespace)
        if namespace != self.catalogue.namespace:
            found += await self.kube.list(CATALOG_SOURCE, namespace)
        return sorted(found, key=lambda body: (body["metadata"]["namespace"], body["metadata"]["name"]))

    async def _write(self, body: Object, fields: Object) -> bool:
        """Write what differs of the status. The time of the last change comes with it."""
        status = body.get("status") or {}
        if all(status.get(name) == value for name, value in fields.items()):
            return False
        return await self.kube.status(SUBSCRIPTION, body, {**fields, "lastUpdated": now()})

    async def _resolve(
        self, namespace: str, subscriptions: list[Object], csvs: set[str], sources: list[Object], plans: list[Object]
    ) -> float | None:
        """One plan for all that is new; what can't be resolved fails all Subscriptions of the namespace."""
        try:
            show.reachable(sources)
            known = {(body["metadata"]["name"], body["metadata"]["namespace"]) for body in sources}
            wanted = catalogues.resolve_all(self.catalogue, subscriptions, csvs, known)
        except Unsatisfiable as error:
            failed = condition("ResolutionFailed", True, error.reason, str(error))
            for body in subscriptions:
                before = (body.get("status") or {}).get("conditions") or []
                kept = [entry for entry in before if entry["type"] != "ResolutionFailed"]
                await self._write(body, {"conditions": [*kept, failed]})
            return 5.0
        new = {name: csv for name, csv in wanted.items() if csv not in csvs}
        plan = await self._plan(namespace, subscriptions, sorted(set(new.values())), plans) if new else None
        for body in subscriptions:
            before = (body.get("status") or {}).get("conditions") or []
            kept = [entry for entry in before if entry["type"] != "ResolutionFailed"]
            fields: Object = {"conditions": kept}
            if plan and body["metadata"]["name"] in new:
                fields |= {"currentCSV": new[body["metadata"]["name"]], **show.planned(plan)}
            await self._write(body, fields)
        return None

    async def _plan(self, namespace: str, subscriptions: list[Object], names: list[str], plans: list[Object]) -> Object:
        """The InstallPlan of the next generation; one that a run that was cut off has made is taken."""
        states = [body.get("status") or {} for body in subscriptions]
        referred = max(state.get("installPlanGeneration") or 0 for state in states)
        for plan in plans:
            if plan["spec"]["generation"] > referred and plan["spec"]["clusterServiceVersionNames"] == names:
                return plan
        generation = max([referred, *(plan["spec"]["generation"] for plan in plans)]) + 1
        # One Manual Subscription makes all of the namespace's plans manual.
        manual = any(body["spec"].get("installPlanApproval") == "Manual" for body in subscriptions)
        owners = [one for body in subscriptions for one in owned(SUBSCRIPTION, body, controller=False)]
        spec = {"approval": "Manual" if manual else "Automatic", "approved": not manual, "generation": generation}
        spec["clusterServiceVersionNames"] = names
        meta = {"generateName": "install-", "namespace": namespace, "ownerReferences": owners}
        made = await self.kube.create(INSTALL_PLAN, {"metadata": meta, "spec": spec})
        assert made is not None  # a generated name is a new one
        return made


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
