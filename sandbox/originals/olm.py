# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the real OLM beside a cluster: its definitions, a server of the sandbox's catalogue, its two programs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

from sandbox.common.golang import ensure
from sandbox.crds.load import load as load_all
from sandbox.front.settings import free_port
from sandbox.kubernetes.rest import Client
from sandbox.operators import catalogue as catalogues
from sandbox.operators.kube import CATALOG_SOURCE, NAMESPACE, OPERATOR_GROUP, Kube, Resource
from sandbox.operators.olm_install import discoverable, load_definitions
from sandbox.originals.bundles import documents
from sandbox.originals.manifests import definitions, served
from sandbox.originals.process import Process
from sandbox.originals.programs import Original, module_folder

#: the group by whose status the `olm` program tells that it works; every OpenShift has it
GLOBAL = {"name": "global-operators", "namespace": "openshift-operators"}
OLM_CONFIG = Resource("operators.coreos.com/v1", "olmconfigs", "OLMConfig", namespaced=False)
#: where there is one kind of OpenShift's configuration, OLM waits for this one
PROXY = ("config.openshift.io", "Proxy", "proxies", "Cluster")
#: Both programs want port 8080 of every address, which can't be set, and go on without it where it is taken. Models of
#: the sandbox listen there, so it is taken here, at an address that no Pod has.
METRICS = ("127.255.255.254", 8080)


class Olm:
    """The two programs and their catalogue. `state` keeps the catalogue; `kubeconfig` is an administrator's."""

    def __init__(self, original: Original, program: Path, kubeconfig: Path, state: Path) -> None:
        self._original, self._program, self._kubeconfig, self._state = original, program, kubeconfig, state
        self._client = Client(kubeconfig)
        self._kube = Kube(self._client)
        self._registry, self._catalog, self._olm = Process(), Process(), Process()
        self._metrics = socket.socket()

    async def start(self, stop: asyncio.Event) -> str:
        """Returns when the catalogue is connected and both programs work; the text tells release and seconds."""
        catalog, registry = (ensure(program) for program in self._original.beside)
        wanted = [*definitions(module_folder(self._original) / self._original.definitions), served(*PROXY)]
        while not (await load_definitions(self._kube, wanted) and await discoverable(self._kube, wanted)):
            await asyncio.sleep(0.2)
        with contextlib.suppress(OSError):  # somebody else holds it
            self._metrics.bind(METRICS)
            self._metrics.listen()
        port = free_port()
        command = [str(registry), str(self._write()), str(self._state / "cache"), f"127.0.0.1:{port}"]
        await self._registry.start(command, self._kubeconfig, {}, _listens(port), stop)
        await self._objects(f"127.0.0.1:{port}")
        namespace = catalogues.load().namespace
        command = [str(catalog), f"--namespace={namespace}"]
        told = await self._catalog.start(command, self._kubeconfig, {}, self._connected, stop)
        more = await self._olm.start([str(self._program)], self._kubeconfig, {}, self._works, stop)
        return f"OLM {self._original.release}, catalog: {told}, olm: {more}"

    def _write(self) -> Path:
        """The catalogue as files."""
        folder = self._state / "catalogue"
        folder.mkdir(parents=True, exist_ok=True)
        found = documents(catalogues.load(), load_all())
        (folder / "catalogue.json").write_text("\n".join(json.dumps(document) for document in found))
        return folder

    async def _objects(self, address: str) -> None:
        """The source that names the server, and what every cluster has for OLM."""
        known = catalogues.load()
        spec = {"sourceType": "grpc", "address": address, "displayName": known.title, "publisher": "Red Hat"}
        where = {"name": known.source, "namespace": known.namespace}
        await self._kube.apply(CATALOG_SOURCE, {"metadata": where, "spec": spec})
        await self._kube.apply(NAMESPACE, {"metadata": {"name": GLOBAL["namespace"]}})
        await self._kube.apply(OPERATOR_GROUP, {"metadata": GLOBAL, "spec": {}})
        await self._kube.apply(OLM_CONFIG, {"metadata": {"name": "cluster"}})

    async def _connected(self) -> bool:
        known = catalogues.load()
        source = await self._kube.get(CATALOG_SOURCE, known.namespace, known.source)
        status = (source or {}).get("status") or {}
        connection = status.get("connectionState") or {}
        return bool(connection.get("address")) and connection.get("lastObservedState") == "READY"

    async def _works(self) -> bool:
        group = await self._kube.get(OPERATOR_GROUP, GLOBAL["namespace"], GLOBAL["name"])
        return bool(((group or {}).get("status") or {}).get("lastUpdated"))

    async def wait(self, stop: asyncio.Event) -> int:
        """Until `stop` (0) or until the `olm` program ends by itself (1)."""
        return await self._olm.wait(stop)

    async def stop(self) -> None:
        """Ends all three."""
        for process in (self._olm, self._catalog, self._registry):
            await process.stop()
        self._metrics.close()
        await self._client.close()


def _listens(port: int) -> Callable[[], Awaitable[bool]]:
    async def ready() -> bool:
        try:
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            return False
        writer.close()
        return True

    return ready
