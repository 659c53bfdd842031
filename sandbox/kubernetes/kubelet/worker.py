# SPDX-License-Identifier: GPL-3.0-or-later
"""The life of one Pod on the node, from its binding to its deletion."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from typing import Any

import httpx

from sandbox.kubernetes.kubelet.container import RETRY_SECONDS, Runner
from sandbox.kubernetes.kubelet.context import Host, PodContext
from sandbox.kubernetes.kubelet.status import Container, pod_status
from sandbox.kubernetes.kubelet.volumes import VolumeError, Volumes
from sandbox.kubernetes.rest import ApiError

Object = dict[str, Any]
SHUTDOWN_SECONDS = 5.0


class PodWorker:
    """One Pod. `update` takes each newer object of it, `vanish` tells that the object is gone."""

    def __init__(self, host: Host, pod: Object, pod_ip: str) -> None:
        self.context = PodContext(host, pod, pod_ip)
        self._policy: str = pod["spec"].get("restartPolicy", "Always")
        before = pod.get("status") or {}
        self.inits = _containers(pod["spec"].get("initContainers"), before.get("initContainerStatuses"))
        self.containers = _containers(pod["spec"]["containers"], before.get("containerStatuses"))
        self._deleting, self._vanished = asyncio.Event(), False
        self._lock = asyncio.Lock()
        self._published: Object | None = None
        self._sidecars: list[asyncio.Task[None]] = []
        self.update(pod)

    def update(self, pod: Object) -> None:
        """A newer version of the Pod's object."""
        self.context.pod = pod
        if pod["metadata"].get("deletionTimestamp"):
            self._deleting.set()

    def vanish(self) -> None:
        """The object is gone from the server (a deletion without grace): the processes go, too."""
        self._vanished = True
        self._deleting.set()

    async def run(self) -> None:
        """Until the Pod is deleted; when cancelled (the node goes down) the processes end and the object stays."""
        living = asyncio.create_task(self._live())
        deleting = asyncio.create_task(self._deleting.wait())
        try:
            await asyncio.wait({living, deleting}, return_when=asyncio.FIRST_COMPLETED)
            if living.done() and (problem := living.exception()):
                print(f"{self.context.namespace}/{self.context.meta['name']}: {problem!r}", flush=True)
            await deleting
        except asyncio.CancelledError:
            await self._end(living, SHUTDOWN_SECONDS)
            raise
        grace = float(self.context.meta.get("deletionGracePeriodSeconds") or 0)
        await self._end(living, max(grace, 1.0))
        if not self._vanished:
            await self._delete()
        shutil.rmtree(self.context.folder, ignore_errors=True)

    async def _end(self, living: asyncio.Task[None], grace: float) -> None:
        living.cancel()
        for sidecar in self._sidecars:
            sidecar.cancel()
        await asyncio.gather(*(process.end(grace) for process in self.context.processes))
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await living

    async def _delete(self) -> None:
        body = {"gracePeriodSeconds": 0, "preconditions": {"uid": self.context.uid}}
        for _attempt in range(10):
            try:
                await self.context.host.client.request("DELETE", self.context.path, body)
                return
            except ApiError as error:
                if error.status in (404, 409):
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(1)

    async def _live(self) -> None:
        if (self.context.pod.get("status") or {}).get("phase") in ("Succeeded", "Failed"):
            return
        if self._lost():
            await self.publish()
            return
        await self.publish()
        await self._volumes()
        for spec, status in zip(self.context.pod["spec"].get("initContainers") or [], self.inits, strict=True):
            if spec.get("restartPolicy") == "Always":
                await self._sidecar(spec, status)
                continue
            policy = "Never" if self._policy == "Never" else "OnFailure"
            await Runner(self.context, spec, status, policy, self.publish).run()
            await self.publish()
            if status.exit_code != 0:
                return
        runners = [
            Runner(self.context, spec, status, self._policy, self.publish).run()
            for spec, status in zip(self.context.pod["spec"]["containers"], self.containers, strict=True)
        ]
        await asyncio.gather(*runners)
        await self.publish()

    def _lost(self) -> bool:
        """A Pod that must not be started again and ran when the node went down has failed."""
        if self._policy != "Never":
            return False
        lost = [container for container in (*self.inits, *self.containers) if "running" in container.state]
        for container in lost:
            container.terminated(137, "ContainerStatusUnknown", "The node was started again while it ran")
        return bool(lost)

    async def _sidecar(self, spec: Object, status: Container) -> None:
        runner = Runner(self.context, spec, status, "Always", self.publish)
        self._sidecars.append(asyncio.create_task(runner.run()))
        while not status.started:
            await asyncio.sleep(0.2)

    async def _volumes(self) -> None:
        host = self.context.host
        volumes = Volumes(host.client, self.context.pod, self.context.ip, self.context.folder / "volumes", host.claims)
        while True:
            try:
                self.context.folders = await volumes.make()
                return
            except VolumeError as error:
                await host.event(self.context.pod, "FailedMount", str(error))
            except (ApiError, httpx.HTTPError) as error:
                await host.event(self.context.pod, "FailedMount", f"MountVolume.SetUp failed: {error}")
            await asyncio.sleep(RETRY_SECONDS)

    async def publish(self) -> None:
        """Writes the Pod's status when it differs from what was written last."""
        async with self._lock:
            status = pod_status(self.context.pod, self.context.ip, self.inits, self.containers)
            if status == self._published:
                return
            body = {"metadata": {"uid": self.context.uid}, "status": status}
            try:
                self.context.pod = await self.context.host.client.merge(f"{self.context.path}/status", body)
                self._published = status
            except ApiError as error:
                if error.status not in (404, 409):  # gone or replaced meanwhile: the watch tells us next
                    print(f"{self.context.namespace}/{self.context.meta['name']}: {error}", flush=True)
            except httpx.HTTPError as error:
                print(f"{self.context.namespace}/{self.context.meta['name']}: {error!r}", flush=True)


def _containers(specs: list[Object] | None, before: list[Object] | None) -> list[Container]:
    """States to begin with: those of the status, where this node ran the Pod before it was started again."""
    old = {entry["name"]: entry for entry in before or []}
    result = []
    for spec in specs or []:
        container = Container(spec["name"], spec["image"], spec.get("restartPolicy") == "Always")
        if known := old.get(spec["name"]):
            container.state, container.last = known.get("state") or container.state, known.get("lastState") or {}
            container.restarts = known.get("restartCount", 0)
            if "running" in container.state:
                container.restarts += 1
        result.append(container)
    return result
