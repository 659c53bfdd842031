# SPDX-License-Identifier: GPL-3.0-or-later
"""The portal that the tests visit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.threescale.__main__ import arguments, make_server
from tests.sandbox.portal.catalogue_pages import publish
from tests.sandbox.portal.visitors import D, Portal
from tests.support.provider import Provider


@pytest.fixture
def portal() -> Portal:
    """A fresh portal, open to everybody."""
    options = f"--port 1 --superdomain {D} --tenant maas --token TOKEN --master-token MASTER"
    found = Portal(make_server(arguments().parse_args(options.split())))
    found.admin("PUT", "provider.json", {"site_access_code": ""})
    return found


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider on a port of its own."""
    server = Provider()
    yield server
    server.end()


@pytest.fixture
def dressed(portal: Portal) -> Portal:
    """The portal with the role's pages for two models."""
    publish(portal, 2, "en")
    for number in range(2):
        portal.product(f"model-{number}")
    return portal
