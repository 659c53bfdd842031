# SPDX-License-Identifier: GPL-3.0-or-later
"""The catalogue's options stand in each role as they stand in the one source."""

from __future__ import annotations

import yaml

from tools.argument_specs import ROLES, ROOT, SOURCE, outdated, written

OLD = """\
argument_specs:
  main:
    options:
      mine_models:
        type: str
      mine_other:
        type: str
"""
SOURCE_OF_TWO = """\
models:
  type: list
  elements: dict
plans:
  type: list
"""


def test_only_what_the_role_takes_is_replaced() -> None:
    options = yaml.safe_load(written("mine", OLD, SOURCE_OF_TWO))["argument_specs"]["main"]["options"]
    assert options == {"mine_models": {"type": "list", "elements": "dict"}, "mine_other": {"type": "str"}}


def test_every_role_is_current() -> None:
    assert [path for path, _wanted in outdated()] == [], "run `make argument-specs`"


def test_every_role_takes_the_catalogue() -> None:
    source = yaml.safe_load(SOURCE.read_text())
    for role in ROLES:
        spec = yaml.safe_load((ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text())
        options = spec["argument_specs"]["main"]["options"]
        assert {name: options[f"{role}_{name}"] for name in ("models", "plans")} == {
            name: source[name] for name in ("models", "plans")
        }


def test_no_other_role_takes_it() -> None:
    takers = {
        path.parts[-3]
        for path in ROOT.glob("roles/*/meta/argument_specs.yml")
        if f"\n      {path.parts[-3]}_models:\n" in path.read_text()
    }
    assert takers == set(ROLES)
