# SPDX-License-Identifier: GPL-3.0-or-later
"""The store's side of an import: one model's folder in the bucket, and the markers that say what is complete."""

from __future__ import annotations

import json
import os
from typing import Any

from import_hub import PIECE, Download, Wanted
from import_text import ImportFailedError

MARKER_FOLDER = ".maas-import/"
_SHOWN = 5


class Bucket:
    """The model's folder in the bucket."""

    def __init__(self, prefix: str) -> None:
        import boto3
        from boto3.s3.transfer import TransferConfig
        from botocore.config import Config

        self.prefix = prefix
        self.name = os.environ["AWS_S3_BUCKET"]
        style = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 5, "mode": "standard"})
        self.client = boto3.client("s3", endpoint_url=os.environ["AWS_S3_ENDPOINT"], config=style)
        # one part at a time: the file is a stream, and memory stays small
        self._transfer = TransferConfig(multipart_chunksize=4 * PIECE, use_threads=False)

    def keys(self, prefix: str) -> dict[str, int]:
        """Key to size, of all objects whose key begins so."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix)
        return {item["Key"]: item["Size"] for page in pages for item in page.get("Contents", [])}

    def sizes(self) -> dict[str, int]:
        """Name within the folder to size."""
        return {key[len(self.prefix) :]: size for key, size in self.keys(self.prefix).items()}

    def drop_unfinished(self) -> None:
        """Ends uploads that a killed Job left open; they would take up quota unseen."""
        found = self.client.list_multipart_uploads(Bucket=self.name, Prefix=self.prefix)
        for item in found.get("Uploads", []):
            self.client.abort_multipart_upload(Bucket=self.name, Key=item["Key"], UploadId=item["UploadId"])

    def metadata(self, name: str) -> dict[str, str]:
        """What an upload of ours wrote beside a file: ``digest`` and ``folder``."""
        head = self.client.head_object(Bucket=self.name, Key=self.prefix + name)
        return dict(head.get("Metadata", {}))

    def has(self, file: Wanted, sizes: dict[str, int]) -> bool:
        """Is the file there, of that digest? Asks for the object only when its size is right."""
        return sizes.get(file.name) == file.size and self.metadata(file.name).get("digest") == file.digest

    def put(self, file: Wanted, source: Download) -> None:
        """Uploads the stream, then compares its digest with the hub's."""
        key, extra = self.prefix + file.name, {"Metadata": {"digest": file.digest, "folder": self.prefix}}
        self.client.upload_fileobj(source, self.name, key, ExtraArgs=extra, Config=self._transfer)
        wrong = source.differs(file)
        if wrong:
            self.client.delete_object(Bucket=self.name, Key=key)
            raise ImportFailedError(wrong)

    def remove(self, names: list[str]) -> None:
        """Removes files of the folder."""
        for name in names:
            self.client.delete_object(Bucket=self.name, Key=self.prefix + name)

    def text(self, key: str) -> str | None:
        """The content of an object of the bucket, or None."""
        try:
            body: bytes = self.client.get_object(Bucket=self.name, Key=key)["Body"].read()
        except self.client.exceptions.NoSuchKey:
            return None
        return body.decode()

    def write(self, key: str, text: str) -> None:
        """Writes a small object."""
        self.client.put_object(Bucket=self.name, Key=key, Body=text.encode(), ContentType="application/json")


def marker_of(prefix: str) -> str:
    """Key of the marker of a folder; outside of it, since whoever serves the model takes all that lies in it."""
    return f"{MARKER_FOLDER}{prefix.strip('/')}.json"


def complete(bucket: Any, marker: str, revision: str, files: list[Wanted], sizes: dict[str, int]) -> bool:
    """Does the marker say that exactly these files were verified, and is the folder still so?"""
    text = bucket.text(marker)
    if text is None:
        return False
    said = json.loads(text)
    listed = {file.name: file.size for file in files}
    return bool(said.get("revision") == revision and said.get("files") == listed and listed == _files(sizes))


def _files(sizes: dict[str, int]) -> dict[str, int]:
    """Without what object stores keep for folders themselves."""
    return {name: size for name, size in sizes.items() if name and not name.endswith("/")}


def refuse_nested(bucket: Any) -> None:
    """A folder within another's would be served with it: no two models may lie so."""
    own = bucket.prefix
    for key in bucket.keys(MARKER_FOLDER):
        other = key[len(MARKER_FOLDER) :].removesuffix(".json") + "/"
        nested = other != own and (own.startswith(other) or other.startswith(own))
        if nested and any(other.startswith(own) or not name.startswith(own) for name in bucket.keys(other)):
            raise ImportFailedError(
                f"folder {own} of the bucket and {other}, where another model is, lie within each other, and each "
                "would be served with the other's files; give one of them another source.path"
            )


def surplus(bucket: Any, files: list[Wanted], sizes: dict[str, int]) -> list[str]:
    """Files of an earlier import of this folder that the revision does not have.

    :raises ImportFailedError: when there are files that no import put there: they are not ours to remove
    """
    extra = sorted(_files(sizes).keys() - {file.name for file in files})
    marker = json.loads(bucket.text(marker_of(bucket.prefix)) or "{}").get("files") or {}
    foreign = [name for name in extra if name not in marker and bucket.metadata(name).get("folder") != bucket.prefix]
    if foreign:
        raise ImportFailedError(
            f"folder {bucket.prefix} of the bucket holds {len(foreign)} files that no import put there and that would "
            f"be served with the model: {', '.join(foreign[:_SHOWN])}. Remove them, or give the model another "
            "source.path"
        )
    return extra


def check(bucket: Any, files: list[Wanted]) -> None:
    """The folder must hold exactly the hub's files with their sizes, and all shards that the model's indexes name."""
    sizes = _files(bucket.sizes())
    wrong = [file.name for file in files if sizes.get(file.name) != file.size]
    if wrong:
        raise ImportFailedError(f"not there or of another size after the upload: {', '.join(sorted(wrong)[:_SHOWN])}")
    more = sorted(sizes.keys() - {file.name for file in files})
    if more:
        raise ImportFailedError(f"somebody put files into folder {bucket.prefix} meanwhile: {', '.join(more[:_SHOWN])}")
    for file in files:
        if file.name.endswith(".index.json"):
            folder = file.name.rpartition("/")[0]
            names = json.loads(bucket.text(bucket.prefix + file.name) or "{}").get("weight_map", {}).values()
            missing = sorted({f"{folder}/{name}".lstrip("/") for name in names} - sizes.keys())
            if missing:
                raise ImportFailedError(
                    f"{file.name} names {', '.join(missing[:_SHOWN])}, which source.include or exclude left out"
                )
