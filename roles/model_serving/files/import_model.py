# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies one model from a hub into a bucket, verified, without a local copy; runs in a Job of the cluster.

What is complete is left alone, what was interrupted goes on where it stopped: a file that is already there with the
digest of the hub is skipped, and a connection that breaks is taken up again at the byte where it broke. At the end the
bucket must hold exactly the hub's list, and a marker outside the model's folder says so.

Environment: AWS_S3_ENDPOINT, AWS_S3_BUCKET, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_DEFAULT_REGION, HF_ENDPOINT,
HF_TOKEN (optional), TRUST_FOLDERS (folders with certificates, separated by colons).
"""

from __future__ import annotations

import argparse
import fnmatch
import hashlib
import json
import os
import sys
import tempfile
import urllib.request
from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple

MARKER_FOLDER = ".maas-import/"
PIECE = 8 * 1024 * 1024
ATTEMPTS = 6


class ImportFailedError(Exception):
    """What went wrong, in one sentence for the person who reads the Job's log."""


class Wanted(NamedTuple):
    """A file of the hub: ``digest`` is the sha256 of a large file, else the hub's blob id."""

    name: str
    size: int
    digest: str
    sha256: str | None


def say(text: str) -> None:
    """Writes a line of progress."""
    print(text, flush=True)


def trust(folders: Iterable[str]) -> str:
    """Joins the certificates that Python trusts with those of the folders; returns the path of the bundle.

    The hub, the object store and the cluster's services are signed by different authorities, and each library looks at
    another variable.
    """
    import certifi

    parts = [Path(certifi.where()).read_text()]
    for folder in folders:
        if folder and Path(folder).is_dir():
            parts += [path.read_text() for path in sorted(Path(folder).iterdir()) if path.is_file()]
    bundle = Path(tempfile.mkdtemp()) / "bundle.pem"
    bundle.write_text("\n".join(parts))
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE"):
        os.environ[name] = str(bundle)
    return str(bundle)


def wanted_files(repository: str, revision: str, include: list[str], exclude: list[str]) -> tuple[str, list[Wanted]]:
    """Asks the hub for the commit behind the revision and its files."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError

    hub = HfApi(token=os.environ.get("HF_TOKEN") or False)
    try:
        info = hub.model_info(repository, revision=revision, files_metadata=True)
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        raise ImportFailedError(refusal(repository, revision, status)) from error
    files = []
    for item in info.siblings or []:
        name = item.rfilename
        if include and not any(fnmatch.fnmatch(name, pattern) for pattern in include):
            continue
        if any(fnmatch.fnmatch(name, pattern) for pattern in exclude):
            continue
        sha256 = item.lfs.sha256 if item.lfs else None
        files.append(Wanted(name, int(item.size or 0), str(sha256 or item.blob_id or ""), sha256))
    if not files:
        raise ImportFailedError(f"{repository} at {revision} has no file that source.include and source.exclude leave.")
    return str(info.sha), files


def refusal(repository: str, revision: str, status: int) -> str:
    """The sentence for an answer of the hub."""
    hub = os.environ.get("HF_ENDPOINT", "")
    if status in (401, 403):
        return (
            f"the hub refused {repository} (HTTP {status}): it is gated or private. Set "
            f"model_serving_hugging_face_token to a token with read access whose owner "
            f"accepted its licence at {hub}/{repository}"
        )
    if status == 404:
        return f"the hub {hub} has no {repository} at revision {revision!r} (HTTP 404); correct the source of the model"
    return f"the hub {hub} did not tell about {repository} (HTTP {status})"


class Download:
    """The bytes of one file, read once from front to end; takes up a broken connection where it broke."""

    def __init__(self, pool: Any, repository: str, address: str, size: int) -> None:
        self._pool, self._repository, self._address, self._size = pool, repository, address, size
        self._answer: Any = None
        self._attempts = 0
        self.offset = 0
        self.digest = hashlib.sha256()

    def _open(self) -> None:
        headers = {"Accept-Encoding": "identity"}
        if os.environ.get("HF_TOKEN"):
            headers["Authorization"] = f"Bearer {os.environ['HF_TOKEN']}"
        if self.offset:
            headers["Range"] = f"bytes={self.offset}-"
        self._answer = self._pool.request("GET", self._address, headers=headers, preload_content=False)
        if self._answer.status != (206 if self.offset else 200):
            raise ImportFailedError(f"{refusal(self._repository, '', self._answer.status)} ({self._address})")

    def read(self, amount: int = PIECE) -> bytes:
        """Returns up to that many bytes, and none at the end."""
        import urllib3

        while self.offset < self._size:
            try:
                if self._answer is None:
                    self._open()
                piece: bytes = self._answer.read(amount if amount and amount > 0 else PIECE)
                if not piece:
                    raise urllib3.exceptions.ProtocolError("the connection ended early")
            except (urllib3.exceptions.HTTPError, OSError) as error:
                self._again(error)
                continue
            self._attempts = 0
            self.offset += len(piece)
            self.digest.update(piece)
            return piece
        return b""

    def _again(self, error: Exception) -> None:
        self._attempts += 1
        self._answer = None
        if self._attempts >= ATTEMPTS:
            raise ImportFailedError(
                f"{self._address} broke off {ATTEMPTS} times at byte {self.offset}: {error}"
            ) from error
        say(f"  broke off at byte {self.offset}, going on: {error}")


def http_pool(bundle: str) -> Any:
    """Connections to the hub, through the environment's proxy; the token is dropped on the way to another host."""
    import urllib3

    retries = urllib3.Retry(total=5, backoff_factor=1, status_forcelist=[429, 500, 502, 503, 504], redirect=5)
    proxy = urllib.request.getproxies().get("https")
    if proxy:
        return urllib3.ProxyManager(proxy, ca_certs=bundle, retries=retries, timeout=60)
    return urllib3.PoolManager(ca_certs=bundle, retries=retries, timeout=60)


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

    def sizes(self) -> dict[str, int]:
        """Name within the folder to size."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=self.prefix)
        return {item["Key"][len(self.prefix) :]: item["Size"] for page in pages for item in page.get("Contents", [])}

    def drop_unfinished(self) -> None:
        """Ends uploads that a killed Job left open; they would take up quota unseen."""
        found = self.client.list_multipart_uploads(Bucket=self.name, Prefix=self.prefix)
        for item in found.get("Uploads", []):
            self.client.abort_multipart_upload(Bucket=self.name, Key=item["Key"], UploadId=item["UploadId"])

    def has(self, file: Wanted, sizes: dict[str, int]) -> bool:
        """Is the file there, of that digest? Asks for the object only when its size is right."""
        if sizes.get(file.name) != file.size:
            return False
        head = self.client.head_object(Bucket=self.name, Key=self.prefix + file.name)
        return bool(head.get("Metadata", {}).get("digest") == file.digest)

    def put(self, file: Wanted, source: Download) -> None:
        """Uploads the stream, then compares its digest with the hub's."""
        key, extra = self.prefix + file.name, {"Metadata": {"digest": file.digest}}
        self.client.upload_fileobj(source, self.name, key, ExtraArgs=extra, Config=self._transfer)
        found = source.digest.hexdigest()
        if file.sha256 and found != file.sha256:
            self.client.delete_object(Bucket=self.name, Key=key)
            raise ImportFailedError(f"{file.name}: the hub says sha256 {file.sha256}, what came is {found}")

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


def complete(bucket: Bucket, marker: str, revision: str, files: list[Wanted], sizes: dict[str, int]) -> bool:
    """Does the marker say that exactly these files were verified, and are they still there?"""
    text = bucket.text(marker)
    if text is None:
        return False
    said = json.loads(text)
    listed = {file.name: file.size for file in files}
    return bool(said.get("revision") == revision and said.get("files") == listed and listed.items() <= sizes.items())


def check(bucket: Bucket, files: list[Wanted]) -> None:
    """The bucket must hold all files of the hub with their sizes, and all shards that the model's own index names."""
    sizes = bucket.sizes()
    wrong = [file.name for file in files if sizes.get(file.name) != file.size]
    if wrong:
        raise ImportFailedError(f"not there or of another size after the upload: {', '.join(sorted(wrong)[:5])}")
    for file in files:
        if file.name.endswith(".safetensors.index.json"):
            shards = set(json.loads(bucket.text(bucket.prefix + file.name) or "{}").get("weight_map", {}).values())
            missing = sorted(shards - sizes.keys())
            if missing:
                raise ImportFailedError(
                    f"{file.name} names {', '.join(missing[:5])}, which source.include or exclude left out"
                )


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Imports the model; returns what is told on the last line."""
    from huggingface_hub import hf_hub_url

    bundle = trust(os.environ.get("TRUST_FOLDERS", "").split(":"))
    revision, files = wanted_files(options.repository, options.revision, options.include, options.exclude)
    bucket, marker = Bucket(options.prefix), f"{MARKER_FOLDER}{options.prefix.strip('/')}.json"
    sizes = bucket.sizes()
    told = {"model": options.repository, "revision": revision, "files": len(files), "bytes": sum(f.size for f in files)}
    if complete(bucket, marker, revision, files, sizes):
        return {**told, "copied": 0}
    bucket.drop_unfinished()
    pool, copied = http_pool(bundle), 0
    for number, file in enumerate(files, 1):
        if bucket.has(file, sizes):
            continue
        say(f"[{number}/{len(files)}] {file.name} ({file.size:,} bytes)")
        address = hf_hub_url(options.repository, file.name, revision=revision, endpoint=os.environ.get("HF_ENDPOINT"))
        bucket.put(file, Download(pool, options.repository, address, file.size))
        copied += 1
    check(bucket, files)
    listed = {file.name: file.size for file in files}
    when = datetime.now(timezone.utc).isoformat(timespec="seconds")
    bucket.write(marker, json.dumps({**told, "files": listed, "finished": when}, sort_keys=True))
    return {**told, "copied": copied}


def main() -> int:
    """Parses the command line, imports, tells."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--repository", required=True, help="OWNER/MODEL of the hub")
    parser.add_argument("--revision", default="main", help="branch, tag or commit")
    parser.add_argument("--prefix", required=True, help="folder in the bucket, ends with /")
    parser.add_argument("--include", action="append", default=[], help="pattern of files to copy; all without")
    parser.add_argument("--exclude", action="append", default=[], help="pattern of files to leave out")
    try:
        say(json.dumps(run(parser.parse_args())))
    except ImportFailedError as error:
        say(f"Import failed: {error}")
        return 1
    except (
        Exception
    ) as error:  # libraries of the hub and the store raise their own; the log gets a sentence, not a trace
        places = f"hub {os.environ.get('HF_ENDPOINT')}, store {os.environ.get('AWS_S3_ENDPOINT')}"
        say(f"Import failed: {type(error).__name__}: {error} ({places})")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
