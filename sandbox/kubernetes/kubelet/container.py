# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps one container of a Pod: starts its process, probes it, starts it again as the restart policy says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from sandbox.kubernetes.kubelet import images, podspec, volumes
from sandbox.kubernetes.kubelet.context import PodContext
from sandbox.kubernetes.kubelet.door import Door
from sandbox.kubernetes.kubelet.health import Health
from sandbox.kubernetes.kubelet.images import Image, TableError
from sandbox.kubernetes.kubelet.podspec import ConfigError, Sources
from sandbox.kubernetes.kubelet.process import Process, StartError
from sandbox.kubernetes.kubelet.status import Container

Object = dict[str, Any]
RETRY_SECONDS = 2.0
BACKOFF_FIRST, BACKOFF_MOST, BACKOFF_FORGET = 10.0, 300.0, 600.0
MESSAGE_BYTES = 2048


class NotYet(Exception):  # noqa: N818  (no error: the container waits, and the text says what for)
    """The container can't be made now; it stays waiting with a reason and is tried again."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Runner:
    """One container. `publish` is called after each change of its state."""

    def __init__(
        self, context: PodContext, spec: Object, status: Container, policy: str, publish: Callable[[], Awaitable[None]]
    ) -> None:
        self._context, self._spec, self._policy, self._publish = context, spec, policy, publish
        self.status = status

    async def run(self) -> None:
        """Returns when the container ended for good; a container that is always started again never does."""
        delay = 0.0
        while True:
            begun = time.monotonic()
            try:
                code = await self._once()
            except NotYet as reason:
                await self._wait(reason)
                continue
            await self._publish()
            if self._policy == "Never" or (self._policy == "OnFailure" and code == 0):
                return
            if time.monotonic() - begun > BACKOFF_FORGET:
                delay = 0.0
            if delay:  # as a kubelet: the first restart comes at once
                await self._back_off(delay)
            delay = min(max(delay * 2, BACKOFF_FIRST), BACKOFF_MOST)
            self.status.restarts += 1

    async def _wait(self, reason: NotYet) -> None:
        self.status.waiting(reason.reason, str(reason))
        await self._publish()
        await self._context.host.event(self._context.pod, "Failed", str(reason))
        await asyncio.sleep(RETRY_SECONDS)

    async def _back_off(self, delay: float) -> None:
        name, pod = self._spec["name"], f"{self._context.meta['name']}_{self._context.namespace}"
        text = f"back-off {delay:.0f}s restarting failed container={name} pod={pod}({self._context.uid})"
        self.status.waiting("CrashLoopBackOff", text)
        await self._publish()
        await self._context.host.event(self._context.pod, "BackOff", f"Back-off restarting failed container {name}")
        await asyncio.sleep(delay)

    async def _once(self) -> int:
        try:
            image = images.find(self._context.host.table(), self._spec["image"])
        except TableError as error:
            raise NotYet("ErrImagePull", str(error)) from error
        if image is None:
            text = f'Back-off pulling image "{self._spec["image"]}": no entry of the image table matches it'
            raise NotYet("ImagePullBackOff", text)
        if image.does == "run":
            return await self._process(image)
        await self._environment()  # a missing ConfigMap or Secret must hold up these containers, too
        self.status.running()
        if image.does == "ready":
            self.status.ready = self.status.started = True
            await self._publish()
            await asyncio.Event().wait()
        self.status.terminated(0)
        return 0

    async def _environment(self) -> dict[str, str]:
        sources = Sources()
        config_maps, secrets = podspec.needed_sources(self._spec)
        prefix = f"/api/v1/namespaces/{self._context.namespace}"
        for name in config_maps:
            sources.config_maps[name] = await self._context.host.client.find(f"{prefix}/configmaps/{name}")
        for name in secrets:
            sources.secrets[name] = await self._context.host.client.find(f"{prefix}/secrets/{name}")
        try:
            return podspec.environment(self._spec, self._context.pod, self._context.ip, sources)
        except ConfigError as error:
            raise NotYet("CreateContainerConfigError", str(error)) from error

    async def _process(self, image: Image) -> int:
        context, spec = self._context, self._spec
        own = await self._environment()
        mounts = volumes.mounts_of(spec, context.folders)
        labels = context.meta.get("labels") or {}
        values = context.values(spec)
        try:
            preset = {name: images.render(text, values, labels) for name, text in image.env.items()}
            command = [podspec.expand(part, own) for part in spec.get("command") or []]
            args = [podspec.expand(part, own) for part in spec.get("args") or []]
            line = images.command_line(image, command, args, values, labels)
        except TableError as error:
            raise NotYet("ErrImagePull", str(error)) from error
        moved = {name: podspec.move_paths(text, mounts) for name, text in own.items()}
        environment = {**context.base_environment(), **preset, **moved}
        argv = [podspec.move_paths(part, mounts) for part in line]
        try:
            process = await Process.start(argv, environment, context.folder / "home", self._log())
        except StartError as error:
            self.status.terminated(128, "StartError", str(error))
            return 128
        doors = context.doors(spec) if image.behind_door else []
        return await self._watch(process, doors)

    async def _watch(self, process: Process, doors: list[Door]) -> int:
        self._context.processes.add(process)
        self.status.running()
        await self._publish()
        address = self._context.inside if doors else self._context.ip
        health = Health(self._context, self._spec, self.status, self._publish, process, address)
        watching = asyncio.create_task(health.run())
        try:
            await self._open(doors, process)
            code = await process.wait()
        finally:
            for door in doors:
                door.close()
            watching.cancel()
        self._context.processes.discard(process)
        self.status.terminated(code, message=self._last_words(code))
        return code

    async def _open(self, doors: list[Door], process: Process) -> None:
        """Opens the doors; where a port is taken, the process ends, as if it had asked for the port itself."""
        try:
            for door in doors:
                await door.open()
        except OSError as error:
            with self._log().open("a") as out:
                out.write(f"{error.strerror}\n")
            await process.end(0)

    def _log(self) -> Path:
        return self._context.log(self._spec["name"], self.status.restarts)

    def _last_words(self, code: int) -> str:
        log = self._log()
        if code == 0 or self._spec.get("terminationMessagePolicy") != "FallbackToLogsOnError" or not log.exists():
            return ""
        return log.read_bytes()[-MESSAGE_BYTES:].decode(errors="replace")
