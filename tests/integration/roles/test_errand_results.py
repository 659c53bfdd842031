# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of errands as objects of a bucket: what is kept, what goes, what is said where it can't be."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from ansible_collections.rhai.maas.plugins.module_utils.errand.bucket import signed
from tests.support.kept import keep_result
from tests.support.playbook import Run
from tests.support.ports import free_port
from tests.support.standin import ROOT
from tests.support.until import until

KEY = "a-key-that-nobody-may-see"


@pytest.fixture(scope="module")
def storage() -> Iterator[str]:
    """The URL of an object storage with the bucket ``results``."""
    port = free_port()
    command = [str(ROOT / "bin" / "sandbox"), "s3", "--port", str(port), "--bucket", "results"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        url = f"http://127.0.0.1:{port}"
        until(lambda: answers(url), "the object storage answers")
        requests.put(f"{url}/results/maas/change-plan/notes.txt", "of somebody else", timeout=10).raise_for_status()
        yield url
        process.terminate()


def answers(url: str) -> bool:
    with contextlib.suppress(requests.ConnectionError):
        return requests.get(f"{url}/_sandbox/counters", timeout=5).status_code == 200
    return False


@pytest.fixture
def keep(storage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the play, which keeps one result."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", storage)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", KEY)

    def run(*options: str, **given: Any) -> Run:
        done = keep_result(tmp_path, *options, **{"errand_keep": "bucket", "errand_keep_bucket": "results", **given})
        assert KEY not in done.output and "X-Amz-Signature" not in done.output
        return done

    return run


def keys(storage: str) -> list[str]:
    """Keys of the bucket."""
    listed = requests.get(f"{storage}/results?list-type=2", timeout=10).text
    return sorted(re.findall("<Key>(.*?)</Key>", listed))


def read(storage: str, key: str) -> str:
    """An object's content."""
    place = {"endpoint": storage, "name": "results", "region": "us-east-1", "access_key": "somebody", "secret_key": KEY}
    answer = requests.get(signed(key, "GET", place, time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())), timeout=10)
    answer.raise_for_status()
    return answer.content.decode()


def test_the_last_results_stay_and_nothing_else_goes(storage: str, keep: Any) -> None:
    for number in (1, 2):
        run = keep("-vvv", round=number)
        assert run.code == 0, run.output[-3000:]
    run = keep("--check", round=3)
    assert run.code == 0, run.output[-3000:]
    folder = "maas/change-plan"
    files = [f"{folder}/TIME/{name}" for name in ("page.html", "summary.json", "usage.json")]
    assert [re.sub("[0-9]{8}-[0-9]{6}", "TIME", key) for key in keys(storage)] == [*files, f"{folder}/notes.txt"]
    held = {key.rpartition("/")[2]: read(storage, key) for key in keys(storage)}
    assert json.loads(held["summary.json"]) == {"round": 2} and held["usage.json"] == "[1, 2]\n"
    assert held["page.html"] == "<p>ä</p>"


def test_what_is_wrong_is_named(keep: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run = keep(round=1, errand_keep_bucket="nosuch")
    told = " ".join(run.output.split())
    assert run.code != 0 and "bucket nosuch, maas/change-plan/" in told and "404" in told, run.output[-3000:]
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    run = keep(round=1)
    assert run.code != 0 and "AWS_SECRET_ACCESS_KEY of the environment" in " ".join(run.output.split())
