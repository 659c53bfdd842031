# SPDX-License-Identifier: GPL-3.0-or-later
"""One cluster for all tests of the operators; each test has namespaces of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.operators.cluster import Cluster, cluster


@pytest.fixture(scope="session")
def kube(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    crds = os.environ.get("CRDS_DIR")
    more = {"crds": str(Path(crds).absolute())} if crds else {}
    with cluster(tmp_path_factory.mktemp("cluster"), **more) as found:
        yield found
