# SPDX-License-Identifier: GPL-3.0-or-later
"""Buckets, connections, volumes, CA bundles, routes: what the platform answers."""

from __future__ import annotations

import json
import time
from typing import Any

import boto3
from botocore.config import Config

from tests.sandbox.operators.cluster import Cluster, condition, plain
from tests.support.until import until

RGW = "ocs-storagecluster-ceph-rgw"


def s3_of(kube: Cluster) -> Any:
    options = Config(s3={"addressing_style": "path"})
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "us-east-1"}
    return boto3.client("s3", endpoint_url=kube.config["s3"]["url"], config=options, **keys)


def bound(claim: dict[str, Any]) -> bool:
    return (claim.get("status") or {}).get("phase") == "Bound"


def test_bucket_claim_from_claim_to_bucket_and_back(kube: Cluster) -> None:
    namespace = kube.namespace("bucket")
    spec = {"storageClassName": RGW, "generateBucketName": "models"}
    kube.create("ObjectBucketClaim", {"metadata": {"name": "models", "namespace": namespace}, "spec": spec})
    claim = kube.wait("ObjectBucketClaim", namespace, "models", bound)
    bucket = claim["spec"]["bucketName"]
    assert bucket.startswith("models-")
    assert claim["spec"]["objectBucketName"] == "obc-bucket-models"
    where = kube.get("ConfigMap", namespace, "models")
    assert where is not None
    assert where["data"]["BUCKET_NAME"] == bucket
    assert where["data"]["BUCKET_REGION"] == ""
    assert set(plain(kube.get("Secret", namespace, "models"))) == {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}
    s3 = s3_of(kube)
    s3.put_object(Bucket=bucket, Key="a/b", Body=b"x")
    kube.delete("ObjectBucketClaim", namespace, "models")
    until(lambda: bucket not in [entry["Name"] for entry in s3.list_buckets()["Buckets"]], "the bucket is gone")
    kube.wait_gone("ObjectBucketClaim", namespace, "models")


def test_claim_of_an_unknown_class_stays_as_it_is(kube: Cluster) -> None:
    namespace = kube.namespace("bucket-unknown")
    spec = {"storageClassName": "nothing", "generateBucketName": "models"}
    kube.create("ObjectBucketClaim", {"metadata": {"name": "models", "namespace": namespace}, "spec": spec})
    time.sleep(2)
    claim = kube.get("ObjectBucketClaim", namespace, "models")
    assert claim is not None
    assert (claim.get("status") or {}).get("phase", "Pending") == "Pending"
    assert kube.get("Secret", namespace, "models") is None


def connection(kube: Cluster, namespace: str, name: str, **annotations: str) -> None:
    labels = {"opendatahub.io/managed": "true", "opendatahub.io/dashboard": "true"}
    meta = {"name": name, "namespace": namespace, "labels": labels, "annotations": annotations}
    values = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_S3_BUCKET": "models"}
    values |= {"AWS_S3_ENDPOINT": "https://s3.example.com", "AWS_DEFAULT_REGION": "us-east-1"}
    kube.create("Secret", {"metadata": meta, "stringData": values})


def test_storage_config_follows_the_connections(kube: Cluster) -> None:
    namespace = kube.namespace("connections", **{"opendatahub.io/dashboard": "true"})
    kube.wait("ConfigMap", namespace, "odh-kserve-custom-ca-bundle")
    connection(kube, namespace, "models", **{"opendatahub.io/connection-type": "s3"})
    connection(kube, namespace, "untyped")
    config = kube.wait("Secret", namespace, "storage-config", lambda s: len(s["data"]) == 2)
    entries = {name: json.loads(text) for name, text in plain(config).items()}
    assert entries["untyped"]["type"] == ""
    assert entries["models"] == {
        "type": "s3",
        "access_key_id": "a",
        "secret_access_key": "b",
        "endpoint_url": "https://s3.example.com",
        "bucket": "models",
        "region": "us-east-1",
        "cabundle_configmap": "odh-kserve-custom-ca-bundle",
    }
    kube.delete("Secret", namespace, "untyped")
    kube.wait("Secret", namespace, "storage-config", lambda s: set(s["data"]) == {"models"})


def claim(kube: Cluster, namespace: str, name: str, storage: str | None, mode: str) -> None:
    spec: dict[str, Any] = {"accessModes": [mode], "resources": {"requests": {"storage": "1Gi"}}}
    if storage:
        spec["storageClassName"] = storage
    kube.create("PersistentVolumeClaim", {"metadata": {"name": name, "namespace": namespace}, "spec": spec})


def test_volumes(kube: Cluster) -> None:
    namespace = kube.namespace("volumes")
    claim(kube, namespace, "shared", "ocs-storagecluster-cephfs", "ReadWriteMany")
    claim(kube, namespace, "block", None, "ReadWriteOnce")
    claim(kube, namespace, "wrong", "ocs-storagecluster-ceph-rbd", "ReadWriteMany")
    claim(kube, namespace, "missing", "no-such-class", "ReadWriteMany")
    kube.wait("PersistentVolumeClaim", namespace, "shared", bound)
    kube.wait("PersistentVolumeClaim", namespace, "block", bound)
    event = kube.wait("Event", namespace, "wrong.provisioningfailed")
    assert "multi node access modes are only supported" in event["message"]
    for name in ("wrong", "missing"):
        found = kube.get("PersistentVolumeClaim", namespace, name)
        assert found is not None
        assert found["status"]["phase"] == "Pending"


def test_ca_bundles(kube: Cluster) -> None:
    namespace = kube.namespace("bundles")
    service = kube.get("ConfigMap", namespace, "openshift-service-ca.crt")
    assert service is not None
    assert "CERTIFICATE" in service["data"]["service-ca.crt"]
    labels = {"config.openshift.io/inject-trusted-cabundle": "true"}
    kube.create("ConfigMap", {"metadata": {"name": "trusted", "namespace": namespace, "labels": labels}})
    kube.wait("ConfigMap", namespace, "trusted", lambda c: "CERTIFICATE" in c.get("data", {}).get("ca-bundle.crt", ""))
    ingress = kube.get("ConfigMap", "openshift-config-managed", "default-ingress-cert")
    assert ingress is not None


def test_routes(kube: Cluster) -> None:
    one, two = kube.namespace("routes-one"), kube.namespace("routes-two")
    spec: dict[str, Any] = {"to": {"kind": "Service", "name": "web"}}
    kube.create("Route", {"metadata": {"name": "plain", "namespace": one}, "spec": spec})
    admitted = kube.wait("Route", one, "plain", lambda r: (r.get("status") or {}).get("ingress"))
    assert admitted["spec"]["host"] == "plain-routes-one.apps.localhost"
    assert admitted["status"]["ingress"][0]["conditions"][0]["status"] == "True"
    taken = {**spec, "host": "plain-routes-one.apps.localhost"}
    time.sleep(1.1)  # the age of Routes has whole seconds
    kube.create("Route", {"metadata": {"name": "late", "namespace": two}, "spec": taken})
    refused = kube.wait("Route", two, "late", lambda r: (r.get("status") or {}).get("ingress"))
    verdict = refused["status"]["ingress"][0]["conditions"][0]
    assert (verdict["status"], verdict["reason"]) == ("False", "HostAlreadyClaimed")
    kube.delete("Route", one, "plain")
    kube.wait("Route", two, "late", lambda r: r["status"]["ingress"][0]["conditions"][0]["status"] == "True")


def test_openshift_ai_is_there(kube: Cluster) -> None:
    cluster = kube.wait("DataScienceCluster", "", "default-dsc", lambda d: condition(d, "Ready"))
    assert cluster["status"]["phase"] == "Ready"
    assert condition(cluster, "KserveReady")["status"] == "True"
    assert cluster["spec"]["components"]["kserve"]["rawDeploymentServiceConfig"] == "Headless"
