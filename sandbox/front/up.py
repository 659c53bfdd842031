# SPDX-License-Identifier: GPL-3.0-or-later
"""`up`: prepares, starts each part as soon as what it needs is ready, waits until all are."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.front import after, authority, documents, processes
from sandbox.front import settings as settings_module
from sandbox.front.after import AfterError
from sandbox.front.parts import Context, Part
from sandbox.front.prepare import Preparation, PrepareError
from sandbox.front.progress import Progress
from sandbox.front.settings import Settings, SettingsError
from sandbox.front.table import PARTS, chosen

READY_SECONDS = 300.0
TICK_SECONDS = 0.1


class UpError(Exception):
    """The sandbox does not come up; the text says which part, why, and what to do."""


@dataclass(frozen=True)
class Wish:
    """What `up` was asked for; None means: as last time, else the default."""

    parts: list[str]
    public_port: int | None = None
    superdomain: str | None = None
    crds: Path | None = None
    sso_generation: str | None = None


@dataclass
class _Start:
    """One part on its way: waiting, started, ready; `work` is what has to be done after its first readiness."""

    part: Part
    since: float = 0.0
    running: processes.Running | None = None
    work: Future[None] | None = None
    ready: bool = False


@dataclass
class _Run:
    context: Context
    progress: Progress
    starts: dict[str, _Start]
    begun: list[str] = field(default_factory=list)


def settle(state: Path, wish: Wish) -> tuple[Settings, list[str]]:
    """The settings for this start and the parts to start. Raises SettingsError, KeyError."""
    settings = settings_module.load(state)
    running = [part for part in processes.started_parts(state) if processes.find(state, part)]
    for name, value in (("superdomain", wish.superdomain), ("sso_generation", wish.sso_generation)):
        if value is not None and value != getattr(settings, name):
            if running:
                raise SettingsError(
                    f"the sandbox runs with {name.replace('_', ' ')} {getattr(settings, name)}; "
                    f"run bin/sandbox down before it can have {value}"
                )
            setattr(settings, name, value)
    if wish.crds is not None:
        settings.crds = str(wish.crds.resolve())
    parts = [part for part in chosen(wish.parts, settings.sso_generation) if part not in running]
    settings_module.fill_secrets(settings)
    settings_module.choose_ports(settings, [port for part in parts for port in PARTS[part].ports])
    known = (state / "settings.json").exists()
    if "router" not in running and (not known or "router" in parts or wish.public_port is not None):
        before = settings.public_port if known else None
        settings.public_port = settings_module.choose_public_port(wish.public_port, before)
    elif wish.public_port not in (None, settings.public_port):
        raise SettingsError(f"the router runs on port {settings.public_port}; run bin/sandbox down first")
    return settings, parts


def up(state: Path, wish: Wish, facts: Path, progress: Progress) -> Context:
    """Starts what does not run yet; when a part fails, ends what this call started. Raises UpError."""
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        settings, parts = settle(state, wish)
    except SettingsError as error:
        raise UpError(str(error)) from error
    settings_module.save(state, settings)
    context = Context(state, settings)
    authority.ensure(context)
    documents.write_inputs(context)
    run = _Run(context, progress, {name: _Start(PARTS[name]) for name in parts})
    preparation = Preparation(state, parts, settings.superdomain, progress)
    try:
        with ThreadPoolExecutor(max_workers=8) as pool:
            _loop(run, preparation, lambda part: pool.submit(after.work, part, context))
    except (PrepareError, AfterError) as error:
        _undo(run)
        raise UpError(str(error)) from error
    except BaseException:
        _undo(run)
        raise
    finally:
        preparation.close()
        progress.close()
    documents.write_outputs(context, facts)
    return context


def prepare(state: Path, parts: list[str], superdomain: str, progress: Progress) -> None:
    """Only what `up` does before it starts anything. Raises UpError."""
    preparation = Preparation(state, parts, superdomain, progress)
    try:
        while not all(preparation.is_done(part) for part in parts):
            progress.tick()
            time.sleep(TICK_SECONDS)
    except PrepareError as error:
        raise UpError(str(error)) from error
    finally:
        preparation.close()
        progress.close()


def _undo(run: _Run) -> None:
    processes.end(run.context.state, list(reversed(run.begun)))


def _loop(run: _Run, preparation: Preparation, work: Callable[[str], Future[None]]) -> None:
    while not all(start.ready for start in run.starts.values()):
        for start in run.starts.values():
            if start.running is None:
                _begin(run, start, preparation)
            elif not start.ready:
                _look(run, start, work)
        run.progress.tick()
        time.sleep(TICK_SECONDS)


def _begin(run: _Run, start: _Start, preparation: Preparation) -> None:
    part = start.part
    waits = any(need in run.starts and not run.starts[need].ready for need in part.needs)
    if waits or not preparation.is_done(part.name):
        return
    environment = part.environment(run.context)
    start.running = processes.start(run.context.state, part.name, part.command(run.context), environment)
    start.since = time.monotonic()
    run.begun.append(part.name)
    run.progress.begin(part.name, part.estimate)


def _look(run: _Run, start: _Start, work: Callable[[str], Future[None]]) -> None:
    part, running = start.part, start.running
    assert running is not None
    code = processes.reap(running.pid)
    if code is not None or not running.alive:
        words = processes.last_words(run.context.state, part.name)
        raise UpError(f"{part.name} ended with code {code} before it was ready. Its last lines:\n  {words}")
    if start.work is None and part.ready(run.context):
        start.work = work(part.name)
    if start.work is not None and start.work.done():
        start.work.result()
        start.ready = True
        run.progress.done(part.name)
    elif time.monotonic() - start.since > READY_SECONDS:
        log = processes.log_file(run.context.state, part.name)
        raise UpError(f"{part.name} is not ready after {READY_SECONDS:.0f} s; its log: {log}")
