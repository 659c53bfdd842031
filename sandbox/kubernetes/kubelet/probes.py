# SPDX-License-Identifier: GPL-3.0-or-later
"""Readiness, startup and liveness probes of a container: HTTP and TCP on the Pod's own address."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import Any

import httpx

from sandbox.kubernetes.kubelet.podspec import port_number

Object = dict[str, Any]


class Prober:
    """Asks probes; one for all Pods, since a TLS context is costly to make."""

    def __init__(self) -> None:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # as a kubelet: a probe asks for life, not for identity
        self._http = httpx.AsyncClient(verify=context, trust_env=False, follow_redirects=False)

    async def close(self) -> None:
        """Ends all connections."""
        await self._http.aclose()

    async def check(self, probe: Object, container: Object, pod_ip: str) -> str | None:
        """None when the probe succeeds, else what went wrong. `exec` probes succeed: there is no container to enter."""
        seconds = float(probe.get("timeoutSeconds") or 1)
        if action := probe.get("httpGet"):
            return await self._get(action, container, pod_ip, seconds)
        if action := probe.get("tcpSocket") or probe.get("grpc"):
            return await self._connect(action.get("host") or pod_ip, port_number(container, action["port"]), seconds)
        return None

    async def _get(self, action: Object, container: Object, pod_ip: str, seconds: float) -> str | None:
        scheme = str(action.get("scheme") or "HTTP").lower()
        port = port_number(container, action["port"])
        url = f"{scheme}://{action.get('host') or pod_ip}:{port}/{str(action.get('path') or '/').lstrip('/')}"
        headers = {header["name"]: header["value"] for header in action.get("httpHeaders") or []}
        try:
            answer = await self._http.get(url, headers=headers, timeout=seconds)
        except httpx.HTTPError as error:
            return f'Get "{url}": {error or type(error).__name__}'
        if 200 <= answer.status_code < 400:
            return None
        return f"HTTP probe failed with statuscode: {answer.status_code}"

    async def _connect(self, host: str, port: int, seconds: float) -> str | None:
        try:
            _reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port), seconds)
        except (OSError, TimeoutError) as error:
            return f"dial tcp {host}:{port}: {error or 'timeout'}"
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return None
