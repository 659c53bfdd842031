# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast the stand-in is, so that a measurement of the collection is not one of the stand-in."""

from __future__ import annotations

import concurrent.futures
import http.client
import secrets
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.collection import Row
from tests.support.standin import Standin, running_standin

CLIENTS = 4
SECONDS = 5.0
SIZE = "products=1000,accounts=20000,applications=40000"


def _ask(standin: Standin, path: str, until: float) -> int:
    """One client on one connection; how many answers it got."""
    address = urlsplit(standin.url)
    connection = http.client.HTTPConnection(address.hostname or "127.0.0.1", address.port or 80, timeout=30)
    headers = {"Host": f"{standin.tenant}-admin.{standin.superdomain}"}
    done = 0
    while time.monotonic() < until:
        connection.request("GET", f"{path}?access_token={standin.token}", headers=headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"GET {path} answered {answer.status}")
        done += 1
    return done


def rate() -> Row:
    """Answers a second to ``GET services/ID.json``, four clients together."""
    with running_standin() as standin:
        product = min(_ids(standin))
        until = time.monotonic() + SECONDS
        path = f"/admin/api/services/{product}.json"
        with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
            done = sum(pool.map(lambda _n: _ask(standin, path, until), range(CLIENTS)))
        return Row(
            "stand-in: GET services/ID, 4 clients", done, 0, SECONDS, ">= 300 a second", f"{done / SECONDS:.0f}/s"
        )


def _ids(standin: Standin) -> list[int]:
    import requests

    answer = requests.get(f"{standin.admin_url}/admin/api/services.json", auth=("", standin.token), timeout=30)
    return [item["service"]["id"] for item in answer.json()["services"]]


def large_state() -> Iterator[Row]:
    """A state file of 1,000 products, 20,000 accounts and 40,000 applications: made, opened, a page of each list."""
    tokens = secrets.token_hex(32), secrets.token_hex(32)
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder, "state.sqlite")
        started = time.monotonic()
        with running_standin("--state", str(state), "--fill", SIZE, tokens=tokens):
            made = round(time.monotonic() - started, 1)
        yield Row("stand-in: large state made", 0, 0, made, "< 60 s with opening", f"{state.stat().st_size >> 20} MiB")
        started = time.monotonic()
        with running_standin("--state", str(state), tokens=tokens) as standin:
            opened = round(time.monotonic() - started, 1)
            yield Row("stand-in: large state opened", 0, 0, opened, "< 60 s with making")
            for name in ("services", "accounts", "applications"):
                yield _page(standin, name)


def _page(standin: Standin, name: str) -> Row:
    import requests

    url = f"{standin.admin_url}/admin/api/{name}.json?page=2"
    times = []
    for _try in range(5):
        started = time.monotonic()
        answer = requests.get(url, auth=("", standin.token), timeout=60)
        times.append(time.monotonic() - started)
        rows = len(answer.json()[name])
    median = sorted(times)[2]
    return Row(f"stand-in: page of {name}", 5, 0, round(median, 3), "< 0.1 s", f"{rows} rows, median of 5")


def rows() -> Iterator[Row]:
    """Both measurements."""
    yield rate()
    yield from large_state()
