# SPDX-License-Identifier: GPL-3.0-or-later
"""A Pod's volumes as folders of this machine."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from sandbox.kubernetes.kubelet.podspec import field_value
from sandbox.kubernetes.rest import Client

Object = dict[str, Any]
TOKEN_SECONDS = 24 * 3600


class VolumeError(Exception):
    """A volume can't be set up yet; the text is what a kubelet would say in its FailedMount event."""


class Volumes:
    """Sets up the volumes of one Pod below `folder`; claims lie outside, since they outlive the Pod."""

    def __init__(self, client: Client, pod: Object, pod_ip: str, folder: Path, claims: Path) -> None:
        self._client, self._pod, self._ip = client, pod, pod_ip
        self._folder, self._claims = folder, claims
        self._namespace: str = pod["metadata"]["namespace"]

    async def make(self) -> dict[str, Path]:
        """Volume name → folder. Raises VolumeError while something that a volume refers to is missing."""
        return {volume["name"]: await self._volume(volume) for volume in self._pod["spec"].get("volumes") or []}

    async def _volume(self, volume: Object) -> Path:
        folder: Path = self._folder / volume["name"]
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if "emptyDir" in volume:
            return folder
        if claim := volume.get("persistentVolumeClaim"):
            kept: Path = self._claims / self._namespace / claim["claimName"]
            kept.mkdir(parents=True, exist_ok=True, mode=0o700)
            return kept
        if source := volume.get("configMap"):
            files = await self._config_map(volume["name"], source)
        elif source := volume.get("secret"):
            files = await self._secret(volume["name"], {**source, "name": source["secretName"]})
        elif source := volume.get("projected"):
            files = await self._projected(volume["name"], source)
        elif source := volume.get("downwardAPI"):
            files = self._downward(source)
        else:
            kinds = ", ".join(sorted(set(volume) - {"name"}))
            raise VolumeError(f'volume "{volume["name"]}" is of a kind that this node does not have: {kinds}')
        _write(folder, files)
        return folder

    async def _read(self, kind: str, volume: str, source: Object) -> Object | None:
        plural = "configmaps" if kind == "configmap" else "secrets"
        found: Object | None = await self._client.find(
            f"/api/v1/namespaces/{self._namespace}/{plural}/{source['name']}"
        )
        if found is None and not source.get("optional", False):
            raise VolumeError(f'MountVolume.SetUp failed for volume "{volume}" : {kind} "{source["name"]}" not found')
        return found

    async def _config_map(self, volume: str, source: Object) -> dict[str, bytes]:
        found = await self._read("configmap", volume, source) or {}
        data = {key: text.encode() for key, text in (found.get("data") or {}).items()}
        data |= {key: base64.b64decode(text) for key, text in (found.get("binaryData") or {}).items()}
        return _chosen(data, volume, source)

    async def _secret(self, volume: str, source: Object) -> dict[str, bytes]:
        found = await self._read("secret", volume, source) or {}
        data = {key: base64.b64decode(text) for key, text in (found.get("data") or {}).items()}
        return _chosen(data, volume, source)

    async def _projected(self, volume: str, projected: Object) -> dict[str, bytes]:
        files: dict[str, bytes] = {}
        for source in projected.get("sources") or []:
            if "configMap" in source:
                files |= await self._config_map(volume, source["configMap"])
            elif "secret" in source:
                files |= await self._secret(volume, source["secret"])
            elif "downwardAPI" in source:
                files |= self._downward(source["downwardAPI"])
            elif "serviceAccountToken" in source:
                token = source["serviceAccountToken"]
                files[token["path"]] = (await self._token(token)).encode()
        return files

    def _downward(self, source: Object) -> dict[str, bytes]:
        items = [item for item in source.get("items") or [] if "fieldRef" in item]
        return {
            item["path"]: field_value(self._pod, item["fieldRef"]["fieldPath"], self._ip).encode() for item in items
        }

    async def _token(self, source: Object) -> str:
        meta = self._pod["metadata"]
        spec: Object = {"expirationSeconds": max(TOKEN_SECONDS, source.get("expirationSeconds", 0))}
        spec["boundObjectRef"] = {"apiVersion": "v1", "kind": "Pod", "name": meta["name"], "uid": meta["uid"]}
        if source.get("audience"):
            spec["audiences"] = [source["audience"]]
        account = self._pod["spec"].get("serviceAccountName", "default")
        path = f"/api/v1/namespaces/{self._namespace}/serviceaccounts/{account}/token"
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        return str((await self._client.request("POST", path, body))["status"]["token"])


def _chosen(data: dict[str, bytes], volume: str, source: Object) -> dict[str, bytes]:
    """All keys, or those that `items` names, under the paths that it gives them."""
    if not source.get("items"):
        return data
    missing = [item["key"] for item in source["items"] if item["key"] not in data]
    if missing and not source.get("optional", False):
        raise VolumeError(f'volume "{volume}": {source["name"]} has no key {", ".join(missing)}')
    return {item["path"]: data[item["key"]] for item in source["items"] if item["key"] in data}


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o600)


def mounts_of(container: Object, folders: dict[str, Path]) -> dict[str, str]:
    """Mount path → folder for one container."""
    result = {}
    for mount in container.get("volumeMounts") or []:
        folder = folders[mount["name"]]
        if mount.get("subPath"):
            folder = folder / mount["subPath"]
            if not folder.exists():
                folder.mkdir(parents=True)
        result[mount["mountPath"]] = str(folder)
    return result
