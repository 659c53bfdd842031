# SPDX-License-Identifier: GPL-3.0-or-later
"""KServe in raw mode: InferenceService → Deployment, Services, status."""

from __future__ import annotations

import json

from sandbox.operators import kserve_version
from sandbox.operators import serving_objects as build
from sandbox.operators import serving_status as shown
from sandbox.operators.bundles import KSERVE
from sandbox.operators.connections import NAME as STORAGE_CONFIG
from sandbox.operators.kube import (
    AUTOSCALER,
    CONFIG_MAP,
    DEPLOYMENT,
    DSC,
    ISVC,
    POD,
    ROUTE,
    SECRET,
    SERVICE,
    SERVICE_MONITOR,
    SERVING_RUNTIME,
    Key,
    Object,
    decoded,
)
from sandbox.operators.runtime import Controller, Watch, owner_key
from sandbox.operators.serving_container import SpecError, choose, serving_container


class InferenceServices(Controller):
    """One look: everything that the service needs, then what its Pods say.

    As the real one it is woken by the service and by its Deployment alone: a runtime that changes, a Pod that fails, a
    connection that comes are seen at the next look, whenever that is.
    """

    name = "kserve"
    watches = (Watch(ISVC), Watch(DEPLOYMENT, owner_key("InferenceService")))

    async def reconcile(self, key: Key) -> float | None:
        """Make what is missing; look again by itself only where something was wrong."""
        body = await self.kube.get(ISVC, key.namespace, key.name)
        if body is None or body["metadata"].get("deletionTimestamp"):
            return None
        stopped = (body["metadata"].get("annotations") or {}).get(build.STOP) == "true"
        if stopped and kserve_version.stops(self.config.kserve):
            await self.kube.delete(DEPLOYMENT, key.namespace, f"{key.name}-predictor")
            await self.kube.delete(AUTOSCALER, key.namespace, f"{key.name}-predictor")
            await self.kube.status(ISVC, body, shown.stopped(body))
            return None
        try:
            runtime = choose(body, await self.kube.list(SERVING_RUNTIME, key.namespace))
            serving_container(body, runtime)
        except SpecError as problem:
            await self.kube.event(ISVC, body, "Warning", "InternalError", str(problem))
            await self.kube.status(ISVC, body, shown.invalid(body, problem))
            return 5.0
        return await self._serve(key, body, runtime)

    async def _serve(self, key: Key, body: Object, runtime: Object) -> float | None:
        init, refusal = None, ""
        try:
            init = await self._initializer(body)
        except SpecError as problem:
            refusal = str(problem)
        made = await self.kube.apply(DEPLOYMENT, build.deployment(body, runtime, init, self.config.kserve, refusal))
        services = build.services(body, runtime, await self._headless())
        for service in services:
            await self.kube.apply(SERVICE, service)
        if len(services) > 1:
            await self.kube.apply(SERVICE_MONITOR, build.service_monitor(body, runtime))
        await self._scale(key, body, runtime)
        exposed = (body["metadata"].get("labels") or {}).get(build.VISIBILITY) == "exposed"
        host = ""
        if exposed:
            route = await self.kube.apply(ROUTE, build.route(body))
            host = route["spec"].get("host") or ""
        else:
            await self.kube.delete(ROUTE, key.namespace, key.name)
        pods = await self.kube.list(POD, key.namespace, f"{build.LABEL}={key.name}")
        url = f"https://{host}{self.config.port_suffix}" if host else ""
        await self.kube.status(ISVC, body, shown.serving(body, made, pods, url, exposed))
        return 1.0 if exposed and not host else 5.0 if refusal else None

    async def _scale(self, key: Key, body: Object, runtime: Object) -> None:
        if build.scaled_by(body) == "hpa":
            await self.kube.apply(AUTOSCALER, build.autoscaler(body, runtime))
        elif kserve_version.removes_autoscaler(self.config.kserve):
            await self.kube.delete(AUTOSCALER, key.namespace, f"{key.name}-predictor")

    async def _headless(self) -> bool:
        found = await self.kube.get(DSC, "", "default-dsc")
        components = ((found or {}).get("spec") or {}).get("components") or {}
        return (components.get("kserve") or {}).get("rawDeploymentServiceConfig") != "Headed"

    async def _initializer(self, body: Object) -> Object | None:
        """The init container for the model's storage; ``SpecError`` with the words of KServe's webhook."""
        model = body["spec"]["predictor"]["model"]
        storage = model.get("storage") or {}
        connection = storage.get("key")
        if not connection:
            uri = model.get("storageUri")
            return build.initializer(uri, None, False) if uri else None
        namespace = body["metadata"]["namespace"]
        secret = await self.kube.get(SECRET, namespace, STORAGE_CONFIG)
        if secret is None:
            text = f'can\'t read storage secret {STORAGE_CONFIG}: Secret "{STORAGE_CONFIG}" not found'
            raise SpecError("FailedCreate", text)
        found = decoded(secret).get(connection)
        if found is None:
            message = f"specified storage key {connection} not found in storage secret {STORAGE_CONFIG}"
            raise SpecError("FailedCreate", message)
        data = json.loads(found)
        kind = data.get("type", "")
        if kind not in ("s3", "hdfs", "webhdfs"):
            message = f"storage type must be one of [s3, hdfs, webhdfs]. storage type [{kind}] is not supported"
            raise SpecError("FailedCreate", message)
        if not data.get("bucket"):
            message = f"format [{kind}] requires a bucket but one wasn't found in storage data or parameters"
            raise SpecError("FailedCreate", message)
        bundle = bool(data.get("cabundle_configmap")) and await self.kube.get(CONFIG_MAP, namespace, KSERVE) is not None
        return build.initializer(f"{kind}://{data['bucket']}/{storage.get('path') or ''}", connection, bundle)
