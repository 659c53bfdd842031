# SPDX-License-Identifier: GPL-3.0-or-later
"""Follows Routes, Services and Pods in a thread of its own and says when something changed."""

from __future__ import annotations

import asyncio
import copy
import threading
from pathlib import Path

from sandbox.kubernetes.rest import Client

from .routes import Cluster, Object

PATHS = {
    "routes": "/apis/route.openshift.io/v1/routes",
    "services": "/api/v1/services",
    "pods": "/api/v1/pods",
}


class Follower:
    """The cluster as last seen. `snapshot()` may be called from any thread."""

    def __init__(self, kubeconfig: Path) -> None:
        self.kubeconfig = kubeconfig
        self.cluster = Cluster()
        self.version = 0
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def start(self) -> None:
        """Begins to follow; the thread ends with the process."""
        self._thread.start()

    def snapshot(self) -> Cluster:
        """A copy that the watchers don't touch."""
        with self._lock:
            return Cluster(**{kind: copy.copy(getattr(self.cluster, kind)) for kind in PATHS})

    async def _run(self) -> None:
        client = Client(self.kubeconfig)
        await asyncio.gather(*(self._follow(client, kind) for kind in PATHS))

    async def _follow(self, client: Client, kind: str) -> None:
        # The definition of Routes may come later than this process: watch() asks again until it is there.
        async for event, item in client.watch(PATHS[kind]):
            self._take(kind, event, item)

    def _take(self, kind: str, event: str, item: Object) -> None:
        with self._lock:
            known: dict[tuple[str, str], Object] = getattr(self.cluster, kind)
            if event == "RESYNC":
                listed = {_key(one): one for one in item["items"]}
                if known != listed:
                    known.clear()
                    known.update(listed)
                    self.version += 1
                return
            key = _key(item)
            if event == "DELETED":
                known.pop(key, None)
            elif known.get(key) == item:
                return
            else:
                known[key] = item
            self.version += 1


def _key(item: Object) -> tuple[str, str]:
    return item["metadata"]["namespace"], item["metadata"]["name"]
