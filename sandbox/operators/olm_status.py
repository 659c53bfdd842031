# SPDX-License-Identifier: GPL-3.0-or-later
"""OLM: what a Subscription's status says. Pure, but for the clock."""

from __future__ import annotations

from sandbox.operators.catalogue import Unsatisfiable
from sandbox.operators.conditions import condition, merged, now
from sandbox.operators.kube import CATALOG_SOURCE, INSTALL_PLAN, Object

PLANS = ("InstallPlanPending", "InstallPlanFailed", "InstallPlanMissing")


def connected(source: Object) -> bool:
    """Does the catalogue of a source answer?"""
    state = (source.get("status") or {}).get("connectionState") or {}
    return state.get("lastObservedState") == "READY"


def reachable(sources: list[Object]) -> None:
    """Raises Unsatisfiable for a catalogue that does not answer: nothing is resolved then, whoever asks for it."""
    for source in sources:
        if not connected(source):
            meta, address = source["metadata"], (source.get("spec") or {}).get("address") or ""
            dialled = f'"transport: Error while dialing: dial tcp {address}: connect: connection refused"'
            code = f"rpc error: code = Unavailable desc = connection error: desc = {dialled}"
            where = f"{meta['name']}/{meta['namespace']}"
            text = f"failed to populate resolver cache from source {where}: failed to list bundles: {code}"
            raise Unsatisfiable(text, "ErrorPreventedResolution")


def _healthy(source: Object) -> bool:
    """A source whose server runs elsewhere counts as healthy, whether it answers or not."""
    return bool((source.get("spec") or {}).get("address")) or connected(source)


def _health(source: Object, before: Object | None) -> Object:
    meta = source["metadata"]
    reference = {"apiVersion": CATALOG_SOURCE.api_version, "kind": CATALOG_SOURCE.kind}
    reference |= {name: meta[name] for name in ("name", "namespace", "uid")}
    healthy = _healthy(source)
    same = before is not None and before["healthy"] == healthy
    return {
        "catalogSourceRef": reference,
        "healthy": healthy,
        "lastUpdated": before["lastUpdated"] if before and same else now(),
    }


def followed(body: Object, sources: list[Object], plans: dict[str, Object]) -> Object:
    """Fields of the status that tell of the catalogues and of the plan referred to.

    :param plans: the namespace's, by name
    """
    status = body.get("status") or {}
    before = {entry["catalogSourceRef"].get("uid"): entry for entry in status.get("catalogHealth") or []}
    fields: Object = {"catalogHealth": [_health(one, before.get(one["metadata"]["uid"])) for one in sources]}
    wanted = [_catalogues(body, sources)]
    reference = status.get("installPlanRef")
    if reference:
        plan = plans.get(reference["name"])
        if plan is None and status.get("state") == "UpgradePending":
            fields |= {"installPlanRef": None, "installplan": None, "currentCSV": None, "state": None}
        elif plan is None:
            wanted.append(condition("InstallPlanMissing", True, "ReferencedInstallPlanNotFound"))
        else:
            wanted += _of_plan(plan)
    kinds = ("CatalogSourcesUnhealthy", *PLANS)
    kept = [entry for entry in status.get("conditions") or [] if entry["type"] not in kinds]
    return {**fields, "conditions": [*merged(status.get("conditions"), wanted), *kept]}


def _catalogues(body: Object, sources: list[Object]) -> Object:
    target = {"name": body["spec"]["source"], "namespace": body["spec"]["sourceNamespace"]}
    where = f"{target['namespace']}/{target['name']}"
    if not sources:
        text = "dependency resolution requires at least one catalogsource"
        return condition("CatalogSourcesUnhealthy", True, "NoCatalogSourcesFound", text)
    found = [one for one in sources if all(one["metadata"][key] == value for key, value in target.items())]
    if not found:
        text = f"targeted catalogsource {where} missing"
        return condition("CatalogSourcesUnhealthy", True, "UnhealthyCatalogSourceFound", text)
    if not all(_healthy(one) for one in sources):
        text = "" if _healthy(found[0]) else f"targeted catalogsource {where} unhealthy"
        return condition("CatalogSourcesUnhealthy", True, "UnhealthyCatalogSourceFound", text)
    text = "all available catalogsources are healthy"
    return condition("CatalogSourcesUnhealthy", False, "AllCatalogSourcesHealthy", text)


def _of_plan(plan: Object) -> list[Object]:
    """What the plan's phase means for the Subscription; a plan that is complete is not told of."""
    status = plan.get("status") or {}
    installed: Object = next((one for one in status.get("conditions") or [] if one["type"] == "Installed"), {})
    phase, message = status.get("phase") or "", installed.get("message") or ""
    if phase == "Failed":
        return [condition("InstallPlanFailed", True, installed.get("reason") or "InstallPlanFailed", message)]
    if phase == "Complete":
        return []
    return [condition("InstallPlanPending", True, phase or "InstallPlanNotYetReconciled", message)]


def state(body: Object, csvs: set[str]) -> Object:
    """Fields that tell whether the current CSV is there. One that somebody deleted stays away: its plan is done."""
    current = (body.get("status") or {}).get("currentCSV")
    if not current:
        return {}
    if current in csvs:
        return {"state": "AtLatestKnown", "installedCSV": current}
    return {"state": "UpgradePending"}


def waits(body: Object) -> bool:
    """Nothing is resolved for a Subscription whose plan is not carried out yet, not even after a change of it."""
    status = body.get("status") or {}
    return bool(status.get("installPlanRef")) and status.get("state") == "UpgradePending"


def planned(plan: Object) -> Object:
    """Fields that refer to a plan."""
    meta = plan["metadata"]
    reference = {"apiVersion": INSTALL_PLAN.api_version, "kind": INSTALL_PLAN.kind, "name": meta["name"]}
    short = {**reference, "uuid": meta["uid"]}
    reference |= {"namespace": meta["namespace"], "uid": meta["uid"]}
    generation = plan["spec"]["generation"]
    return {
        "state": "UpgradePending",
        "installPlanRef": reference,
        "installplan": short,
        "installPlanGeneration": generation,
    }
