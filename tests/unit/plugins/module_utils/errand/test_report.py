# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a whole run: what is kept, what may be done of it, what changed since, how it is shown."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.engine import record
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import RefusalError
from ansible_collections.rhai.maas.plugins.module_utils.errand import report, show

LIQUID = "{% if user %}{{ user.name }}{% endif %}"


def operation(action: str = "update", key: str = "granite / standard", **values: Any) -> dict[str, Any]:
    """An operation as a module's plan has it."""
    whole = {"action": action, "noun": "limit", "key": key, "before": {"value": 1}, "after": {"value": 2}}
    return {**whole, "after_steps": [], **values}


def entry(*plan: dict[str, Any], system: str = "3scale", **more: Any) -> dict[str, Any]:
    """What a module keeps."""
    return {"system": system, "where": "https://maas-admin.example.com", "plan": list(plan), **more}


def approved(shown: dict[str, Any]) -> record.Record:
    """A record of what was shown, as it arrives after a platform kept it as JSON."""
    held = report.approval(json.loads(json.dumps(shown)))
    return record.Record(None, frozenset(held["operations"]), frozenset(held["unseen"]))


def test_what_was_shown_may_be_done_and_a_part_of_it_too() -> None:
    first, second = operation(), operation(key="granite / trial")
    allowed = approved(report.report([entry(first, second)]))
    allowed.refuse("3scale", [first, second])
    allowed.refuse("3scale", [second])  # cut off after the first
    allowed.refuse("3scale", [])


@pytest.mark.parametrize(
    "other",
    [
        operation(before={"value": 3}),
        operation(after={"value": 3}),
        operation(action="delete"),
        operation(key="granite / other"),
        operation(noun="price"),
    ],
)
def test_what_was_not_shown_is_refused_by_name(other: dict[str, Any]) -> None:
    allowed = approved(report.report([entry(operation())]))
    with pytest.raises(RefusalError, match=f"{other['action']} {other['noun']} '{other['key']}'.*new preview"):
        allowed.refuse("3scale", [operation(), other])
    with pytest.raises(RefusalError):
        allowed.refuse("Keycloak", [operation()])  # the same of another system


def test_long_texts_and_templates_are_compared_by_digest() -> None:
    page = operation(before=None, after={"text": LIQUID, "long": "x" * 5000}, action="create")
    shown = report.report([entry(page)])
    text = json.dumps(shown)
    assert "{%" not in text and "{{" not in text and len(text) < 1000
    approved(shown).refuse("3scale", [page])
    with pytest.raises(RefusalError):
        approved(shown).refuse("3scale", [{**page, "after": {"text": LIQUID + " ", "long": "x" * 5000}}])


def test_what_can_only_be_named_is_approved_by_name() -> None:
    job = operation("create", "llm-hosting/import", noun="Job", before=None, after={"spec": "not-known-yet"})
    allowed = approved(report.report([entry(job, system="Kubernetes", named=["Job llm-hosting/import"])]))
    allowed.refuse("Kubernetes", [{**job, "after": {"spec": "known"}}])
    with pytest.raises(RefusalError):
        allowed.refuse("Kubernetes", [{**job, "action": "delete"}])


def test_a_system_that_nobody_could_ask_may_be_made() -> None:
    allowed = approved(report.report([entry(operation("create"), unseen=True)]))
    allowed.refuse("3scale", [operation("delete")])
    with pytest.raises(RefusalError):
        allowed.refuse("Keycloak", [operation("create")])


def test_change_since_names_both_sides() -> None:
    shown, now = report.report([entry(operation())]), report.report([entry(operation(after={"value": 9}))])
    told = report.changed_since(shown, now)
    assert "new or different now: update limit 'granite / standard'" in told and "no longer planned" in told
    assert report.changed_since(shown, json.loads(json.dumps(shown))) == ""


def test_modules_keep_and_compare_by_the_environment(tmp_path: Path) -> None:
    assert not record.from_environment({}).wanted()
    record.from_environment({record.FOLDER: str(tmp_path)}).keep(entry(operation()))
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o077 == 0
    shown = report.report([json.loads(file.read_text())])
    (tmp_path / "approved").write_text(json.dumps(report.approval(shown)))
    found = record.from_environment({record.APPROVED: str(tmp_path / "approved")})
    found.refuse("3scale", [operation()])
    with pytest.raises(RefusalError):
        found.refuse("3scale", [operation(key="another")])
    (tmp_path / "approved").write_text("[]")
    with pytest.raises(RefusalError, match="holds no approved plan"):
        record.from_environment({record.APPROVED: str(tmp_path / "approved")})


DRIFT = report.report(
    [
        entry(operation(), origins=[{"since": "2026-11-28T10:00:00Z", "by": "ann"}]),
        entry(operation("delete", "Secret <b>", after=None), system="Kubernetes"),
        entry(operation("create", "/models", before=None), system="portal", unseen=True),
    ]
)


def test_summary_says_what_where_since_when_and_by_whom() -> None:
    lines = show.summary(DRIFT)
    assert lines[:3] == ["Kubernetes: 1 removed", "3scale: 1 changed", "portal: 1 made"]
    assert "3scale https://maas-admin.example.com" in lines
    assert "~ limit granite / standard (since 2026-11-28T10:00:00Z by ann)" in lines
    assert "    value: 1 → 2" in lines
    assert max(map(len, show.summary(report.report([entry(operation(key="k" * 300))])))) <= show.WIDTH
    assert show.summary(report.report([])) == ["Nothing differs from the inventory."]


def test_modules_may_know_other_words_for_what_they_do() -> None:
    found = report.report([entry(operation("default", after=None), operation("add"), operation("deploy", before=None))])
    assert found["counts"]["3scale"] == {"create": 1, "update": 2, "delete": 0}
    lines = show.summary(found)
    assert "~ default limit granite / standard" in lines and "+ add limit granite / standard" in lines
    assert 'action="update"} 2' in show.metrics(found, 1) and "deploy limit" in show.page(found, "h", "m")


def test_page_is_well_formed_and_escapes() -> None:
    tags: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, _attributes: Any) -> None:
            tags.append(tag)

    page = show.page(DRIFT, "Drift", "now")
    Reader().feed(page)
    assert tags.count("tr") == 4 and "b" not in tags and "Secret &lt;b&gt;" in page and "ann" in page


def test_metrics_have_every_system() -> None:
    text = show.metrics(DRIFT, 1764324000)
    assert 'maas_drift_objects{system="3scale",action="update"} 1\n' in text
    assert 'maas_drift_objects{system="Keycloak",action="delete"} 0\n' in text
    assert text.endswith("maas_drift_timestamp_seconds 1764324000\n") and text.count("# TYPE") == 2


def test_table_fits_into_a_line_of_the_log() -> None:
    rows = [{"id": 7, "name": "bot", "org": "Team A\nof B"}, {"id": 12, "name": "n" * 200, "org": None}]
    lines = show.table(rows, ["id", "name", "org"])
    assert lines[0].split() == ["id", "name", "org"] and lines[1].startswith("7   bot") and "Team A of B" in lines[1]
    assert max(map(len, lines)) <= show.WIDTH and "…" in lines[2]
