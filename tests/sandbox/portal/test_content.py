# SPDX-License-Identifier: GPL-3.0-or-later
"""Content of the CMS as visitors get it: pages, layouts, partials, files, sections, access code, API documents."""

from __future__ import annotations

import json

from tests.sandbox.portal.visitors import Portal

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'/>"


def test_the_access_code_guards_pages_but_no_data(portal: Portal) -> None:
    portal.admin("PUT", "provider.json", {"site_access_code": "sesame"})
    browser = portal.browser()
    gate = browser.get("/docs")
    assert gate.status_code == 200 and 'name="access_code"' in gate.text
    assert "access_code" in browser.get("/css/default.css").text
    assert browser.get("/swagger/spec.json").json()["swaggerVersion"] == "1.2"
    browser.get("/docs")
    assert 'name="access_code"' in browser.submit({"access_code": "wrong"}, "/access_code").text
    right = browser.submit({"access_code": "sesame"}, "/access_code", follow=False)
    assert right.headers["location"] == "http://maas.apps.example.com/docs?"
    assert "Documentation" in browser.get("/docs").text


def test_drafts_layouts_and_parts(portal: Portal) -> None:
    layout = portal.admin(
        "POST",
        "cms/templates.json",
        {
            "type": "layout",
            "system_name": "frame",
            "liquid_enabled": True,
            "draft": "<head>{{ content_of.head | html_safe }}</head>{% content %}",
        },
    )
    partial = portal.admin(
        "POST",
        "cms/templates.json",
        {
            "type": "partial",
            "system_name": "maas/hello",
            "draft": "{% content_for head %}<meta>{% endcontent_for %}hi {{ hello }}",
        },
    )
    for made in (layout, partial):
        portal.admin("PUT", f"cms/templates/{made['id']}/publish.json")
    page = portal.page("/framed", "{% include 'maas/hello' with provider.name %}", layout_id=layout["id"])
    browser = portal.browser()
    assert browser.get("/framed").text == "<head><meta></head>hi maas"
    assert browser.get("/framed/").status_code == 200
    assert browser.get("/Framed").status_code == browser.get("/framed.html").status_code == 404
    portal.admin("PUT", f"cms/templates/{page}.json", {"draft": "changed", "layout_id": ""})
    assert "hi maas" in browser.get("/framed").text
    portal.admin("PUT", f"cms/templates/{page}/publish.json")
    assert browser.get("/framed").text == "changed"


def test_a_layout_without_liquid_only_holds_its_page(portal: Portal) -> None:
    made = portal.admin(
        "POST", "cms/templates.json", {"type": "layout", "system_name": "solid", "draft": "[{% content %}]{{ 1 }}"}
    )
    portal.admin("PUT", f"cms/templates/{made['id']}/publish.json")
    portal.page("/solid", "{{ 1 | plus: 1 }}", layout_name="solid")
    assert portal.browser().get("/solid").text == "[2]{{ 1 }}"


def test_errors_show_on_own_pages_and_end_built_in_ones(portal: Portal) -> None:
    portal.page("/broken", "a {{ 1 | divided_by: 0 }} b")
    browser = portal.browser()
    assert browser.get("/broken").text == "a Liquid error: divided by 0 b"
    portal.builtin("login/new", "{{ 1 | divided_by: 0 }}")
    broken = browser.get("/login")
    assert broken.status_code == 500 and "</html>" in broken.text


def test_markdown_and_textile(portal: Portal) -> None:
    portal.page("/markdown", "# A\n\n```\nb\n```\n\n| x |\n|---|\n", handler="markdown")
    portal.page("/textile", "h1. A\n\n*b*", handler="textile")
    browser = portal.browser()
    assert "<h1>A</h1>" in browser.get("/markdown").text and "<pre><code>b" in browser.get("/markdown").text
    assert "<table" not in browser.get("/markdown").text
    assert "<h1>A</h1>" in browser.get("/textile").text and "<strong>b</strong>" in browser.get("/textile").text


def test_private_sections_hide_what_they_hold(portal: Portal) -> None:
    section = portal.admin("POST", "cms/sections.json", {"title": "Inner", "public": False})
    portal.page("/inner/page", "secret", section_id=section["id"])
    below = portal.admin("POST", "cms/sections.json", {"title": "Below", "parent_id": section["id"]})
    portal.page("/inner/below", "secret", section_id=below["id"])
    browser = portal.browser()
    assert browser.get("/inner/page").status_code == browser.get("/inner/below").status_code == 404
    portal.admin("PUT", f"cms/sections/{section['id']}.json", {"public": True})
    assert browser.get("/inner/below").text == "secret"
    portal.admin("DELETE", f"cms/sections/{section['id']}.json")
    assert browser.get("/inner/page").text == "secret"


def test_files_come_with_their_name_and_by_their_storage_address(portal: Portal) -> None:
    made = portal.admin(
        "POST",
        "cms/files.json",
        data={"path": "img/chip.svg", "downloadable": "true"},
        files={"attachment": ("chip.svg", SVG, "text/plain")},
    )
    assert (made["path"], made["content_type"], made["title"]) == ("/img/chip.svg", "image/svg+xml", "chip.svg")
    browser = portal.browser()
    answer = browser.get("/img/chip.svg")
    assert answer.content == SVG and answer.headers["content-disposition"].startswith("attachment")
    assert browser.get(made["url"]).content == SVG
    portal.page("/with-image", "{{ '/img/chip.svg' | image_tag }}")
    assert browser.get("/with-image").text == f'<img src="{made["url"]}"></img>'


def test_not_found_follows_the_suffix(portal: Portal) -> None:
    browser = portal.browser()
    assert "<h1>Not found</h1>" in browser.get("/nowhere").text
    assert browser.get("/nowhere.json").json() == {"status": "Not found"}
    assert browser.get("/nowhere.png").text == "Not found"


def test_published_documents_are_public(portal: Portal) -> None:
    service = portal.product("granite")
    document = {"openapi": "3.0.3", "info": {"title": "G", "version": "1"}, "paths": {}}
    made = portal.admin(
        "POST",
        "active_docs.json",
        {"name": "Granite", "system_name": "granite", "service_id": service, "body": json.dumps(document)},
    )["api_doc"]
    browser = portal.browser()
    assert browser.get("/swagger/spec/granite.json").status_code == 404
    portal.admin("PUT", f"active_docs/{made['id']}.json", {"published": True})
    assert browser.get("/swagger/spec/granite.json").json() == document
    assert [one["system_name"] for one in browser.get("/api_docs/services.json").json()["apis"]] == ["echo", "granite"]
    assert browser.get("/api_docs/account_data.json").json() == {"status": 401}


def test_unknown_parameters_and_bad_texts_are_refused(portal: Portal) -> None:
    refused = portal.admin("POST", "cms/templates.json", {"type": "page", "title": "x", "path": "/x", "foo": 1}, 422)
    assert refused == {"error": 'Unpermitted parameters: ["foo"]'}
    bad = {"type": "page", "title": "xx", "path": "/x", "liquid_enabled": True, "draft": "{% bogus %}"}
    assert portal.admin("POST", "cms/templates.json", bad, 422) == {
        "errors": {"draft": ["Liquid syntax error: Unknown tag 'bogus'"]}
    }
    assert portal.admin("GET", "cms/templates.json?type=nonsense", status=500)["status"] == 500
    assert portal.admin("GET", "cms/templates.json?per_page=0", status=500)["status"] == 500
    assert len(portal.admin("GET", "cms/templates.json?per_page=1000")["collection"]) == 63


def test_names_are_unique_and_of_letters(portal: Portal) -> None:
    body = {"type": "partial", "system_name": "part", "draft": "x"}
    portal.admin("POST", "cms/templates.json", body)
    for name, words in [("part", "has already been taken"), ("a b", "invalid"), ("submenu", "reserved")]:
        refused = portal.admin("POST", "cms/templates.json", {**body, "system_name": name}, 422)
        assert words in refused["errors"]["system_name"][0]
