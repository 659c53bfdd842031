# SPDX-License-Identifier: GPL-3.0-or-later
"""threescale_portal through Ansible: only what differs, drafts first, cut off and finished, refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.integration.threescale.conftest import Runner, Step, assert_protocol, protocol
from tests.support.standin import Standin


def page(path: str, text: str, **more: Any) -> dict[str, Any]:
    return {"type": "page", "path": path, "title": path.strip("/"), "content": text, **more}


@pytest.fixture
def items() -> list[dict[str, Any]]:
    """A small portal of every kind."""
    return [
        {"type": "section", "system_name": "models", "title": "Models"},
        {
            "type": "layout",
            "system_name": "maas_layout",
            "title": "Layout",
            "liquid_enabled": True,
            "content": "<html>{% content %}</html>",
        },
        page("/models", "<h1>Models</h1>", section="models", layout="maas_layout", liquid_enabled=True),
        page("/css/maas.css", "body { margin: 0 }", content_type="text/css", layout=""),
        {
            "type": "builtin_page",
            "system_name": "applications/show",
            "content": "<p>{{ application.name }}</p>",
        },
        {"type": "partial", "system_name": "submenu", "content": "<nav>menu</nav>"},
        {"type": "partial", "system_name": "maas/card", "content": "<p>card</p>"},
        {"type": "file", "path": "/images/logo.svg", "content": "<svg xmlns='http://www.w3.org/2000/svg'/>"},
    ]


def portal(standin: Standin, content: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"content": content, "portal_url": standin.portal_url, **more}


def test_whole_tree(standin: Standin, run: Runner, items: list[dict[str, Any]]) -> None:
    """Every kind is made and published; again changes nothing; one changed thing is written alone."""
    results = run.done(*protocol("threescale_portal", portal(standin, items)))
    assert_protocol(results)
    assert "update builtin_partial submenu" in results[2].actions
    (info,) = run.done(Step("threescale_portal_info"))
    kept = {item.get("path") or item["system_name"]: item for item in info.data["portal"]["items"]}
    assert kept["/models"]["section"] == "models" and kept["/models"]["layout"] == "maas_layout"
    assert not any(item.get("draft_waits") for item in kept.values())
    items[-1]["content"] = "<svg xmlns='http://www.w3.org/2000/svg' width='1'/>"
    one = run.done(*protocol("threescale_portal", portal(standin, items)))
    assert_protocol(one, "update file /images/logo.svg")
    assert one[2].writes == 1
    items[2]["content"] = "<h1>All models</h1>"
    two = run.done(*protocol("threescale_portal", portal(standin, items)))
    assert_protocol(two, "update page /models")
    assert two[2].writes == 2  # the draft and its publication
    absent = [{"type": "page", "path": "/models", "state": "absent"}]
    assert_protocol(run.done(*protocol("threescale_portal", portal(standin, absent))), "delete page /models")
    run.done(Step("threescale_portal", portal(standin, items)))


def test_cut_off_before_publication_is_finished(standin: Standin, run: Runner, items: list[dict[str, Any]]) -> None:
    """Drafts that wait are published by the next run; unpublished ones can be kept as drafts."""
    items[2]["content"] = "<h1>Cut off</h1>"
    standin.faults({"match": {"method": "PUT", "path": "publish"}, "do": "503"})
    (cut,) = run(Step("threescale_portal", portal(standin, items, retries=0)))
    standin.faults()
    finished, again, draft, drafted = run.done(
        Step("threescale_portal", portal(standin, items)),
        Step("threescale_portal", portal(standin, items)),
        Step("threescale_portal", portal(standin, [page("/models", "draft")], publish=False)),
        Step("threescale_portal", portal(standin, [page("/models", "draft")], publish=False)),
    )
    assert cut.failed and finished.actions == ["publish page /models"] and not again.changed
    assert draft.changed and draft.writes == 1 and not drafted.changed


def test_folder(standin: Standin, run: Runner, tmp_path: Path) -> None:
    """A folder by the names of 3scale's CMS tools; prune takes away what is below a prefix and not wanted."""
    files = {
        "guide/index.html.liquid": "<h1>Guide</h1>",
        "guide/start.html": "<h1>Start</h1>",
        "guide/_step.html.liquid": "<p>step</p>",
        "guide/guide.css": "h1 { color: red }",
        "guide/plan.png": "\x89PNG not really",
    }
    for name, text in files.items():
        file = tmp_path / "portal" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    options = {"folders": [str(tmp_path / "portal")], "portal_url": standin.portal_url, "prune": ["/guide", "guide/"]}
    results = run.done(*protocol("threescale_portal", options))
    assert_protocol(results)
    assert {"create page /guide", "create page /guide/start", "create partial guide/step"} <= set(results[2].actions)
    (tmp_path / "portal/guide/start.html").unlink()
    assert_protocol(run.done(*protocol("threescale_portal", options)), "delete page /guide/start")


def test_later_folders_and_then_texts(standin: Standin, run: Runner, tmp_path: Path) -> None:
    """A file beats the one of the same name in an earlier folder, and the text of that name."""
    for place, folder in enumerate(("base", "own")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "both.html").write_text(f"from {folder}")
        (tmp_path / folder / f"only_{place}.html").write_text(f"from {folder}")
    texts = {"both.html": "made", "made.html": "{{ made }}"}
    options = {"folders": [str(tmp_path / "base"), str(tmp_path / "own")], "files": texts}
    assert_protocol(run.done(*protocol("threescale_portal", {**options, "portal_url": standin.portal_url})))
    published = {row["path"]: row["published"] for row in standin.dump()["cms_templates"] if row.get("path")}
    assert published["/both"] == "from own" and published["/only_0"] == "from base"
    assert published["/made"] == "{{ made }}"


def test_refused_before_any_write(standin: Standin, run: Runner) -> None:
    """Each with the item and what to do."""
    cases = {
        "names section 'nowhere'": [page("/x", "x", section="nowhere")],
        "must contain {% content %}": [{"type": "layout", "system_name": "main_layout", "content": "<html/>"}],
        "has no whitespace control": [page("/x", "{%- if true -%}x{% endif %}", liquid_enabled=True)],
        "is listed twice": [page("/x", "x"), page("/x/", "y")],
        "built-in templates can't be removed": [
            {"type": "builtin_page", "system_name": "applications/show", "state": "absent"}
        ],
        "use it": [{"type": "layout", "system_name": "main_layout", "state": "absent"}],
        "and none can be made": [{"type": "builtin_page", "system_name": "not/there", "content": "x"}],
    }
    results = run(*(Step("threescale_portal", portal(standin, content)) for content in cases.values()))
    for words, result in zip(cases, results, strict=True):
        assert result.failed and words in result.message, (words, result.message)
    assert standin.counters()["writes"] == 0
