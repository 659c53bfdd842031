# SPDX-License-Identifier: GPL-3.0-or-later
"""``make bench-gateway``: print a table and leave it in build/bench-gateway.json. Nothing here is a test.

Other policies can be measured beside ours: ``--beside FOLDER``, laid out NAME/VERSION/init.lua as APIcast's, each as a
chain of its own with an empty configuration; ``--lua-path FOLDER`` for modules that they require of APIcast.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from benchmarks.policies import client, neighbours
from tests.sandbox.gateway.conftest import SHIPPED, start, wait_until_ready
from tests.sandbox.gateway.fakes import product
from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = "apps.example.com"
CHAINS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "no policy": [],
    "remove-bearer": [("remove-bearer", {})],
    "api-key, llm-usage": [("api-key", {}), ("llm-usage", {})],
    "the same, no report": [
        ("api-key", {}),
        ("llm-usage", {"metrics": dict.fromkeys(("total", "prompt", "completion", "cached", "estimated"), "")}),
    ],
    "all four": [
        ("openai-errors", {}),
        ("api-key", {}),
        ("llm-router", {"models": [{"name": "granite", "path": "/granite"}]}),
        ("llm-usage", {}),
    ],
}
EVENTS = 1_000_000
ROUNDS = 5
KEYS = 400


def host_of(chain: str) -> str:
    """The host that serves a chain's product."""
    return f"p{list(CHAINS).index(chain)}-production.{DOMAIN}"


def version_of(policy: str) -> str:
    """Another's policy names its version itself, NAME/VERSION; ours are of one version each."""
    if "/" in policy:
        return policy.split("/")[1]
    return "0.1" if policy == "remove-bearer" else "1.0"


def products(model: str) -> dict[str, dict[str, Any]]:
    """One product for each chain. The router's backend lies at a path, which 3scale's routing takes off again."""
    made = {}
    for number, chain in enumerate(CHAINS.values()):
        entries = [
            {"name": name.split("/")[0], "version": version_of(name), "configuration": told} for name, told in chain
        ]
        condition = {"operations": [{"match": "path", "op": "matches", "value": "^/granite/"}]}
        rule = {"url": model, "condition": condition, "replace_path": "{{uri | remove_first: '/granite'}}"}
        if any(name == "llm-router" for name, _configuration in chain):
            entries.append({"name": "routing", "version": "builtin", "configuration": {"rules": [rule]}})
        entries.append({"name": "apicast", "version": "builtin", "configuration": {}})
        content = product(
            model,
            f"p{number}",
            credentials_location="headers",
            auth_user_key="Authorization",
            rules=[("POST", "/", "hits")],
            policy_chain=entries,
        )
        made[f"p{number}-production.{DOMAIN}"] = content
    return made


def policies_in(folder: Path, beside: Path | None) -> Path:
    """Our policies, and others that are measured beside them."""
    shutil.copytree(SHIPPED, folder)
    if beside is not None:
        shutil.copytree(beside, folder, dirs_exist_ok=True)
    return folder


@contextmanager
def running(
    beside_ours: Path | None = None, lua_path: Sequence[Path] = ()
) -> Iterator[tuple[int, int, subprocess.Popen[bytes]]]:
    """(port of the gateway, port of its neighbours, the gateway's process)."""
    with tempfile.TemporaryDirectory() as folder:
        port, beside, log = free_port(), free_port(), Path(folder) / "log"
        url = f"http://127.0.0.1:{beside}"
        other = neighbours.start(Path(folder) / "beside", beside, products(url))
        gateway = start(
            log,
            *("--port", str(port), "--admin-url", url, "--admin-host", f"maas-admin.{DOMAIN}"),
            *("--backend-url", url, "--backend-host", f"backend.{DOMAIN}", "--production-cache", "3600"),
            *("--policies", str(policies_in(Path(folder) / "policies", beside_ours))),
            *("--state", str(Path(folder) / "gateway")),
            *(option for module_folder in lua_path for option in ("--lua-path", str(module_folder))),
        )
        try:
            wait_until_ready(port, gateway, log)
            yield port, beside, gateway
        finally:
            for process in (gateway, other):
                process.terminate()
                process.wait(10)


def worker_of(process: subprocess.Popen[bytes]) -> int:
    """The pid of nginx's worker, which is a child of nginx, which is a child of the part's process."""
    pid = process.pid
    for _generation in range(2):
        pid = int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
    return pid


def resident(pid: int) -> int:
    """Memory of a process in KiB."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1])


def under_load(port: int, pid: int, chain: str, keys: int) -> tuple[float, float]:
    """Requests a second over eight connections, and the gateway's processor time for one in microseconds.

    keys: how many take turns; a report is gathered for a key with many calls, and sent for each call of the others.
    """
    done = threading.Event()
    counts = [0] * 8

    def ask(index: int) -> None:
        with client.Connection(port, host_of(chain)) as connection:
            while not done.is_set():
                connection.ask("small", f"KEY{(counts[index] * 8 + index) % keys}")
                counts[index] += 1

    threads = [threading.Thread(target=ask, args=(index,)) for index in range(len(counts))]
    spent, began = processor(pid), time.perf_counter()
    for thread in threads:
        thread.start()
    time.sleep(2)
    done.set()
    for thread in threads:
        thread.join()
    answered = sum(counts)
    return answered / (time.perf_counter() - began), (processor(pid) - spent) * 1000 / answered


def processor(pid: int) -> float:
    """Milliseconds of processor time that a process has had: what others do on the machine does not show in it."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e6


def answers(port: int, pid: int, chain: str, kind: str, times: int) -> tuple[float, float]:
    """Median milliseconds of an answer, and the gateway's processor time for one."""
    with client.Connection(port, host_of(chain)) as connection:
        for _warm in range(times // 3):
            connection.ask(kind)
        before = processor(pid)
        latency = statistics.median(connection.timed(kind) for _ in range(times)) * 1000
    return latency, (processor(pid) - before) / times


def stream(port: int, pid: int, chain: str) -> tuple[float, int]:
    """Microseconds of processor time for each of a million events, and how much the memory grew in KiB."""
    client.once(port, host_of(chain), "events:100000")
    before, began = resident(pid), processor(pid)
    client.once(port, host_of(chain), f"events:{EVENTS}")
    return (processor(pid) - began) * 1000 / EVENTS, resident(pid) - before


def in_turns(
    measure: Callable[[str], tuple[float, ...]], *best: Callable[[Iterable[float]], float]
) -> list[dict[str, float]]:
    """By chain, for each figure: the best of rounds that take turns, so that what else happens falls on all alike."""
    rounds = [{chain: measure(chain) for chain in CHAINS} for _ in range(ROUNDS)]
    return [{chain: take(one[chain][n] for one in rounds) for chain in CHAINS} for n, take in enumerate(best)]


Row = tuple[str, str, dict[str, float]]


def of_answers(port: int, pid: int) -> Iterator[Row]:
    """Latency and processor time of whole answers."""
    for size, kind, times in (("small", "small", 300), ("1 MB", "mega", 60)):
        latency, cost = in_turns(lambda chain, kind=kind, times=times: answers(port, pid, chain, kind, times), min, min)  # type: ignore[misc]
        yield f"{size} answer, from request to end", "ms", latency
        yield f"{size} answer, processor", "ms", cost


def of_streams(port: int, pid: int) -> Iterator[Row]:
    """A stream of a million events."""
    found = {chain: stream(port, pid, chain) for chain in CHAINS}
    yield "an event of a stream, processor", "µs", {chain: cost for chain, (cost, _) in found.items()}
    yield "memory that a million events take", "KiB", {chain: grown for chain, (_, grown) in found.items()}


def of_readers(beside: int) -> Iterator[Row]:
    """The policy's own code, without a gateway around it: processor time."""
    url = f"http://127.0.0.1:{beside}"
    for name, query in (("reading one event", ""), ("reading one event, usage hidden", "&hiding=1")):
        found = httpx.get(f"{url}/events?events={EVENTS}{query}", timeout=120).json()
        yield name, "µs", {"llm-usage": found["microseconds"]}
    for kind in ("prose", "quotes", "embedding"):
        found = httpx.get(f"{url}/objects?kind={kind}&times=200", timeout=120).json()
        yield f"reading 1 MB of JSON, {kind}", "ms", {"llm-usage": found["milliseconds"]}


def rows(port: int, beside: int, pid: int) -> Iterator[Row]:
    """(what, unit, figures by chain)."""
    yield from of_answers(port, pid)
    for keys in (1, KEYS):
        rates, costs = in_turns(lambda chain, keys=keys: under_load(port, pid, chain, keys), max, min)  # type: ignore[misc]
        yield f"requests a second over eight connections, keys: {keys}", "1/s", rates
        yield "one of these requests, processor", "µs", costs
    yield from of_streams(port, pid)
    yield from of_readers(beside)
    counted = httpx.get(f"http://127.0.0.1:{beside}/counted").json()
    yield "calls of the Admin API, all in all", "", {"all": counted["admin"]}


def arguments() -> argparse.Namespace:
    """What the command line says; other policies become chains."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.policies")
    parser.add_argument("--beside", type=Path, help="folder of other policies, NAME/VERSION/init.lua")
    parser.add_argument("--lua-path", type=Path, action="append", default=[], help="folder of APIcast's modules")
    given = parser.parse_args()
    for folder in sorted(given.beside.glob("*/*")) if given.beside else ():
        name = f"{folder.parent.name}/{folder.name}"
        CHAINS[name] = [(name, {})]
    return given


def main() -> int:
    """Always 0: a figure is not a verdict."""
    found, given = [], arguments()
    with running(given.beside, given.lua_path) as (port, beside, process):
        for what, unit, figures in rows(port, beside, worker_of(process)):
            print(f"{what} {unit and f'({unit})'}", flush=True)
            for chain, figure in figures.items():
                print(f"  {chain:<22}{figure:>14,.3f}", flush=True)
            found.append({"what": what, "unit": unit, "figures": figures})
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    (build / "bench-gateway.json").write_text(json.dumps(found, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
