# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that several folders of tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.forked import Forks, running_forks
from tests.support.keycloak import Keycloak, running_keycloak


@pytest.fixture(scope="session")
def keycloak(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keycloak]:
    """One real Keycloak for all tests."""
    with running_keycloak(tmp_path_factory.mktemp("keycloak")) as server:
        yield server


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    """Runs modules without a playbook around them. Retries wait a twentieth of their time."""
    with running_forks(0.05) as server:
        yield server
