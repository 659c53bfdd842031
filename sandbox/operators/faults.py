# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators misbehave on demand: ConfigMap ``faults`` in namespace ``sandbox-control`` (README.md lists the keys)."""

from __future__ import annotations

from sandbox.operators.kube import CONFIG_MAP, Kube

NAMESPACE = "sandbox-control"
NAME = "faults"


class Faults:
    """Reads the ConfigMap each time: a test changes it at any moment."""

    def __init__(self, kube: Kube) -> None:
        self.kube = kube

    async def get(self, key: str) -> str:
        """The value of a key, "" without one."""
        found = await self.kube.get(CONFIG_MAP, NAMESPACE, NAME)
        return str(((found or {}).get("data") or {}).get(key, ""))
