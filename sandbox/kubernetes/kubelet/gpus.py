# SPDX-License-Identifier: GPL-3.0-or-later
"""The GPUs that the node claims to have, and the labels by which a cluster tells which they are. Pure."""

from __future__ import annotations

from dataclasses import dataclass

GPU = "nvidia.com/gpu"
FAMILIES = {"7": "turing", "8": "ampere", "9": "hopper", "12": "blackwell"}


@dataclass(frozen=True)
class Gpu:
    """One kind of GPU: its name as NVIDIA's feature discovery writes it, and its compute capability."""

    product: str = "NVIDIA-A10G"
    capability: str = "8.6"

    def labels(self, count: int) -> dict[str, str]:
        """The labels of a node with so many of them."""
        if not count:
            return {}
        major, _, minor = self.capability.partition(".")
        family = "ada-lovelace" if self.capability == "8.9" else FAMILIES.get(major, "")
        return {
            f"{GPU}.present": "true",
            f"{GPU}.count": str(count),
            f"{GPU}.product": self.product,
            f"{GPU}.family": family,
            f"{GPU}.compute.major": major,
            f"{GPU}.compute.minor": minor,
        }
