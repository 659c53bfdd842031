# SPDX-License-Identifier: GPL-3.0-or-later
"""An entry comes to the end of its list, and nothing else changes."""

from __future__ import annotations

import pytest
import yaml

from ansible_collections.rhai.maas.plugins.module_utils.errand.entry import with_entry

NEW = "- name: new\n  plans:\n  - a\n"
BEGIN = "---\nmaas_models:\n  # the first\n  - name: one\n\n  - name: two  # gated\n    card: {a: 1}\n"
TABLE = {
    "the only list": (
        "maas_models:\n  - name: old\n",
        "maas_models:\n  - name: old\n  - name: new\n    plans:\n    - a\n",
    ),
    "not indented, no end of line": (
        "maas_models:\n- name: old",
        "maas_models:\n- name: old\n- name: new\n  plans:\n  - a\n",
    ),
    "empty": (
        "a: 1\nmaas_models: []  # none yet\n",
        "a: 1\nmaas_models: # none yet\n  - name: new\n    plans:\n    - a\n",
    ),
    "gaps, comments, and more below": (
        f"{BEGIN}\n# of plans\nmaas_plans: []\n",
        f"{BEGIN}\n  - name: new\n    plans:\n    - a\n\n# of plans\nmaas_plans: []\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), TABLE.values(), ids=TABLE)
def test_entry(before: str, after: str) -> None:
    made = with_entry(before, "maas_models", NEW)
    assert made == after
    old, new = yaml.safe_load(before), yaml.safe_load(made)
    assert new == {**old, "maas_models": [*old["maas_models"], {"name": "new", "plans": ["a"]}]}


@pytest.mark.parametrize(
    "text", ["", "maas_plans: []\n", "maas_models: [{name: a}]\n", "maas_models: '{{ others }}'\n"]
)
def test_no_list_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="no list maas_models in block style"):
        with_entry(text, "maas_models", NEW)
