# SPDX-License-Identifier: GPL-3.0-or-later
"""Object storage, met by boto3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config

from sandbox.common.launch import free_port, running


def client(url: str) -> Any:
    config = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0})
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "us-east-1"}
    return boto3.client("s3", endpoint_url=url, config=config, **keys)


def test_objects_outlive_a_restart(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    arguments = ["--port", str(port), "--state", str(tmp_path / "state"), "--bucket", "models"]
    with running("sandbox.s3", arguments, url + "/_sandbox/counters", tmp_path / "one.log"):
        s3 = client(url)
        s3.put_object(Bucket="models", Key="org/model/a.bin", Body=b"one", Metadata={"sha": "x"})
        s3.put_object(Bucket="models", Key="org/model/gone.bin", Body=b"two")
        s3.delete_object(Bucket="models", Key="org/model/gone.bin")
        upload = s3.create_multipart_upload(Bucket="models", Key="big")["UploadId"]
        part = s3.upload_part(Bucket="models", Key="big", UploadId=upload, PartNumber=1, Body=b"x" * 100)
        parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
        etag = s3.complete_multipart_upload(Bucket="models", Key="big", UploadId=upload, MultipartUpload=parts)["ETag"]
    with running("sandbox.s3", arguments, url + "/_sandbox/counters", tmp_path / "two.log"):
        s3 = client(url)
        listed = {item["Key"]: item["Size"] for item in s3.list_objects_v2(Bucket="models")["Contents"]}
        assert listed == {"org/model/a.bin": 3, "big": 100}
        found = s3.get_object(Bucket="models", Key="org/model/a.bin")
        assert (found["Body"].read(), found["Metadata"]) == (b"one", {"sha": "x"})
        assert s3.head_object(Bucket="models", Key="big")["ETag"] == etag


def test_faults_and_counters(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    arguments = ["--port", str(port), "--bucket", "models"]
    with running("sandbox.s3", arguments, url + "/_sandbox/counters", tmp_path / "s3.log"):
        s3 = client(url)
        httpx.put(url + "/_sandbox/faults", json=[{"do": "500_before", "times": 1, "match": {"method": "PUT"}}])
        with pytest.raises(Exception, match="500"):
            s3.put_object(Bucket="models", Key="a", Body=b"one")
        s3.put_object(Bucket="models", Key="a", Body=b"one")
        counters = httpx.get(url + "/_sandbox/counters").json()
        assert (counters["total"], counters["writes"]) == (2, 2)
        assert httpx.put(url + "/_sandbox/faults", json=[{"do": "dance"}]).status_code == 400
