# SPDX-License-Identifier: GPL-3.0-or-later
"""Two clusters alike but for the operator lifecycle manager: our play of it in one, the real one in the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.originals.programs import OLM, module_folder
from tests.sandbox.operators.cluster import Cluster, cluster, daemon

BUILD = 1800  # seconds; the first start on a machine downloads and builds
PLAYED = ["olm subscription", "olm operator group", "olm install plan", "olm csv"]


@dataclass(frozen=True)
class Pair:
    """OLM, played and real."""

    play: Cluster
    real: Cluster

    def clusters(self) -> tuple[Cluster, Cluster]:
        """For what is done to the one and to the other."""
        return self.play, self.real


@contextmanager
def pair(folder: Path) -> Iterator[Pair]:
    """Both up, nothing subscribed to; both with the definitions of the real one, which is built when it is missing."""
    original = OLM["0.28"]
    definitions = str(module_folder(original) / original.definitions)
    for name in ("play", "real"):
        (folder / name).mkdir(parents=True)
    kubeconfig = folder / "real" / "kubernetes" / "sandbox-operators.kubeconfig"
    command = [original.program.name, "--kubeconfig", str(kubeconfig), "--state", str(folder / "real" / "olm")]
    with ExitStack() as stack:
        play = stack.enter_context(cluster(folder / "play", crds=definitions))
        real = stack.enter_context(cluster(folder / "real", crds=definitions, originals=PLAYED))
        stack.enter_context(daemon("sandbox.originals", command, folder / "olm.log", "ready:", BUILD))
        yield Pair(play, real)
