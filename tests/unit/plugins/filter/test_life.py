# SPDX-License-Identifier: GPL-3.0-or-later
"""When a model came, what changed and when it leaves: what a card may say of it, and what the portal is told."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.filter.catalogue import FilterModule

FILTERS = FilterModule().filters()
PLANS = [{"name": "standard", "title": "Standard Plan"}]
MODEL: dict[str, Any] = {"name": "one", "title": "One", "task": "chat", "source": {"huggingface": "a/b"}}
GATEWAY = {"tenant": "maas", "superdomain": "apps.example.com", "public_port": 443}


def card_of(card: dict[str, Any]) -> dict[str, Any]:
    model = {**MODEL, "plans": ["standard"], "card": card}
    made: list[dict[str, Any]] = FILTERS["portal_models"](FILTERS["catalogue"]([model], PLANS, "maas"), GATEWAY)
    return made[0]


def test_the_latest_is_told_first() -> None:
    changes = [{"date": "2026-07-01", "text": "Longer."}, {"date": date(2026, 9, 1), "text": "Shorter."}]
    made = card_of({"since": date(2026, 5, 1), "leaves": "2026-12-31", "changes": changes, "preview": True})
    assert [(one["date"], one["kind"], one["text"], one["title"]) for one in made["changes"]] == [
        ("2026-12-31", "leaves", "", "One"),
        ("2026-09-01", "changed", "Shorter.", "One"),
        ("2026-07-01", "changed", "Longer.", "One"),
        ("2026-05-01", "new", "", "One"),
    ]
    assert (made["leaves"], made["preview"]) == ("2026-12-31", True)


@pytest.mark.parametrize("card", [{}, {"since": None, "leaves": None, "changes": None, "preview": None}])
def test_nothing_is_told_of_what_is_not_said(card: dict[str, Any]) -> None:
    made = card_of(card)
    assert (made["changes"], made["leaves"], made["preview"]) == ([], "", False)


@pytest.mark.parametrize(
    "card",
    [
        {"since": "May"},
        {"leaves": "2026-02-30"},
        {"leaves": 20261231},
        {"preview": "soon"},
        {"changes": "all"},
        {"changes": [{"date": "2026-07-01"}]},
        {"changes": [{"date": "yesterday", "text": "x"}]},
        {"changes": [{"date": "2026-07-01", "text": "x", "model": "one"}]},
        {"changes": ["x"]},
    ],
)
def test_a_card_that_says_what_is_no_day(card: dict[str, Any]) -> None:
    (fault,) = FILTERS["catalogue_faults"]([{**MODEL, "plans": ["standard"], "card": card}], PLANS, GATEWAY)
    assert fault.startswith("maas_models") and f"card.{next(iter(card))}" in fault
