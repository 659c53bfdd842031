# SPDX-License-Identifier: GPL-3.0-or-later
"""What a developer sees of limits that are used up, of what the month costs, and of products that share a title."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import GRANITE, MISTRAL, House, make_application, report, service_of, sign_in, sign_up
from tests.browser.playground import open_way

TITLE = "Granite 8B Code Instruct 128k"
MODEL = "granite-8b-code-instruct-128k"


def next_month() -> str:
    """When a month's limit begins anew."""
    now = datetime.now(timezone.utc)
    return (now.replace(day=1) + timedelta(days=32)).strftime("%Y-%m-01 00:00")


def test_a_limit_that_is_used_up(house: House, page: Page) -> None:
    used_up = make_application(house, sign_up(house, "max"), GRANITE, "small", "used up")
    report(house, used_up, hits=2)
    sign_in(page, "max")
    page.goto(f"/usage?application={used_up['id']}")
    limit = page.locator("[data-limits] li")
    expect(limit).to_contain_text("2 requests per month")
    expect(limit).to_contain_text("Limit reached")
    expect(limit).to_contain_text(f"2 of 2 used (100 %). Begins anew {next_month()}.")

    open_way(page, house)
    page.goto(f"/models/{GRANITE}")
    page.get_by_label("Your key for this model").fill("sk-maas-" + used_up["user_key"])
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("The answer is 429")).to_be_visible()
    answer = house.chat(GRANITE, MODEL, used_up["user_key"])
    assert answer.status_code == 429 and answer.json()["error"]["code"] == "insufficient_quota"
    expect(page.get_by_label("Answer", exact=True)).to_have_text(answer.text.strip())

    page.goto(f"/admin/applications/{used_up['id']}")
    warning = re.compile(r"100 % of a limit: hits per month: 2/2")
    expect(page.get_by_role("status").filter(has_text=warning)).to_be_visible()
    page.get_by_role("link", name="Warnings of limits").click()
    expect(page.get_by_role("listitem").filter(has_text=warning)).to_be_visible()


def rows_of(page: Page, button: str, folder: Path) -> list[dict[str, str]]:
    """The rows of the CSV that a button of the page gives."""
    with page.expect_download() as downloaded:
        page.get_by_role("button", name=button, exact=True).click()
    downloaded.value.save_as(folder / "file.csv")
    return list(csv.DictReader((folder / "file.csv").read_text().splitlines()))


def test_what_a_month_costs(house: House, page: Page, tmp_path: Path) -> None:
    priced = make_application(house, sign_up(house, "pat"), GRANITE, "priced", 'dear, "very" dear')
    report(house, priced, hits=4, total_tokens=150)
    sign_in(page, "pat")
    page.goto(f"/admin/applications/{priced['id']}")
    plan = page.get_by_role("region", name="Priced Plan")
    for words in ("€ 5.00 per month", "€ 0.0200 per token", "€ 0.0100 per token beyond the first 100 a month"):
        expect(plan.get_by_text(words, exact=True)).to_be_visible()

    page.goto("/usage")
    # 100 tokens at 0.02, 50 at 0.01, four requests at 0.25, and the month's five
    told = page.locator(f'[data-cost-of="{priced["id"]}"]')
    expect(told).to_have_text("€ 8.50 this month, by the prices of the plan. € 5.00 of it is the monthly fee.")
    costs = rows_of(page, "Download costs as CSV", tmp_path)
    own = [row for row in costs if row["application"] == priced["name"]]
    assert {row["item"]: (row["units"], row["cost"]) for row in own} == {
        "monthly_fee": ("1", "5"),
        "total_tokens": ("150", "2.5"),
        "hits": ("4", "1"),
    }
    assert sum(float(row["cost"]) for row in costs) == 8.5
    month = datetime.now(timezone.utc).strftime("%Y-%m")
    assert {(row["month"], row["product"], row["plan"], row["currency"]) for row in own} == {
        (month, GRANITE, "Priced Plan", "€")
    }
    page.get_by_label("Show").select_option("total_tokens")
    expect(page.get_by_role("img", name=re.compile("^Tokens by day, 150 in all"))).to_be_visible()
    values = rows_of(page, "Download as CSV", tmp_path)
    assert sum(int(row["value"]) for row in values) == 150 and {row["metric"] for row in values} == {"total_tokens"}


@pytest.fixture
def twins(house: House) -> Iterator[str]:
    """Two products with one title, for as long as a test runs; the title."""
    place = f"services/{service_of(house, MISTRAL)}"
    name: Any = house.admin("GET", place)["service"]["name"]
    house.admin("PUT", place, {"name": TITLE})
    yield TITLE
    house.admin("PUT", place, {"name": name})


def test_products_of_one_title_are_told_apart(house: House, page: Page, tmp_path: Path, twins: str) -> None:
    account = sign_up(house, "sam")
    for product, hits in ((GRANITE, 3), (MISTRAL, 4)):
        report(house, make_application(house, account, product, "standard", "assistant"), hits=hits)
    sign_in(page, "sam")
    page.goto("/usage")
    both = [f"{twins} ({product})" for product in (GRANITE, MISTRAL)]
    expect(page.locator("[data-chart] .legend li")).to_have_count(2)
    for name, hits in zip(both, (3, 4), strict=True):
        expect(page.locator("[data-chart] .legend li").filter(has_text=name)).to_have_count(1)
        expect(page.locator("[data-sums] tbody tr").filter(has_text=name)).to_contain_text(str(hits))
    values = rows_of(page, "Download as CSV", tmp_path)
    sums = {
        product: sum(int(row["value"]) for row in values if row["product"] == product) for product in (GRANITE, MISTRAL)
    }
    assert sums == {GRANITE: 3, MISTRAL: 4}
    options = page.get_by_label("Application", exact=True).locator("option").all_inner_texts()
    assert len(set(options)) == len(options) >= 3, "applications of one name are told apart too"
