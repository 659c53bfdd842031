# SPDX-License-Identifier: GPL-3.0-or-later
"""The Node object and the loop that gives each Pod bound to it a worker."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import httpx

from sandbox.kubernetes.kubelet.addresses import Addresses
from sandbox.kubernetes.kubelet.context import Host
from sandbox.kubernetes.kubelet.gpus import GPU, Gpu
from sandbox.kubernetes.kubelet.status import now
from sandbox.kubernetes.kubelet.worker import PodWorker
from sandbox.kubernetes.rest import ApiError, Client

Object = dict[str, Any]


def node_manifest(name: str, capacity: dict[str, str], gpu: Gpu) -> Object:
    """The Node's own object, without status."""
    labels = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "node-role.kubernetes.io/worker": "",
    }
    labels |= gpu.labels(int(capacity.get(GPU, "0")))
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": labels}}


def node_status(capacity: dict[str, str], port: int) -> Object:
    """The Node's status: what it has, where its kubelet answers, and that it is ready."""
    ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "message": "kubelet is posting ready status"}
    return {
        "capacity": capacity,
        "allocatable": capacity,
        "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": port}},
        "conditions": [{**ready, "lastHeartbeatTime": now(), "lastTransitionTime": now()}],
        "nodeInfo": {
            "architecture": "amd64",
            "bootID": "",
            "containerRuntimeVersion": "process://1",
            "kernelVersion": "",
            "kubeProxyVersion": "",
            "kubeletVersion": "v1.34.4",
            "machineID": "",
            "operatingSystem": "linux",
            "osImage": "sandbox",
            "systemUUID": "",
        },
    }


async def register(client: Client, name: str, capacity: dict[str, str], gpu: Gpu, port: int) -> None:
    """Makes the Node, or brings an earlier one up to date."""
    await client.apply(f"/api/v1/nodes/{name}", node_manifest(name, capacity, gpu), "kubelet")
    await client.merge(f"/api/v1/nodes/{name}/status", {"status": node_status(capacity, port)})


class Node:
    """All Pods of the node."""

    def __init__(self, host: Host, addresses: Addresses) -> None:
        self._host, self._addresses = host, addresses
        self._workers: dict[str, PodWorker] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def find(self, namespace: str, name: str) -> PodWorker | None:
        """The worker of a Pod by its name."""
        for worker in self._workers.values():
            if worker.context.namespace == namespace and worker.context.meta["name"] == name:
                return worker
        return None

    async def run(self) -> None:
        """Watches until cancelled."""
        async for kind, item in self._host.client.watch(f"/api/v1/pods?fieldSelector=spec.nodeName={self._host.name}"):
            if kind == "RESYNC":
                self._resync(item["items"])
            elif kind == "DELETED":
                self._gone(item["metadata"]["uid"])
            else:
                self._seen(item)

    def _resync(self, pods: list[Object]) -> None:
        for pod in pods:
            if address := (pod.get("status") or {}).get("podIP"):
                self._addresses.keep(pod["metadata"]["uid"], address)
        present = {pod["metadata"]["uid"] for pod in pods}
        for uid in [uid for uid in self._workers if uid not in present]:
            self._gone(uid)

    def _seen(self, pod: Object) -> None:
        uid = pod["metadata"]["uid"]
        if worker := self._workers.get(uid):
            worker.update(pod)
            return
        worker = PodWorker(self._host, pod, self._addresses.take(uid))
        self._workers[uid] = worker
        task = asyncio.create_task(worker.run())
        self._tasks[uid] = task
        task.add_done_callback(lambda _task: self._forget(uid))

    def _gone(self, uid: str) -> None:
        if worker := self._workers.get(uid):
            worker.vanish()

    def _forget(self, uid: str) -> None:
        self._workers.pop(uid, None)
        self._tasks.pop(uid, None)
        self._addresses.free(uid)

    async def stop(self) -> None:
        """Ends all processes; the Pods' objects stay, and the next start runs them again."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def send_event(client: Client, node: str, pod: Object, reason: str, message: str) -> None:
    """A warning event about a Pod; the same one again only counts up."""
    meta = pod["metadata"]
    digest = hashlib.sha256(f"{reason}{message}".encode()).hexdigest()[:12]
    name = f"{meta['name']}.{digest}"
    path = f"/api/v1/namespaces/{meta['namespace']}/events"
    try:
        known = await client.find(f"{path}/{name}")
        if known is not None and known["involvedObject"].get("uid") == meta["uid"]:
            await client.merge(f"{path}/{name}", {"count": known.get("count", 1) + 1, "lastTimestamp": now()})
            return
        involved = {"kind": "Pod", "apiVersion": "v1", "namespace": meta["namespace"], "name": meta["name"]}
        body = {
            "metadata": {"name": name},
            "involvedObject": {**involved, "uid": meta["uid"]},
            "type": "Warning",
            "reason": reason,
            "message": message[:1024],
            "count": 1,
            "firstTimestamp": now(),
            "lastTimestamp": now(),
            "source": {"component": "kubelet", "host": node},
        }
        await client.request("POST", path, body)
    except (ApiError, httpx.HTTPError) as error:
        # An event is only a hint: a namespace that is being deleted takes none.
        print(f"event for {meta['namespace']}/{meta['name']} not written: {error}", flush=True)
