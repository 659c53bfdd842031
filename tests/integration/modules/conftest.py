# SPDX-License-Identifier: GPL-3.0-or-later
"""Places for the rows of ``tests/cases``: a stand-in that all rows share, each with a tenant or a realm of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.cases import Reading, Row
from tests.support.forked import Forks
from tests.support.place import Place, realm_place, tenant_place
from tests.support.standin import Standin, running_standin


@pytest.fixture(scope="module")
def standin() -> Iterator[Standin]:
    """A stand-in for the tenants of all rows."""
    with running_standin() as server:
        yield server


class Places:
    """Makes places; Keycloak is started only when a row asks for a realm."""

    def __init__(self, request: pytest.FixtureRequest, forks: Forks, standin: Standin, folder: Path) -> None:
        self.request, self.forks, self.standin, self.folder = request, forks, standin, folder

    def __call__(self, row: Row | Reading) -> AbstractContextManager[Place]:
        return self._place(row)

    @contextmanager
    def _place(self, row: Row | Reading) -> Iterator[Place]:
        with ExitStack() as stack:
            if row.module.startswith("keycloak_"):
                server = self.request.getfixturevalue("keycloak")
                yield stack.enter_context(realm_place(self.forks, server, self.folder))
            else:
                standin = stack.enter_context(running_standin()) if row.alone else self.standin
                yield stack.enter_context(tenant_place(self.forks, standin, self.folder, row.alone))


@pytest.fixture
def places(request: pytest.FixtureRequest, forks: Forks, standin: Standin, tmp_path: Path) -> Places:
    """Where a row can be tried."""
    return Places(request, forks, standin, tmp_path)
