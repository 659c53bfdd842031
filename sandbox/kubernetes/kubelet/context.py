# SPDX-License-Identifier: GPL-3.0-or-later
"""What all Pods of the node share, and what all containers of a Pod share."""

from __future__ import annotations

import os
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sandbox.front.paths import REPO
from sandbox.kubernetes.kubelet.addresses import INSIDE, OUTSIDE
from sandbox.kubernetes.kubelet.door import Door
from sandbox.kubernetes.kubelet.gpus import GPU, Gpu
from sandbox.kubernetes.kubelet.images import Image
from sandbox.kubernetes.kubelet.probes import Prober
from sandbox.kubernetes.kubelet.process import MARK, Process
from sandbox.kubernetes.rest import Client

Object = dict[str, Any]
BIN = Path(sys.executable).parent


@dataclass(frozen=True)
class Host:
    """The node: its API client, image table, folders and the values for the table's placeholders.

    `lets_in` says whether one Pod may be called by another, both by UID.
    """

    name: str
    client: Client
    prober: Prober
    table: Callable[[], list[Image]]
    values: dict[str, str]
    state: Path
    event: Callable[[Object, str, str], Awaitable[None]]
    gpu: Gpu
    lets_in: Callable[[str, str], bool]

    @property
    def claims(self) -> Path:
        """Folders of the persistent volume claims: NAMESPACE/CLAIM."""
        return self.state / "claims"


def _asks_gpu(container: Object) -> bool:
    limits = (container.get("resources") or {}).get("limits") or {}
    return bool(int(limits.get(GPU, 0)))


@dataclass
class PodContext:
    """One Pod: its newest object, address, folders and running processes."""

    host: Host
    pod: Object
    ip: str
    folders: dict[str, Path] = field(default_factory=dict)
    processes: set[Process] = field(default_factory=set)

    @property
    def meta(self) -> Object:
        """The Pod's metadata."""
        meta: Object = self.pod["metadata"]
        return meta

    @property
    def namespace(self) -> str:
        """The Pod's namespace."""
        return str(self.meta["namespace"])

    @property
    def uid(self) -> str:
        """The Pod's identity."""
        return str(self.meta["uid"])

    @property
    def path(self) -> str:
        """The Pod's path in the API."""
        return f"/api/v1/namespaces/{self.namespace}/pods/{self.meta['name']}"

    @property
    def folder(self) -> Path:
        """Volumes, home and logs of this Pod."""
        return self.host.state / "pods" / self.uid

    @property
    def inside(self) -> str:
        """Where a process listens that others reach through the Pod's door."""
        return self.ip.replace(OUTSIDE, INSIDE, 1)

    def doors(self, container: Object) -> list[Door]:
        """A door for each port of a container, still closed."""
        ports = [int(entry["containerPort"]) for entry in container.get("ports") or [{"containerPort": 8080}]]
        return [Door((self.ip, port), (self.inside, port), partial(self.host.lets_in, self.uid)) for port in ports]

    def log(self, container: str, attempt: int) -> Path:
        """The output of one attempt of one container."""
        return self.folder / "logs" / container / f"{attempt}.log"

    def values(self, container: Object) -> dict[str, str]:
        """The placeholders of the image table."""
        ports = container.get("ports") or [{"containerPort": 8080}]
        return {
            "python": sys.executable,
            "bin": str(BIN),
            "repo": str(REPO),
            "pod": self.meta["name"],
            "namespace": self.namespace,
            "pod_ip": self.ip,
            "inside": self.inside,
            "container": container["name"],
            "image": container["image"],
            "gpu": self.host.gpu.capability if _asks_gpu(container) else "",
            "port": str(ports[0]["containerPort"]),
            "home": str(self.folder / "home"),
            **self.host.values,
        }

    def base_environment(self) -> dict[str, str]:
        """What a container has without asking: nothing of the kubelet's own variables but the search path."""
        home = self.folder / "home"
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        address, _, port = self.host.client.server.removeprefix("https://").partition(":")
        return {
            "PATH": f"{BIN}{os.pathsep}/usr/local/bin{os.pathsep}/usr/bin{os.pathsep}/bin",
            "HOME": str(home),
            "TMPDIR": str(home),
            "LANG": "C.UTF-8",
            "HOSTNAME": self.meta["name"],
            "PYTHONUNBUFFERED": "1",
            "KUBERNETES_SERVICE_HOST": address,
            "KUBERNETES_SERVICE_PORT": port,
            MARK: self.uid,
        }
