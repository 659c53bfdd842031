# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs the controllers: kopf watches, a queue calls ``reconcile`` for each object, one call at a time for each."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import httpx
import kopf

from sandbox.kubernetes.rest import ApiError
from sandbox.operators.config import Config
from sandbox.operators.kube import Key, Kube, Object, Resource, key_of

log = logging.getLogger("operators")
RETRY = (0.5, 15.0)  # seconds: first, longest
AT_ONCE = 8


class Wait(Exception):  # noqa: N818 - not an error: something is not there yet
    """Look again in some seconds; the text says what is waited for."""

    def __init__(self, message: str, seconds: float = 1.0) -> None:
        super().__init__(message)
        self.seconds = seconds


Mapper = Callable[[Object], Iterable[Key]]


def own_key(body: Object) -> Iterable[Key]:
    """An object wakes the controller for itself."""
    return [key_of(body)]


def owner_key(kind: str) -> Mapper:
    """An object wakes the controller for its owner of this kind."""

    def mapper(body: Object) -> Iterable[Key]:
        meta = body["metadata"]
        for reference in meta.get("ownerReferences") or []:
            if reference.get("kind") == kind:
                yield Key(meta.get("namespace") or "", reference["name"])

    return mapper


def namespace_key(body: Object) -> Iterable[Key]:
    """An object wakes the controller for its namespace."""
    return [Key("", body["metadata"].get("namespace") or body["metadata"]["name"])]


@dataclass(frozen=True)
class Watch:
    """Which objects wake a controller, and for which keys."""

    resource: Resource
    mapper: Mapper = own_key


class Controller:
    """One operator's loop. ``reconcile`` gives the seconds after which it wants to look again, None for never."""

    name = ""
    watches: tuple[Watch, ...] = ()

    def __init__(self, kube: Kube, config: Config) -> None:
        self.kube, self.config = kube, config

    async def reconcile(self, key: Key) -> float | None:
        """Do the next step for one key."""
        raise NotImplementedError


class Queue:
    """Calls a controller for the keys that were added: soon, once each, again when added meanwhile."""

    def __init__(self) -> None:
        self._tasks: dict[tuple[str, Key], asyncio.Task[None]] = {}
        self._again: set[tuple[str, Key]] = set()
        self._wake: dict[tuple[str, Key], asyncio.Event] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)

    def add(self, controller: Controller, key: Key) -> None:
        """Look at this key."""
        ident = (controller.name, key)
        if ident in self._tasks:
            self._again.add(ident)
            if event := self._wake.get(ident):
                event.set()
            return
        self._tasks[ident] = asyncio.create_task(self._run(controller, key, ident))

    async def _run(self, controller: Controller, key: Key, ident: tuple[str, Key]) -> None:
        failures = 0
        try:
            while True:
                self._again.discard(ident)
                async with self._slots:
                    after, failures = await self._once(controller, key, failures)
                if ident in self._again:
                    continue
                if after is None:
                    return
                event = self._wake[ident] = asyncio.Event()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(event.wait(), after)
                self._wake.pop(ident, None)
        finally:
            self._tasks.pop(ident, None)

    async def _once(self, controller: Controller, key: Key, failures: int) -> tuple[float | None, int]:
        where = f"{controller.name} {key.namespace}/{key.name}".replace(" /", " ")
        try:
            return await controller.reconcile(key), 0
        except Wait as wait:
            log.debug("%s: waits: %s", where, wait)
            return wait.seconds, 0
        except ApiError as error:
            # A conflict or a namespace that is going away is everyday life; the next look sees the new state.
            usual = error.status in (404, 409) or "is being terminated" in error.message
            level = logging.DEBUG if usual else logging.WARNING
            log.log(level, "%s: %s", where, error)
        except (httpx.HTTPError, OSError) as error:
            log.warning("%s: %r", where, error)
        except Exception:
            log.exception("%s", where)
        return min(RETRY[1], RETRY[0] * 2**failures), min(failures + 1, 10)

    async def close(self) -> None:
        """End all calls."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _handler(queue: Queue, controller: Controller, watch: Watch) -> Callable[..., Any]:
    async def seen(body: kopf.Body, **_: Any) -> None:
        for key in watch.mapper(dict(body)):
            queue.add(controller, key)

    return seen


def registry(queue: Queue, controllers: Iterable[Controller], login: kopf.ConnectionInfo) -> kopf.OperatorRegistry:
    """kopf's registry with one event handler for each thing that a controller watches."""
    found = kopf.OperatorRegistry()

    @kopf.on.login(registry=found)
    def log_in(**_: Any) -> kopf.ConnectionInfo:
        return login

    @kopf.on.startup(registry=found)
    def configure(settings: kopf.OperatorSettings, **_: Any) -> None:
        settings.posting.enabled = False
        settings.networking.error_backoffs = [0.5, 1, 2, 4]
        settings.watching.server_timeout = 600

    for controller in controllers:
        for number, watch in enumerate(controller.watches):
            group, _, version = watch.resource.api_version.rpartition("/")
            kopf.on.event(
                group,
                version,
                watch.resource.plural,
                id=f"{controller.name}-{number}".replace(" ", "-"),
                registry=found,
            )(_handler(queue, controller, watch))
    return found


async def run(
    controllers: list[Controller], login: kopf.ConnectionInfo, stop: asyncio.Event, ready: asyncio.Event
) -> None:
    """Watch and reconcile until ``stop``; ``ready`` is set when kopf has started."""
    queue = Queue()
    try:
        await kopf.operator(
            registry=registry(queue, controllers, login),
            standalone=True,
            clusterwide=True,
            stop_flag=stop,
            ready_flag=ready,
        )
    finally:
        await queue.close()
