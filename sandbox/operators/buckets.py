# SPDX-License-Identifier: GPL-3.0-or-later
"""Bucket claims: a bucket in the object storage, a Secret and a ConfigMap that tell how to reach it."""

from __future__ import annotations

import asyncio
import secrets
import uuid
from typing import Any

from sandbox.operators.kube import (
    CONFIG_MAP,
    OBC,
    OBJECT_BUCKET,
    SECRET,
    STORAGE_CLASS,
    Key,
    Object,
    encoded,
    owned,
)
from sandbox.operators.platform import NOOBAA, RGW
from sandbox.operators.runtime import Controller, Wait, Watch

FINALIZER = "objectbucket.io/finalizer"


class Storage:
    """The object storage, as its administrator."""

    def __init__(self, url: str) -> None:
        import boto3
        from botocore.config import Config

        options = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 2}, connect_timeout=3)
        keys = {"aws_access_key_id": "provisioner", "aws_secret_access_key": "provisioner"}
        self.client: Any = boto3.client("s3", endpoint_url=url, region_name="us-east-1", config=options, **keys)

    async def make(self, bucket: str) -> None:
        """Make a bucket; no matter if it is there."""
        try:
            await asyncio.to_thread(self.client.create_bucket, Bucket=bucket)
        except self.client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
                raise OSError(f"the object storage refuses bucket {bucket}: {error}") from error

    async def remove(self, bucket: str) -> None:
        """Remove a bucket and all that is in it."""
        await asyncio.to_thread(self._remove, bucket)

    def _remove(self, bucket: str) -> None:
        try:
            for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
                for item in page.get("Contents") or []:
                    self.client.delete_object(Bucket=bucket, Key=item["Key"])
            self.client.delete_bucket(Bucket=bucket)
        except self.client.exceptions.NoSuchBucket:
            return


class BucketClaims(Controller):
    """ObjectBucketClaim → bucket, ObjectBucket, Secret, ConfigMap, phase Bound."""

    name = "bucket claim"
    watches = (Watch(OBC),)

    async def reconcile(self, key: Key) -> float | None:
        """One step: finalizer and names, then the bucket and what tells of it, then Bound."""
        body = await self.kube.get(OBC, key.namespace, key.name)
        if body is None:
            return None
        meta, spec = body["metadata"], body["spec"]
        if meta.get("deletionTimestamp"):
            return await self._delete(key, body)
        found = await self.kube.get(STORAGE_CLASS, "", spec["storageClassName"])
        if found is None or found["provisioner"] not in (RGW, NOOBAA):
            return 5.0  # as in reality nobody acts and nothing is said: the claim stays as it is
        phase = (body.get("status") or {}).get("phase")
        if not phase:
            await self.kube.status(OBC, body, {"phase": "Pending"})
            return self.config.pace
        if not spec.get("bucketName") or FINALIZER not in (meta.get("finalizers") or []):
            await self._names(key, body)
            return self.config.pace
        if phase == "Bound":
            await self._tell(key, body)
            return None
        if not self.config.s3_url:
            raise Wait("the configuration has no s3.url", 5)
        await Storage(self.config.s3_url).make(spec["bucketName"])
        await self._bucket(key, body, found["provisioner"])
        await self._tell(key, body)
        await self.kube.status(OBC, body, {"phase": "Bound"})
        return None

    async def _names(self, key: Key, body: Object) -> None:
        spec = body["spec"]
        name = spec.get("bucketName") or f"{spec.get('generateBucketName') or key.name}-{uuid.uuid4()}"
        finalizers = sorted({*(body["metadata"].get("finalizers") or []), FINALIZER})
        patch = {"spec": {"bucketName": name}, "metadata": {"finalizers": finalizers}}
        await self.kube.patch(OBC, key, patch)

    def _endpoint(self, bucket: str) -> Object:
        return {
            "bucketHost": self.config.s3_host,
            "bucketPort": self.config.s3_port,
            "bucketName": bucket,
            "region": "",  # the Ceph provisioner sets none
            "subRegion": "",
            "additionalConfig": {},
        }

    async def _bucket(self, key: Key, body: Object, provisioner: str) -> None:
        name = f"obc-{key.namespace}-{key.name}"
        claim = {"kind": "ObjectBucketClaim", "apiVersion": OBC.api_version, "uid": body["metadata"]["uid"]}
        spec = {
            "storageClassName": body["spec"]["storageClassName"],
            "reclaimPolicy": "Delete",
            "claimRef": {**claim, "namespace": key.namespace, "name": key.name},
            "endpoint": self._endpoint(body["spec"]["bucketName"]),
        }
        labels = {"bucket-provisioner": provisioner.replace("/", "-")}
        made = await self.kube.apply(OBJECT_BUCKET, {"metadata": {"name": name, "labels": labels}, "spec": spec})
        await self.kube.status(OBJECT_BUCKET, made, {"phase": "Bound"})
        await self.kube.patch(OBC, key, {"spec": {"objectBucketName": name}})

    async def _tell(self, key: Key, body: Object) -> None:
        """The Secret and the ConfigMap; credentials stay as they are once made."""
        owners = owned(OBC, body)
        meta: Object = {"name": key.name, "namespace": key.namespace, "ownerReferences": owners}
        meta["labels"] = {"bucket-provisioner": "sandbox"}
        if await self.kube.get(SECRET, key.namespace, key.name) is None:
            access, secret = secrets.token_hex(10).upper(), secrets.token_urlsafe(30)
            data = encoded({"AWS_ACCESS_KEY_ID": access, "AWS_SECRET_ACCESS_KEY": secret})
            await self.kube.create(SECRET, {"metadata": meta, "type": "Opaque", "data": data})
        where = self._endpoint(body["spec"]["bucketName"])
        data = {
            "BUCKET_NAME": where["bucketName"],
            "BUCKET_HOST": where["bucketHost"],
            "BUCKET_PORT": str(where["bucketPort"]),
            "BUCKET_REGION": where["region"],
            "BUCKET_SUBREGION": where["subRegion"],
        }
        await self.kube.apply(CONFIG_MAP, {"metadata": meta, "data": data})

    async def _delete(self, key: Key, body: Object) -> float | None:
        finalizers = body["metadata"].get("finalizers") or []
        if FINALIZER not in finalizers:
            return None
        if body["spec"].get("bucketName") and body["spec"].get("objectBucketName"):
            await Storage(self.config.s3_url).remove(body["spec"]["bucketName"])
            await self.kube.delete(OBJECT_BUCKET, "", body["spec"]["objectBucketName"])
        left = [name for name in finalizers if name != FINALIZER]
        await self.kube.patch(OBC, key, {"metadata": {"finalizers": left}})
        return None
