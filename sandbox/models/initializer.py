# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m sandbox.models.initializer SOURCE FOLDER``: KServe's storage initializer.

Downloads everything below ``s3://BUCKET/PREFIX`` (credentials: the JSON of one key of ``storage-config`` in the
variable ``STORAGE_CONFIG``, or AWS' own variables) or ``hf://OWNER/MODEL[:REVISION]``. As KServe's own it leaves out
keys that end in ``/`` and empty objects, and fails with its words when nothing is left.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any


def _client() -> Any:
    import boto3
    from botocore.config import Config

    config: dict[str, str] = json.loads(os.environ.get("STORAGE_CONFIG") or "{}")
    kind = config.get("type", "s3")
    if kind != "s3":
        sys.exit(f"storage type must be one of [s3, hdfs, webhdfs]. storage type [{kind}] is not supported")
    bundle = _bundle()
    return boto3.client(
        "s3",
        endpoint_url=config.get("endpoint_url") or os.environ.get("AWS_ENDPOINT_URL"),
        aws_access_key_id=config.get("access_key_id") or os.environ.get("AWS_ACCESS_KEY_ID"),
        aws_secret_access_key=config.get("secret_access_key") or os.environ.get("AWS_SECRET_ACCESS_KEY"),
        verify=bundle,
        region_name=config.get("region") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1",
        config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 3}),
    )


def _bundle() -> str | None:
    """The CA bundle of the ConfigMap that KServe mounts."""
    found = os.environ.get("AWS_CA_BUNDLE")
    if not found and os.environ.get("CA_BUNDLE_CONFIGMAP_NAME"):
        found = str(Path(os.environ["CA_BUNDLE_VOLUME_MOUNT_POINT"]) / "cabundle.crt")
    if found and not Path(found).exists():
        sys.exit(f"RuntimeError: Failed to find ca bundle file({found}).")
    return found


def from_s3(bucket: str, prefix: str, folder: Path) -> int:
    """Download; the number of files."""
    client = _client()
    count = 0
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Contents") or []:
            key: str = item["Key"]
            if key.endswith("/") or item["Size"] == 0:
                continue
            relative = key[len(prefix) :].lstrip("/") or key.rsplit("/", 1)[-1]
            target = folder / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            client.download_file(bucket, key, str(target))
            print(f"Downloaded object {key} to {target}", flush=True)
            count += 1
    return count


def from_hub(name: str, folder: Path) -> int:
    """Download a repository of the model hub; the number of files."""
    from huggingface_hub import snapshot_download

    repo, _, revision = name.partition(":")
    snapshot_download(repo, revision=revision or None, local_dir=folder)
    return sum(path.is_file() for path in folder.rglob("*"))


def main(argv: list[str]) -> None:
    """Download ``argv[0]`` into ``argv[1]``."""
    if len(argv) != 2:
        sys.exit("usage: initializer SOURCE FOLDER")
    source, folder = argv[0], Path(argv[1])
    scheme, _, rest = source.partition("://")
    print(f"Initializing, args: src_uri [{source}] dest_path[ [{folder}]", flush=True)
    try:
        if scheme == "s3":
            bucket, _, prefix = rest.partition("/")
            count = from_s3(bucket, prefix, folder)
        elif scheme == "hf":
            count = from_hub(rest, folder)
        else:
            sys.exit(f"Exception: Cannot recognize storage type for {source}\n's3://' and 'hf://' are supported here.")
    except Exception as error:  # whatever the library says is what the user needs to read
        sys.exit(f"RuntimeError: Failed to fetch model. {type(error).__name__}: {error}")
    if count == 0:
        sys.exit(f"RuntimeError: Failed to fetch model. No model found in {rest.partition('/')[2]}.")
    print(f"Successfully copied {source} to {folder}: {count} files", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
