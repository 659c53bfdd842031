# SPDX-License-Identifier: GPL-3.0-or-later
"""The portal that the tests visit."""

from __future__ import annotations

import pytest

from sandbox.threescale.__main__ import arguments, make_server
from tests.sandbox.portal.visitors import D, Portal


@pytest.fixture
def portal() -> Portal:
    """A fresh portal, open to everybody."""
    options = f"--port 1 --superdomain {D} --tenant maas --token TOKEN --master-token MASTER"
    found = Portal(make_server(arguments().parse_args(options.split())))
    found.admin("PUT", "provider.json", {"site_access_code": ""})
    return found
