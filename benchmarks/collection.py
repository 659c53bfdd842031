# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of the collection's modules through Ansible against a fresh stand-in, each counted there."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks import wanted
from tests.support.modules import COLLECTION
from tests.support.playbook import run_playbook
from tests.support.standin import Standin, running_standin


class Row(NamedTuple):
    """One line of the table. ``calls``, ``writes``: counted at the server; ``goal``: what the design asks for."""

    case: str
    calls: int
    writes: int
    seconds: float
    goal: str
    note: str = ""


class MeasurementError(Exception):
    """A run that was to be counted failed."""


def measure(
    standin: Standin, case: str, goal: str, tasks: list[tuple[str, dict[str, Any]]], check: bool = False
) -> Row:
    """Run the tasks in one play and count what the server saw; ``seconds`` include Ansible's own start."""
    standin.reset_counters()
    connection = {"threescale_url": standin.admin_url, "access_token": standin.token}
    here = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    steps = [{"name": module, f"{COLLECTION}.{module}": {**connection, **arguments}} for module, arguments in tasks]
    play = [{"name": case, "hosts": "localhost", "gather_facts": False, "vars": here, "tasks": steps}]
    with tempfile.TemporaryDirectory() as folder:
        playbook = Path(folder, "play.yml")
        playbook.write_text(json.dumps(play))  # JSON is YAML
        run = run_playbook(Path("localhost,"), str(playbook), *(["--check"] if check else []))
    if run.code:
        raise MeasurementError(f"{case} failed: {run.output[-2000:]}")
    seconds = run.recap["seconds"]
    counted = standin.counters()
    total, writes = int(str(counted["total"])), int(str(counted["writes"]))
    return Row(case, total, writes, round(seconds, 1), goal, _lists(counted))


def _lists(counted: dict[str, Any]) -> str:
    """How many of the calls were lists of the whole tenant: no number stands in their path."""
    paths: dict[str, int] = counted["by_path"]
    lists = sum(n for path, n in paths.items() if path.startswith("GET ") and not any(map(str.isdigit, path)))
    return f"{lists} tenant-wide lists"


def import_tasks(count: int) -> list[tuple[str, dict[str, Any]]]:
    """The tasks that keep so many models."""
    names = [f"model-{number}" for number in range(count)]
    return [
        ("threescale_backend", {"backends": [wanted.backend(name) for name in names]}),
        ("threescale_product", {"products": [wanted.product(name) for name in names]}),
        ("threescale_active_doc", {"active_docs": [wanted.document(name) for name in names]}),
    ]


def models(count: int, first_goal: str, unchanged_goal: str, latency: float = 0) -> Iterator[Row]:
    """First import, unchanged run and check mode of so many models. ``latency``: milliseconds added to each answer."""
    with running_standin() as standin:
        if latency:
            standin.faults({"match": {"path": "/admin"}, "do": "latency", "ms": latency, "times": 1_000_000})
        suffix = f", {latency:.0f} ms a call" if latency else ""
        name = f"{count} model{'s' if count > 1 else ''}"
        tasks = import_tasks(count)
        if not latency:
            yield measure(standin, f"{name}, check on empty", "0 writes", tasks[:1], check=True)
        yield measure(standin, f"{name}, first import{suffix}", first_goal, tasks)
        yield measure(standin, f"{name}, unchanged{suffix}", unchanged_goal, tasks)
        yield measure(standin, f"{name}, check{suffix}", "as unchanged, 0 writes", tasks, check=True)


def portal(pages: int = 60) -> Iterator[Row]:
    """A portal of so many pages: made, unchanged, one page changed."""
    with running_standin() as standin:
        address = {"portal_url": standin.portal_url}
        for case, content, goal in (
            (f"portal of {pages}, first", wanted.portal(pages), f"{2 * pages} writes"),
            (f"portal of {pages}, unchanged", wanted.portal(pages), "0 writes"),
            (f"portal of {pages}, one changed", wanted.portal(pages, changed=True), "1 change (draft, publish)"),
        ):
            yield measure(standin, case, goal, [("threescale_portal", {"content": content, **address})])


def rows() -> Iterator[Row]:
    """Every measurement, in the design's order."""
    yield from models(1, f"<= {2 * wanted.ENDPOINTS + 25} calls", "<= 8 lists, <= 7 + 2 per plan below, 0 writes")
    yield from models(16, "< 600 calls", "< 150 calls, 0 writes")
    yield from models(16, "< 600 calls, < 45 s", "< 150 calls, < 5 s", latency=150)
    yield from portal()
