# SPDX-License-Identifier: GPL-3.0-or-later
"""The state that a run leaves behind, as two runs can be compared: without ids, times and what is random. Pure."""

from __future__ import annotations

import re
from typing import Any

# What no two servers share: identities, times, secrets, counts of writes, and the hosts' ports.
VOLATILE = re.compile(
    r"(^|_)(id|ids|at|on|token|secret|key|password|digest|version|value|lock_version|code|salt|uid|generation)$"
)
VOLATILE_EXACT = {
    "resourceVersion", "creationTimestamp", "managedFields", "uid", "ownerReferences", "generation", "observedGeneration",
    "status", "data", "clusterIP", "clusterIPs", "nodeName", "ports_taken", "annotations_hash", "updatedAt",
}  # fmt: skip


def normal(node: Any, port: str = "") -> Any:
    """A dump without what no two servers share; lists of objects in a stable order."""
    if isinstance(node, dict):
        kept = {k: normal(v, port) for k, v in node.items() if k not in VOLATILE_EXACT and not VOLATILE.search(k)}
        return {key: kept[key] for key in sorted(kept)}
    if isinstance(node, list):
        return sorted((normal(item, port) for item in node), key=repr)
    if isinstance(node, str):
        text = node.replace(f":{port}", ":PORT") if port else node
        return re.sub(r"[0-9a-f]{16,}", "HEX", text)
    return node
