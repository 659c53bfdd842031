# SPDX-License-Identifier: GPL-3.0-or-later
"""One pair of clusters for each version of KServe, with bucket, connections and runtimes in both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.originals.pair import Pair, furnish, pair

VERSIONS = ("0.12", "0.14", "0.15")


@pytest.fixture(scope="session", params=VERSIONS)
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with pair(request.param, tmp_path_factory.mktemp(f"kserve-{request.param}")) as found:
        for kube in found.clusters():
            furnish(kube)
        yield found
