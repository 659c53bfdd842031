# SPDX-License-Identifier: GPL-3.0-or-later
"""The probes of one running container, over time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.kubernetes.kubelet.context import PodContext
from sandbox.kubernetes.kubelet.podspec import ConfigError
from sandbox.kubernetes.kubelet.process import Process
from sandbox.kubernetes.kubelet.status import Container

Object = dict[str, Any]
# Looking for the first success is quicker than the manifest says: local processes start in a second, and a success
# that comes earlier changes nothing but the waiting time. Failures count only at the manifest's own pace.
QUICK_SECONDS = 0.5


class Health:
    """Sets `started` and `ready` of a container; ends its process when startup or liveness fail.

    It asks at `address`: that of the process itself, since no policy stops a kubelet.
    """

    def __init__(
        self,
        context: PodContext,
        spec: Object,
        status: Container,
        publish: Callable[[], Awaitable[None]],
        process: Process,
        address: str,
    ) -> None:
        self._context, self._spec, self._status = context, spec, status
        self._publish, self._process, self._address = publish, process, address

    async def run(self) -> None:
        """Until cancelled."""
        if (startup := self._spec.get("startupProbe")) and not await self._startup(startup):
            return
        self._status.started = True
        if "readinessProbe" in self._spec:
            await self._publish()  # without one it is ready at once, and said so below
        tasks = [self._readiness()]
        if liveness := self._spec.get("livenessProbe"):
            tasks.append(self._liveness(liveness))
        await asyncio.gather(*tasks)

    async def _ask(self, probe: Object) -> str | None:
        try:
            return await self._context.host.prober.check(probe, self._spec, self._address)
        except ConfigError as error:
            return str(error)

    async def _unhealthy(self, kind: str, problem: str) -> None:
        await self._context.host.event(self._context.pod, "Unhealthy", f"{kind} probe failed: {problem}")

    async def _kill(self, kind: str) -> None:
        text = f"Container {self._spec['name']} failed {kind} probe, will be restarted"
        await self._context.host.event(self._context.pod, "Killing", text)
        await self._process.end(float(self._context.pod["spec"].get("terminationGracePeriodSeconds", 30)))

    async def _startup(self, probe: Object) -> bool:
        patience = float(probe.get("initialDelaySeconds") or 0) + _period(probe) * _failures(probe)
        deadline = time.monotonic() + patience
        while (problem := await self._ask(probe)) is not None:
            if time.monotonic() > deadline:
                await self._unhealthy("Startup", problem)
                await self._kill("startup")
                return False
            await asyncio.sleep(min(_period(probe), QUICK_SECONDS))
        return True

    async def _readiness(self) -> None:
        probe = self._spec.get("readinessProbe")
        if not probe:
            self._status.ready = True
            await self._publish()
            return
        successes = failures = 0
        while True:
            problem = await self._ask(probe)
            if problem is None:
                successes, failures = successes + 1, 0
                if not self._status.ready and successes >= int(probe.get("successThreshold") or 1):
                    self._status.ready = True
                    await self._publish()
            else:
                successes, failures = 0, failures + 1
                if self._status.ready and failures >= _failures(probe):
                    self._status.ready = False
                    await self._publish()
                    await self._unhealthy("Readiness", problem)
            await asyncio.sleep(_period(probe) if self._status.ready else min(_period(probe), QUICK_SECONDS))

    async def _liveness(self, probe: Object) -> None:
        await asyncio.sleep(float(probe.get("initialDelaySeconds") or 0))
        failures = 0
        while failures < _failures(probe):
            await asyncio.sleep(_period(probe))
            problem = await self._ask(probe)
            failures = 0 if problem is None else failures + 1
            if problem is not None:
                await self._unhealthy("Liveness", problem)
        await self._kill("liveness")


def _period(probe: Object) -> float:
    return float(probe.get("periodSeconds") or 10)


def _failures(probe: Object) -> int:
    return int(probe.get("failureThreshold") or 3)
