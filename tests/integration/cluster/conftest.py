# SPDX-License-Identifier: GPL-3.0-or-later
"""One real control plane with the sandbox's node for all tests here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.cluster import Cluster
from tests.support.sandbox import running_sandbox


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_sandbox(tmp_path_factory.mktemp("sandbox"), "kubernetes", "kubelet") as sandbox:
        yield Cluster(sandbox)
