# SPDX-License-Identifier: GPL-3.0-or-later
"""The import script as its Job runs it: a real hub client, a real store client, the sandbox's hub and S3."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from sandbox.common.launch import REPO, free_port, running

SCRIPT = REPO / "roles" / "model_serving" / "files" / "import_model.py"
TOKEN = "hf_sandbox"
FIRST = {"config.json": b"{}", "model.safetensors": b"1" * 3_000_000, "original/weights.pth": b"2", "old.bin": b"3"}
SECOND = {"config.json": b'{"v": 2}', "model.safetensors": b"1" * 3_000_000, "new.bin": b"4"}


class House:
    """A store, and hubs that have one revision each."""

    def __init__(self, folder: Path, store: str, hubs: dict[str, str]) -> None:
        self.folder, self.store, self.hubs = folder, store, hubs
        keys = {"aws_access_key_id": "a", "aws_secret_access_key": "secret-of-the-store", "region_name": "us-east-1"}
        path_style = Config(s3={"addressing_style": "path"})
        self.client: Any = boto3.client("s3", endpoint_url=store, config=path_style, **keys)

    def names(self, prefix: str) -> list[str]:
        """Files of a folder in the bucket."""
        found = self.client.list_objects_v2(Bucket="models", Prefix=prefix).get("Contents", [])
        return sorted(item["Key"][len(prefix) :] for item in found)

    def run(self, hub: str, prefix: str, *options: str, repository: str = "team/model", **more: str) -> dict[str, Any]:
        """The script's last line, or ``{"failed": text}``."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "HF_HOME": str(self.folder / "hf"),
            "HF_ENDPOINT": self.hubs[hub],
            "AWS_S3_ENDPOINT": self.store.replace("127.0.0.1", "localhost"),
            "AWS_S3_BUCKET": "models",
            "AWS_ACCESS_KEY_ID": "a",
            "AWS_SECRET_ACCESS_KEY": "secret-of-the-store",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
            **more,
        }
        command = [sys.executable, str(SCRIPT), f"--repository={repository}", f"--prefix={prefix}", *options]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert "Traceback" not in done.stdout + done.stderr
        last: str = done.stdout.strip().splitlines()[-1]
        result: dict[str, Any] = json.loads(last) if done.returncode == 0 else {"failed": last}
        return {**result, "said": done.stdout + done.stderr}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("import")
    store = f"http://127.0.0.1:{free_port()}"
    hubs = {name: f"http://127.0.0.1:{free_port()}" for name in ("first", "second")}
    for name, files in (("first", FIRST), ("second", SECOND)):
        for file, content in files.items():
            path = folder / name / "team" / "model" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def hub(name: str) -> Any:
        arguments = ["--port", hubs[name].rpartition(":")[2], "--repos", str(folder / name)]
        return running("sandbox.hub", arguments, hubs[name] + "/_sandbox/health", folder / f"{name}.log")

    s3 = ["--port", store.rpartition(":")[2], "--bucket", "models"]
    with (
        hub("first"),
        hub("second"),
        running("sandbox.s3", s3, store + "/_sandbox/counters", folder / "s3.log"),
    ):
        yield House(folder, store, hubs)


def test_a_second_revision_leaves_nothing_of_the_first(house: House) -> None:
    first = house.run("first", "team/model/", "--exclude=original/")
    assert (first["files"], first["copied"]) == (3, 3), first
    assert house.names("team/model/") == ["config.json", "model.safetensors", "old.bin"]
    assert "3/3 files, 3.0 MB of 3.0 MB" in first["said"]
    again = house.run("first", "team/model/", "--exclude=original/")
    assert again["copied"] == 0
    second = house.run("second", "team/model/")
    assert (second["copied"], second["removed"]) == (2, 1), second
    assert house.names("team/model/") == sorted(SECOND)
    content = house.client.get_object(Bucket="models", Key="team/model/config.json")["Body"].read()
    assert content == SECOND["config.json"]


def test_what_no_import_put_there_is_not_removed_and_not_served(house: House) -> None:
    house.client.put_object(Bucket="models", Key="mine/notes.txt", Body=b"x")
    refused = house.run("first", "mine/")
    assert "no import put there" in refused["failed"] and "notes.txt" in refused["failed"]
    assert house.names("mine/") == ["notes.txt"]
    assert house.run("first", "outer/")["copied"] == 4
    assert "lie within each other" in house.run("second", "outer/inner/")["failed"]
    assert house.names("outer/inner/") == []


def test_a_token_with_a_line_end_works_and_is_never_printed(house: House) -> None:
    gated = "mistralai/Mistral-7B-Instruct-v0.3"
    done = house.run("first", "gated/", "--exclude=consolidated*", repository=gated, HF_TOKEN=f"{TOKEN}\n")
    assert done.get("copied", 0) > 5, done
    refused = house.run("first", "gated-2/", repository=gated, HF_TOKEN="hf_wrong_token\n")
    assert "HTTP 401" in refused["failed"] and "model_serving_hugging_face_token" in refused["failed"]
    assert "hf_wrong_token" not in refused["said"] and TOKEN not in done["said"]


class Proxy(BaseHTTPRequestHandler):
    """A forward proxy that wants a user and a password."""

    wanted = "Basic " + base64.b64encode(b"me:p@ss:word").decode()
    seen: list[str] = []

    def do_GET(self) -> None:
        self.seen.append(self.path)
        if self.headers.get("Proxy-Authorization") != self.wanted:
            self.send_response(407)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        headers = {k: v for k, v in self.headers.items() if not k.lower().startswith(("proxy", "connection"))}
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(urllib.request.Request(self.path, headers=headers)) as answer:
            body = answer.read()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                    self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Says nothing."""


def test_a_proxy_with_user_and_password_and_who_goes_past_it(house: House) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{server.server_address[1]}"
    try:
        proxy = {"HTTP_PROXY": f"http://me:p%40ss%3Aword@{address}", "NO_PROXY": "localhost"}
        done = house.run("first", "proxied/", **proxy)
        assert done.get("copied") == 4, done
        assert any("/resolve/" in path for path in Proxy.seen)
        assert not any("localhost" in path for path in Proxy.seen), "the store is asked past the proxy"
        Proxy.seen.clear()
        assert house.run("first", "past/", **{**proxy, "NO_PROXY": "localhost,127.0.0.1"})["copied"] == 4
        assert Proxy.seen == []
        refused = house.run("first", "refused/", HTTP_PROXY=f"http://me:wrong-word@{address}", NO_PROXY="localhost")
        assert "407" in refused["failed"] and "wrong-word" not in refused["said"]
    finally:
        server.shutdown()
