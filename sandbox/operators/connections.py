# SPDX-License-Identifier: GPL-3.0-or-later
"""odh-model-controller's Secret ``storage-config``: one key for each labelled connection Secret of the namespace."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sandbox.operators.bundles import KSERVE
from sandbox.operators.kube import CONFIG_MAP, SECRET, Key, Object, decoded, encoded
from sandbox.operators.runtime import Controller, Watch, namespace_key

NAME = "storage-config"
MANAGED = "opendatahub.io/managed"
DASHBOARD = "opendatahub.io/dashboard"
TYPE = "opendatahub.io/connection-type"


def entry(secret: Object, bundle: bool) -> str:
    """What KServe reads for one connection. The type comes from this annotation alone, not from newer ones."""
    values = decoded(secret)
    endpoint = values.get("AWS_S3_ENDPOINT", "")
    data = {
        "type": (secret["metadata"].get("annotations") or {}).get(TYPE, ""),
        "access_key_id": values.get("AWS_ACCESS_KEY_ID", ""),
        "secret_access_key": values.get("AWS_SECRET_ACCESS_KEY", ""),
        "endpoint_url": endpoint,
        "bucket": values.get("AWS_S3_BUCKET", ""),
        "region": values.get("AWS_DEFAULT_REGION", ""),
    }
    if bundle and endpoint.startswith("https://"):
        data["cabundle_configmap"] = KSERVE
    return json.dumps(data)


def bundle_key(body: Object) -> Iterable[Key]:
    """The CA bundle decides whether the entries name it."""
    return namespace_key(body) if body["metadata"]["name"] == KSERVE else []


class Connections(Controller):
    """Keeps ``storage-config`` equal to the connections; foreign keys in it go."""

    name = "storage-config"
    watches = (Watch(SECRET, namespace_key), Watch(CONFIG_MAP, bundle_key))

    async def reconcile(self, key: Key) -> float | None:
        """``key.name`` is the namespace."""
        namespace = key.name
        found = await self.kube.list(SECRET, namespace, f"{MANAGED}=true,{DASHBOARD}=true")
        connections = [secret for secret in found if not secret["metadata"].get("deletionTimestamp")]
        current = await self.kube.get(SECRET, namespace, NAME)
        if not connections:
            if current is not None and (current["metadata"].get("labels") or {}).get(MANAGED) == "true":
                await self.kube.delete(SECRET, namespace, NAME)
            return None
        bundle = await self.kube.get(CONFIG_MAP, namespace, KSERVE) is not None
        wanted = {secret["metadata"]["name"]: entry(secret, bundle) for secret in connections}
        if current is not None and decoded(current) == wanted:
            return None
        if current is None:
            meta = {"name": NAME, "namespace": namespace, "labels": {MANAGED: "true"}}
            await self.kube.create(SECRET, {"metadata": meta, "type": "Opaque", "data": encoded(wanted)})
            return None
        data: dict[str, str | None] = dict.fromkeys(current.get("data") or {})
        await self.kube.patch(SECRET, Key(namespace, NAME), {"data": data | encoded(wanted)})
        return None
