# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables that try all modules alike hold all modules."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

from tests.cases import keycloak, readings, threescale
from tests.cases.badges import attributes, supports
from tests.cases.planted import at, secret_places, secrets_of
from tests.cases.specs import table

ROOT = Path(__file__).resolve().parents[2]
#: These have no requests of their own: action plugins around modules of other collections, each with its own tests.
AROUND_OTHERS = {"controller_objects", "k8s_objects", "k8s_wait", "planned"}
OF_THE_CLUSTER = {"k8s_look", "k8s_read"}  # tried in tests/integration/cluster


def test_every_module_has_a_row() -> None:
    modules = {file.stem for file in (ROOT / "plugins" / "modules").glob("*.py")}
    rows = {row.module for row in [*threescale.ROWS, *keycloak.ROWS, *readings.READINGS]}
    assert rows == modules - AROUND_OTHERS - OF_THE_CLUSTER
    assert {file.stem for file in (ROOT / "plugins" / "action").glob("*.py")} == AROUND_OTHERS


#: Tried in tests of their own: calls of a new product need a gateway.
ELSEWHERE = {("threescale_product", ("smoke", "headers"))}


def test_every_secret_is_planted() -> None:
    """Each option that holds a secret has a value of its own in some row."""
    rows = [*threescale.ROWS, *keycloak.ROWS]
    for module in sorted({row.module for row in rows}):
        found, mine = table(module), [options for row in rows if row.module == module for _name, options in row.phases]
        single = found.options[found.single].options or {} if found.single else {}
        places = {*secret_places(found.options), *secret_places(single)}
        own = {place[1:] if place[0] == found.single else place for place in places}
        for place in own:
            ways = (place, (found.single, *place))
            given = [text for options in mine for way in ways for text in at(options, way)]
            assert given or (module, place) in ELSEWHERE, (module, place)
            assert all(len(text) >= 5 for text in given), (module, place)


#: What it writes are files, which no server refuses.
NO_SERVER = {"plan_export"}


def test_every_planner_has_a_property_test() -> None:
    """Random wanted and present states are tried for each module that keeps something."""
    tried = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests/unit").rglob("properties/test_*.py"))
    lacking = []
    for module in sorted({row.module for row in [*threescale.ROWS, *keycloak.ROWS]}):
        code = (ROOT / "plugins/modules" / f"{module}.py").read_text(encoding="utf-8").rpartition('"""')[2]
        planners = set(re.findall(r"\bplan_\w+", code)) - NO_SERVER
        assert planners or module.endswith("_export"), module
        lacking += [planner for planner in planners if not re.search(rf"\b{planner}\b", tried)]
    assert not lacking


def test_no_two_secrets_are_the_same() -> None:
    """A secret that comes to light can be told by its text."""
    places: dict[str, set[str]] = defaultdict(set)
    for row in [*threescale.ROWS, *keycloak.ROWS]:
        for text in {text for _name, options in row.phases for text in secrets_of(row.module, options)}:
            places[text].add(row.name)
    assert not {text: rows for text, rows in places.items() if len(rows) > 1}


def test_badges_have_reasons() -> None:
    """Each module says what it does in check mode and with --diff, and why it does less than all of that."""
    for module in (file.stem for file in (ROOT / "plugins" / "modules").glob("*.py")):
        assert set(supports(module)) >= {"check_mode", "diff_mode"}, module
        for name, entry in attributes(module).items():
            assert entry["support"] == "full" or len(str(entry.get("details") or entry["description"])) > 10, (
                module,
                name,
            )
