# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the real 3scale operator beside a cluster: definitions first, those of OpenShift's own kinds as well."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sandbox.front.settings import free_port
from sandbox.kubernetes.rest import Client
from sandbox.operators.kube import Kube
from sandbox.operators.olm_install import discoverable, load_definitions
from sandbox.originals.manifests import definitions, served
from sandbox.originals.process import Process, answers
from sandbox.originals.programs import Original, module_folder

#: Kinds that OpenShift's own API servers serve, so that there is no definition of them: any fields.
PLATFORM = (
    ("apps.openshift.io", "DeploymentConfig", "deploymentconfigs", "Namespaced"),
    ("image.openshift.io", "ImageStream", "imagestreams", "Namespaced"),
    ("config.openshift.io", "ClusterVersion", "clusterversions", "Cluster"),
)


class ThreeScale:
    """One running operator for all namespaces. `state` may hold what it trusts and the proxy that it takes."""

    def __init__(self, original: Original, program: Path, kubeconfig: Path, state: Path) -> None:
        self._original, self._program, self._kubeconfig, self._state = original, program, kubeconfig, state
        self._client = Client(kubeconfig)
        self._process = Process()

    async def start(self, stop: asyncio.Event) -> str:
        """Returns when it runs; the text says which release this is and how long it took."""
        folder = module_folder(self._original)
        kube = Kube(self._client)
        wanted = definitions(folder / self._original.definitions) + [served(*kind) for kind in PLATFORM]
        while not (await load_definitions(kube, wanted) and await discoverable(kube, wanted)):
            await asyncio.sleep(0.2)
        metrics = f"127.0.0.1:{free_port()}"
        command = [str(self._program), f"--metrics-addr={metrics}"]
        told = await self._process.start(
            command, self._kubeconfig, self._own(), answers(f"http://{metrics}/metrics"), stop
        )
        return f"3scale operator {self._original.release}, {told}"

    def _own(self) -> dict[str, str]:
        """The environment: files ``ca.crt`` and ``proxy`` (an address) of the state folder, where they are there."""
        found = {"WATCH_NAMESPACE": ""}
        if (ca := self._state / "ca.crt").exists():
            found |= {"SSL_CERT_FILE": str(ca), "SSL_CERT_DIR": str(self._state / "none")}
        if (proxy := self._state / "proxy").exists():
            found["HTTPS_PROXY"] = proxy.read_text().strip()
        return found

    async def wait(self, stop: asyncio.Event) -> int:
        """Until `stop` (0) or until it ends by itself (1)."""
        return await self._process.wait(stop)

    async def stop(self) -> None:
        """Ends it."""
        await self._process.stop()
        await self._client.close()
