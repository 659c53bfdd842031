# SPDX-License-Identifier: GPL-3.0-or-later
"""One sandbox for the tests that follow each other on it, from empty to finished."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.installed import Installed, install
from tests.support.sandbox import Sandbox, running_sandbox


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A whole sandbox in which nothing was installed yet."""
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The collection from its tarball, with the oldest ansible-core."""
    return install(tmp_path_factory.mktemp("installed"))
