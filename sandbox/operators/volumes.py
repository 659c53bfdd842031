# SPDX-License-Identifier: GPL-3.0-or-later
"""The storage provisioners: PersistentVolumes for claims of the sandbox's storage classes."""

from __future__ import annotations

from sandbox.operators.kube import CLAIM, STORAGE_CLASS, VOLUME, Key
from sandbox.operators.platform import CEPHFS, RBD
from sandbox.operators.runtime import Controller, Watch


class Claims(Controller):
    """Makes the volume; the controller manager binds the two."""

    name = "provisioner"
    watches = (Watch(CLAIM),)

    async def reconcile(self, key: Key) -> float | None:
        """Provision once; only the file system can be written by many nodes."""
        body = await self.kube.get(CLAIM, key.namespace, key.name)
        if body is None or body["metadata"].get("deletionTimestamp") or body["spec"].get("volumeName"):
            return None
        name = body["spec"].get("storageClassName")
        found = await self.kube.get(STORAGE_CLASS, "", name) if name else None
        if found is None or found["provisioner"] not in (RBD, CEPHFS):
            return 5.0 if name else None
        modes = body["spec"]["accessModes"]
        if found["provisioner"] == RBD and "ReadWriteMany" in modes and body["spec"].get("volumeMode") != "Block":
            reason = "desc = multi node access modes are only supported on rbd `block` type volumes"
            what = f'failed to provision volume with StorageClass "{name}"'
            text = f"{what}: rpc error: code = InvalidArgument {reason}"
            await self.kube.event(CLAIM, body, "Warning", "ProvisioningFailed", text)
            return 10.0
        await self._provision(key, body["metadata"]["uid"], body["spec"], found)
        return None

    async def _provision(self, key: Key, uid: str, spec: dict[str, object], storage: dict[str, object]) -> None:
        name = f"pvc-{uid}"
        folder = self.config.state / "volumes" / name
        folder.mkdir(parents=True, exist_ok=True)
        reference = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "uid": uid}
        volume = {
            "metadata": {"name": name, "annotations": {"pv.kubernetes.io/provisioned-by": storage["provisioner"]}},
            "spec": {
                "accessModes": spec["accessModes"],
                "capacity": spec["resources"]["requests"],  # type: ignore[index]
                "claimRef": {**reference, "namespace": key.namespace, "name": key.name},
                # Recycled or deleted by nobody here: the folder of a claim that went is left to the state folder.
                "persistentVolumeReclaimPolicy": "Retain",
                "storageClassName": spec["storageClassName"],
                "hostPath": {"path": str(folder)},
            },
        }
        await self.kube.create(VOLUME, volume)


class Released(Controller):
    """Volumes go with their claims."""

    name = "released volumes"
    watches = (Watch(VOLUME),)

    async def reconcile(self, key: Key) -> float | None:
        """Delete a volume whose claim is gone."""
        body = await self.kube.get(VOLUME, "", key.name)
        if body is None or (body.get("status") or {}).get("phase") != "Released":
            return None
        await self.kube.delete(VOLUME, "", key.name)
        return None
