# SPDX-License-Identifier: GPL-3.0-or-later
"""Copies one model from a hub into a bucket, verified, without a local copy; runs in a Job of the cluster.

What is complete is left alone, what was interrupted goes on where it stopped: a file that is already there with the
digest of the hub is skipped, and a connection that breaks is taken up again at the byte where it broke. At the end the
folder holds exactly the hub's list (what an earlier revision left is removed), and a marker outside of it says so.

Environment: AWS_S3_ENDPOINT, AWS_S3_BUCKET, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_DEFAULT_REGION, HF_ENDPOINT,
HF_TOKEN (optional), TRUST_FOLDERS (folders with certificates, separated by colons), HTTPS_PROXY, NO_PROXY.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from typing import Any

from import_hub import Download, Wanted, Web, trust, wanted_files
from import_store import Bucket, check, complete, marker_of, refuse_nested, surplus
from import_text import ImportFailedError, Progress, clean_environment, say


def copy_all(bucket: Bucket, repository: str, revision: str, files: list[Wanted], at_once: int) -> int:
    """Copies what is missing, several files side by side; returns how many were copied.

    The first file that fails ends the import: those that have not begun are not begun any more.
    """
    from huggingface_hub import hf_hub_url

    sizes, web = bucket.sizes(), Web()
    progress = Progress(len(files), sum(file.size for file in files))

    def copy(file: Wanted) -> int:
        if bucket.has(file, sizes):
            progress.finished(skipped=file.size)
            return 0
        address = hf_hub_url(repository, file.name, revision=revision, endpoint=os.environ.get("HF_ENDPOINT"))
        bucket.put(file, Download(web, repository, address, file, progress.copied))
        progress.finished()
        return 1

    with ThreadPoolExecutor(max_workers=at_once) as pool:
        futures = [pool.submit(copy, file) for file in files]
        try:
            return sum(future.result() for future in futures)
        except BaseException:
            for future in futures:
                future.cancel()
            raise


def run(options: argparse.Namespace) -> dict[str, Any]:
    """Imports the model; returns what is told on the last line."""
    clean_environment()
    trust(os.environ.get("TRUST_FOLDERS", "").split(":"))
    revision, files = wanted_files(options.repository, options.revision, options.include, options.exclude)
    bucket, marker = Bucket(options.prefix), marker_of(options.prefix)
    told = {"model": options.repository, "revision": revision, "files": len(files), "bytes": sum(f.size for f in files)}
    refuse_nested(bucket)
    sizes = bucket.sizes()
    if complete(bucket, marker, revision, files, sizes):
        return {**told, "copied": 0}
    old = surplus(bucket, files, sizes)
    bucket.drop_unfinished()
    copied = copy_all(bucket, options.repository, revision, files, options.at_once)
    bucket.remove(old)
    check(bucket, files)
    listed = {file.name: file.size for file in files}
    when = datetime.now(timezone.utc).isoformat(timespec="seconds")
    bucket.write(marker, json.dumps({**told, "files": listed, "finished": when}, sort_keys=True))
    return {**told, "copied": copied, "removed": len(old)}


def main() -> int:
    """Parses the command line, imports, tells."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--repository", required=True, help="OWNER/MODEL of the hub")
    parser.add_argument("--revision", default="main", help="branch, tag or commit")
    parser.add_argument("--prefix", required=True, help="folder in the bucket, ends with /")
    parser.add_argument("--include", action="append", default=[], help="pattern of files to copy; all without")
    parser.add_argument("--exclude", action="append", default=[], help="pattern of files to leave out")
    parser.add_argument("--at-once", type=int, default=3, help="files that are copied side by side")
    try:
        say(json.dumps(run(parser.parse_args())))
    except ImportFailedError as error:
        say(f"Import failed: {error}")
        return 1
    except Exception as error:  # libraries raise their own; the log gets a sentence, not a trace
        places = f"hub {os.environ.get('HF_ENDPOINT')}, store {os.environ.get('AWS_S3_ENDPOINT')}"
        say(f"Import failed: {type(error).__name__}: {error} ({places})")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
