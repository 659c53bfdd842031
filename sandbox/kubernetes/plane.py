# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the four components in order, watches them, ends them in order."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import socket
from pathlib import Path

import httpx

from sandbox.kubernetes import components, counters
from sandbox.kubernetes.automation import ensure_automation
from sandbox.kubernetes.components import Layout
from sandbox.kubernetes.credentials import USERS, ensure_signing_key, ensure_tokens, kubeconfig_text, write_private
from sandbox.kubernetes.dump import dump
from sandbox.kubernetes.rest import Client

READY_SECONDS = 180
# The API server waits for running requests (watches) at its end; nobody needs them any more by then.
STOP_SECONDS = 20
PR_SET_PDEATHSIG = 1  # <sys/prctl.h>
_LIBC = ctypes.CDLL(None)


class StartError(Exception):
    """A component did not come up; the text says which and why."""


class ControlPlane:
    """The running components, youngest last."""

    def __init__(self, program: Path, layout: Layout, counters_port: int) -> None:
        self._program, self._layout, self._counters_port = program, layout, counters_port
        self._children: list[tuple[str, asyncio.subprocess.Process]] = []

    async def start(self, stop: asyncio.Event) -> None:
        """Starts everything; returns when /readyz is ok and the automation's own user exists, or `stop` is set."""
        layout = self._layout
        self._prepare()
        await self._spawn("etcd", components.etcd(self._program, layout))
        await self._spawn("apiserver", components.apiserver(self._program, layout))
        await self._ready(stop)
        if stop.is_set():
            return
        kubeconfig = layout.kubeconfig("sandbox-control-plane")
        counters.serve(counters.Counters(layout.audit_log), self._counters_port, lambda: dump(kubeconfig))
        await self._spawn("controller-manager", components.controllers(self._program, layout))
        await self._spawn("scheduler", components.scheduler(self._program, layout))
        client = Client(kubeconfig)
        try:
            token = await ensure_automation(client)
        finally:
            await client.close()
        text = kubeconfig_text(layout.server, layout.ca, "automation", token)
        write_private(layout.kubeconfig("automation"), text)

    def _prepare(self) -> None:
        layout = self._layout
        _refuse_taken(layout.port)
        layout.state.mkdir(parents=True, exist_ok=True)
        layout.state.chmod(0o700)
        ensure_signing_key(layout.signing_key)
        tokens = ensure_tokens(layout.tokens)
        layout.audit_policy.write_text(components.AUDIT_POLICY)
        layout.audit_log.unlink(missing_ok=True)
        for user in USERS:
            write_private(layout.kubeconfig(user), kubeconfig_text(layout.server, layout.ca, user, tokens[user]))

    async def _spawn(self, name: str, command: list[str]) -> None:
        # A session of its own: Ctrl-C at a terminal must reach only us, since the order of ending matters.
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            env=_environment(),
            preexec_fn=_end_with_parent,
        )
        self._children.append((name, process))

    async def _ready(self, stop: asyncio.Event) -> None:
        deadline = asyncio.get_running_loop().time() + READY_SECONDS
        answer = "no answer"
        while not stop.is_set():
            for name, process in self._children:
                if process.returncode is not None:
                    raise StartError(
                        f"{name} ended with code {process.returncode} before it was ready; see its log above"
                    )
            if self._layout.ca.exists():
                answer = await self._readyz()
                if answer == "ok":
                    return
            if asyncio.get_running_loop().time() > deadline:
                raise StartError(f"{self._layout.server}/readyz is not ok after {READY_SECONDS} s: {answer}")
            await asyncio.sleep(0.1)

    async def _readyz(self) -> str:
        client = Client(self._layout.kubeconfig("sandbox-control-plane"))
        try:
            return str(await client.get("/readyz"))
        except Exception as error:  # noqa: BLE001  (any failure here means: not yet)
            return str(error)
        finally:
            with contextlib.suppress(httpx.HTTPError):
                await client.close()

    async def wait(self, stop: asyncio.Event) -> int:
        """Until `stop` (0) or until a component ends by itself (1)."""
        waits = {asyncio.create_task(process.wait()): name for name, process in self._children}
        stopped = asyncio.create_task(stop.wait())
        done, _pending = await asyncio.wait([*waits, stopped], return_when=asyncio.FIRST_COMPLETED)
        for task in [*waits, stopped]:
            task.cancel()
        if stopped in done:
            return 0
        names = ", ".join(waits[task] for task in done if task in waits)
        print(f"{names} ended by itself; see its log above", flush=True)
        return 1

    async def stop(self) -> None:
        """Youngest first; the API server must be gone before etcd goes and before another takes its port."""
        for name, process in reversed(self._children):
            if process.returncode is None:
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_SECONDS)
            except TimeoutError:
                print(f"{name} did not end within {STOP_SECONDS} s: killed", flush=True)
                process.kill()
                await process.wait()


def _end_with_parent() -> None:
    """In the child: the kernel ends it when we are killed; left behind, it would hold the port and the data."""
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _environment() -> dict[str, str]:
    """Without the proxy variables: everything that these programs talk to is on this machine."""
    return {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise StartError(
                f"port {port} of 127.0.0.1 is taken ({error.strerror}); choose another with --port"
            ) from None
