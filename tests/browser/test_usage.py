# SPDX-License-Identifier: GPL-3.0-or-later
"""The usage page and the key, as a developer with a password sees them; the calls are reported at the backend."""

from __future__ import annotations

import csv
import re
from datetime import datetime, timedelta, timezone
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import GRANITE, House, make_application, report, sign_in, sign_up
from tests.browser.playground import open_way


def test_usage_as_chart_tables_limits_and_csv(
    house: House, developer: dict[str, str], page: Page, tmp_path: Path
) -> None:
    sign_in(page, developer["username"])
    page.goto(f"/admin/applications/{developer['id']}")
    page.get_by_role("link", name="See the usage").click()
    expect(page).to_have_url(re.compile(f"/usage\\?application={developer['id']}$"))
    expect(page).to_have_title(re.compile("^Usage · "))
    expect(page.get_by_label("Application", exact=True)).to_have_value(developer["id"])
    sums = page.locator("[data-sums] tbody tr")
    expect(sums).to_have_count(1)
    expect(sums.locator('[data-measure="hits"]')).to_have_text("3")
    expect(sums).to_contain_text("=cmd <b>{{ 1 | plus: 1 }}")
    expect(page.get_by_role("img", name=re.compile("Requests by day, 3 in all"))).to_be_visible()
    limits = page.locator("[data-limits] li")
    expect(limits.filter(has_text="60 ")).to_contain_text(re.compile("per minute *Begins anew with each minute"))
    expect(limits.filter(has_text="5,000 ")).to_contain_text(re.compile(r"in all *3 of 5,000 used \(0 %\)\.$"))

    page.get_by_label("Application", exact=True).select_option("")
    page.get_by_label("Range").select_option("day")
    count = int(developer["count"])  # the tenant's sample product may have given one more
    expect(sums).to_have_count(count)
    expect(page.get_by_role("img", name=re.compile("Requests by hour, 3 in all"))).to_be_visible()
    page.get_by_text("The same as a table").click()
    expect(page.locator("[data-table] tbody tr")).to_have_count(24)
    with page.expect_download() as downloaded:
        page.get_by_role("button", name="Download as CSV").click()
    downloaded.value.save_as(tmp_path / "usage.csv")
    rows = list(csv.DictReader((tmp_path / "usage.csv").read_text().splitlines()))
    assert len(rows) == 24 * count and sum(int(row["value"]) for row in rows) == 3
    assert any(row["application"].startswith("'=cmd") for row in rows), "a spreadsheet takes it for no formula"
    page.set_viewport_size({"width": 375, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_errors_stand_apart_from_successes(house: House, page: Page) -> None:
    used = make_application(house, sign_up(house, "eve"), GRANITE, "standard", "with errors")
    for code, hits in ((200, 4), (429, 2), (503, 1)):
        for _call in range(hits):
            report(house, used, code=code, hits=1)
    sign_in(page, "eve")
    page.goto(f"/usage?application={used['id']}")
    row = page.locator("[data-sums] tbody tr").filter(has_text="with errors")
    expect(row.locator('[data-measure="hits"]')).to_have_text("7")
    expect(row.locator('[data-measure="errors"]')).to_have_text("3")


def test_ranges_of_ones_own_are_never_longer_than_the_server_answers(developer: dict[str, str], page: Page) -> None:
    """By day it answers for a year, by month for ten; a longer question is refused, and would show as no use at all."""
    sign_in(page, developer["username"])
    refused: list[str] = []
    page.on("response", lambda one: refused.append(one.url) if "hits" in one.url and one.status == 400 else None)
    page.goto(f"/usage?application={developer['id']}")
    hits = page.locator('[data-sums] [data-measure="hits"]')
    expect(hits).to_have_text("3")
    page.get_by_label("Range").select_option("own")
    today = datetime.now(timezone.utc).date()
    for days, by in ((365, "day"), (366, "month"), (9000, "month")):
        page.get_by_label("From", exact=True).fill((today - timedelta(days=days - 1)).isoformat())
        page.get_by_label("To", exact=True).fill(today.isoformat())
        expect(page.get_by_label("By", exact=True)).to_have_value(by)
        expect(page.get_by_role("img", name=re.compile(f"Requests by {by}, 3 in all"))).to_be_visible()
        expect(hits).to_have_text("3")
    assert refused == []


def test_the_key_is_no_part_of_the_page_until_asked_for(house: House, developer: dict[str, str], page: Page) -> None:
    sign_in(page, developer["username"])
    for path in ("/", "/admin", "/admin/applications", f"/admin/applications/{developer['id']}", "/usage"):
        page.goto(path)
        assert developer["key"] not in page.content(), path
    page.goto(f"/admin/applications/{developer['id']}")
    expect(page.get_by_text(re.compile("Last used on .* UTC"))).to_be_visible()
    page.get_by_role("link", name="Show the key").click()
    expect(page.locator("#user-key")).to_have_text("sk-maas-" + developer["key"])
    page.get_by_role("button", name="Copy the key").click()
    assert page.evaluate("navigator.clipboard.readText()") == "sk-maas-" + developer["key"]

    plain = page.context.browser.new_context(base_url=house.portal, java_script_enabled=False)  # type: ignore[union-attr]
    plain.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    tab = plain.new_page()
    tab.goto(f"/admin/applications/{developer['id']}")
    tab.get_by_role("link", name="Show the key").click()
    expect(tab.locator("#user-key")).to_have_text("sk-maas-" + developer["key"])
    plain.close()


def test_a_model_is_tried_on_its_page(house: House, developer: dict[str, str], page: Page) -> None:
    open_way(page, house)
    page.goto(f"/models/{GRANITE}")
    page.get_by_label("Your key for this model").fill("sk-maas-wrong")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text(re.compile("The answer is 40[13]"))).to_be_visible()
    page.get_by_label("Your key for this model").fill("sk-maas-" + developer["key"])
    page.get_by_label("Text", exact=True).fill("It's {{ 7 | plus: 1 }} o'clock")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_label("Answer", exact=True)).not_to_be_empty()
    expect(page.get_by_text(re.compile("tokens in, [1-9][0-9]* tokens out"))).to_be_visible()
    page.get_by_text("The request as code").click()
    expect(page.locator("#play-curl")).to_contain_text("It\\u0027s {{ 7 | plus: 1 }} o\\u0027clock")
    expect(page.locator("#play-python")).to_contain_text('"stream": True')
    assert developer["key"] not in page.content()
    assert page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie])").find("sk-maas") < 0
