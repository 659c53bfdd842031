# SPDX-License-Identifier: GPL-3.0-or-later
"""Every object of the cluster as JSON, in a stable order, for comparing two states."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Any

from sandbox.kubernetes.rest import ApiError, Client, Object

# Written all the time, or computed from other objects: no state of anybody's wish.
LEFT_OUT = {"events", "leases", "componentstatuses", "controllerrevisions", "endpoints", "endpointslices"}
AT_ONCE = 8


def shown(item: Object) -> Object:
    """An object without bookkeeping; a Secret's values as digests, which is enough to compare them."""
    meta = {key: value for key, value in item["metadata"].items() if key != "managedFields"}
    result = {**item, "metadata": meta}
    if item["kind"] == "Secret":
        data = item.get("data") or {}
        result["data"] = {key: f"sha256:{hashlib.sha256(value.encode()).hexdigest()}" for key, value in data.items()}
    return result


def order(item: Object) -> tuple[str, str, str, str]:
    """Sorts by API version, kind, namespace, name."""
    meta = item["metadata"]
    return item["apiVersion"], item["kind"], meta.get("namespace", ""), meta["name"]


async def _kinds(client: Client) -> list[tuple[str, str, str]]:
    """(path of the list, API version, kind) of everything that can be listed, in each group's preferred version."""
    groups = (await client.get("/apis"))["groups"]
    prefixes = ["/api/v1", *(f"/apis/{group['preferredVersion']['groupVersion']}" for group in groups)]
    found = []
    for prefix in prefixes:
        listing = await client.get(prefix)
        for resource in listing["resources"]:
            if "list" in resource["verbs"] and "/" not in resource["name"] and resource["name"] not in LEFT_OUT:
                found.append((f"{prefix}/{resource['name']}", listing["groupVersion"], resource["kind"]))
    return found


async def _dump(kubeconfig: Path) -> list[Object]:
    client = Client(kubeconfig)
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(path: str, version: str, kind: str) -> list[Object]:
        async with slots:
            try:
                items = (await client.get(path))["items"]
            except ApiError as error:
                if error.status == 404:  # a definition that went between the two questions
                    return []
                raise
        return [shown({"apiVersion": version, "kind": kind, **item}) for item in items]

    try:
        lists = await asyncio.gather(*(one(*kind) for kind in await _kinds(client)))
    finally:
        await client.close()
    return sorted((item for items in lists for item in items), key=order)


def dump(kubeconfig: Path) -> list[dict[str, Any]]:
    """All objects; see the module. Raises ApiError, httpx.HTTPError."""
    return asyncio.run(_dump(kubeconfig))
