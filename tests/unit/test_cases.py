# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables that try all modules alike hold all modules."""

from __future__ import annotations

from pathlib import Path

from tests.cases import keycloak, readings, threescale

ROOT = Path(__file__).resolve().parents[2]
#: These have no requests of their own: action plugins around modules of other collections, each with its own tests.
AROUND_OTHERS = {"controller_objects", "k8s_objects", "k8s_wait", "planned"}
OF_THE_CLUSTER = {"k8s_look", "k8s_read"}  # tried in tests/integration/cluster


def test_every_module_has_a_row() -> None:
    modules = {file.stem for file in (ROOT / "plugins" / "modules").glob("*.py")}
    rows = {row.module for row in [*threescale.ROWS, *keycloak.ROWS, *readings.READINGS]}
    assert rows == modules - AROUND_OTHERS - OF_THE_CLUSTER
    assert {file.stem for file in (ROOT / "plugins" / "action").glob("*.py")} == AROUND_OTHERS
