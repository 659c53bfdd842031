# SPDX-License-Identifier: GPL-3.0-or-later
"""The tenant that the tests of errands share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.errand_tenant import Tenant, running_tenant


@pytest.fixture(scope="package")
def tenant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenant]:
    with running_tenant(tmp_path_factory.mktemp("errands")) as running:
        yield running
