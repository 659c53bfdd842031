# SPDX-License-Identifier: GPL-3.0-or-later
"""One cluster for all tests of the operators, with the 3scale stand-in; each test has namespaces of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.common.launch import free_port, running
from tests.sandbox.operators.cluster import MASTER, Cluster, cluster

KEYCLOAK_PATHS = {"rhbk": "", "rhsso": "/auth"}


def keycloaks() -> dict[str, Any]:
    """Where the Keycloak servers will be: only the tests that need them start them."""
    administrator = {"admin_user": "admin", "admin_password": "sandbox-password"}
    return {
        generation: {"url": f"http://127.0.0.1:{free_port()}{path}", **administrator}
        for generation, path in KEYCLOAK_PATHS.items()
    }


@pytest.fixture(scope="session")
def kube(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    arguments = ["--port", str(port), "--superdomain", "apps.localhost", "--master-token", MASTER]
    arguments += ["--public-port", "8443"]
    more: dict[str, Any] = {"threescale": {"url": url, "master_token": MASTER}, "keycloak": keycloaks()}
    if crds := os.environ.get("CRDS_DIR"):
        more["crds"] = str(Path(crds).absolute())
    with (
        running("sandbox.threescale", arguments, url + "/_sandbox/ready", folder / "threescale.log"),
        cluster(folder, **more) as found,
    ):
        yield found
