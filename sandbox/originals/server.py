# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the real KServe beside a cluster: definitions and configuration first, its webhooks once it is ready."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import httpx
import trustme

from sandbox.front.settings import free_port
from sandbox.kubernetes.rest import Client
from sandbox.operators.kube import CONFIG_MAP, NAMESPACE, Kube, Object, Resource
from sandbox.operators.olm_install import discoverable, load_definitions
from sandbox.originals import kserve
from sandbox.originals.manifests import definitions, documents
from sandbox.originals.process import Process, answers
from sandbox.originals.programs import Original, module_folder

ADMISSION = "admissionregistration.k8s.io/v1"
HOOKS = {
    "MutatingWebhookConfiguration": Resource(
        ADMISSION, "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", namespaced=False
    ),
    "ValidatingWebhookConfiguration": Resource(
        ADMISSION, "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", namespaced=False
    ),
}
STORAGE = Resource(
    "serving.kserve.io/v1alpha1", "clusterstoragecontainers", "ClusterStorageContainer", namespaced=False
)


class Server:
    """One running manager. `state` keeps its certificate; `kubeconfig` is an administrator's."""

    def __init__(self, original: Original, program: Path, kubeconfig: Path, state: Path) -> None:
        self._original, self._program, self._kubeconfig, self._state = original, program, kubeconfig, state
        self._client = Client(kubeconfig)
        self._kube = Kube(self._client)
        self._process = Process()
        self._hooks: list[Object] = []

    async def start(self, stop: asyncio.Event) -> str:
        """Returns when its webhooks are in force; the text says which release this is and how long it took."""
        folder = module_folder(self._original)
        await self._prepare(definitions(folder / self._original.definitions))
        ca = self._certificate()
        port, health, metrics = free_port(), free_port(), free_port()
        own = {"POD_NAMESPACE": kserve.NAMESPACE, "TMPDIR": str(self._state)}
        command = kserve.command(self._program, port, health, metrics)
        url = f"http://127.0.0.1:{health}/readyz"
        told = await self._process.start(command, self._kubeconfig, own, answers(url), stop)
        self._hooks = kserve.webhooks(documents(folder / "config/webhook/manifests.yaml"), port, ca)
        for hook in self._hooks:
            await self._kube.apply(HOOKS[hook["kind"]], hook)
        return f"KServe {self._original.release}, {told}"

    async def _prepare(self, definitions: list[Object]) -> None:
        while not (await load_definitions(self._kube, definitions) and await discoverable(self._kube, definitions)):
            await asyncio.sleep(0.2)
        await self._kube.apply(NAMESPACE, {"metadata": {"name": kserve.NAMESPACE}})
        await self._kube.apply(CONFIG_MAP, kserve.config_map(self._original.version))
        await self._kube.apply(STORAGE, kserve.storage_container(self._original.version))

    def _certificate(self) -> str:
        """Writes the webhook server's certificate where controller-runtime looks for it; the CA as PEM."""
        authority = trustme.CA()
        certificate = authority.issue_cert("127.0.0.1")
        folder = self._state / "k8s-webhook-server" / "serving-certs"
        folder.mkdir(parents=True, exist_ok=True)
        certificate.private_key_pem.write_to_path(str(folder / "tls.key"))
        for number, part in enumerate(certificate.cert_chain_pems):
            part.write_to_path(str(folder / "tls.crt"), append=number > 0)
        return authority.cert_pem.bytes().decode()

    async def wait(self, stop: asyncio.Event) -> int:
        """Until `stop` (0) or until it ends by itself (1)."""
        return await self._process.wait(stop)

    async def stop(self) -> None:
        """Takes the webhooks away first: without their server nobody could make a Pod of a model any more."""
        with contextlib.suppress(httpx.HTTPError):  # the cluster may be gone already
            for hook in self._hooks:
                await self._kube.delete(HOOKS[hook["kind"]], "", hook["metadata"]["name"])
            await self._client.close()
        await self._process.stop()
