# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""Which image of a runtime fits the GPUs that a model will find. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

#: keys of a runtime's ``images`` beside compute capabilities such as ``8.6``
PROCESSORS, ANY = "cpu", "any"
#: labels of NVIDIA's feature discovery
_MAJOR, _MINOR = "nvidia.com/gpu.compute.major", "nvidia.com/gpu.compute.minor"


def image_of(runtime: Mapping[str, Any], gpus: int, capabilities: Sequence[str]) -> str:
    """The image for one model; empty when the runtime has none that fits.

    :param runtime: ``image``, or ``images`` by compute capability, with ``cpu`` and ``any``
    :param capabilities: of the nodes that the model may run on; none where nobody knows
    """
    if runtime.get("image"):
        return str(runtime["image"])
    images = {str(key): str(value) for key, value in (runtime.get("images") or {}).items()}
    if not gpus:
        return images.get(PROCESSORS, "")
    if len(set(capabilities)) == 1 and capabilities[0] in images:
        return images[capabilities[0]]
    return images.get(ANY, "")


def capabilities_of(nodes: Sequence[Mapping[str, Any]], resource: str, selector: Mapping[str, Any]) -> list[str]:
    """Compute capabilities of the nodes that have GPUs and these labels, each once; empty where none tells.

    :param nodes: Nodes as the API server returns them
    :param resource: what GPUs are counted by
    """
    found = set()
    for node in nodes:
        labels = (node.get("metadata") or {}).get("labels") or {}
        there = ((node.get("status") or {}).get("allocatable") or {}).get(resource, 0)
        fits = all(labels.get(key) == str(value) for key, value in selector.items())
        if fits and int(there or 0) and labels.get(_MAJOR):
            found.add(f"{labels[_MAJOR]}.{labels.get(_MINOR, '0')}")
    return sorted(found)
