# SPDX-License-Identifier: GPL-3.0-or-later
"""The pictures of the documentation: made of a developer's portal, kept with `--update-pictures`."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import GRANITE, MISTRAL, House, make_application, report, sign_in, sign_up
from tests.browser.playground import open_way
from tests.support.standin import ROOT

PICTURES = ROOT / "docs" / "images"
LEAST, MOST = 5_000, 150_000  # bytes of a picture
WIDTHS = {1280: 860, 375: 780}  # with the height of what is shown
USED = [(3, 1), (9, 4), (14, 8), (11, 9), (17, 12), (6, 10), (13, 5), (21, 9), (8, 2)]  # requests an hour, now first


@pytest.fixture(scope="module")
def used(house: House) -> str:
    """An application of somebody who has two and used them today; its id. The person is robin."""
    account = sign_up(house, "robin", "Example Ltd")
    made = [
        (GRANITE, "Code review", "Comments on merge requests"),
        (MISTRAL, "Support assistant", "Drafts answers to tickets"),
    ]
    both = [make_application(house, account, product, "standard", *words) for product, *words in made]
    for hours, counts in enumerate(USED):
        for application, hits in zip(both, counts, strict=True):
            tokens = {"prompt_tokens": 40 * hits, "completion_tokens": 110 * hits, "total_tokens": 150 * hits}
            report(house, application, hours, hits=hits, **tokens)
    return str(both[0]["id"])


def home(page: Page, _used: str) -> Page:
    page.goto("/")
    return page


def models(page: Page, _used: str) -> Page:
    page.goto("/models")
    expect(page.locator("[data-models] > li")).to_have_count(4)
    return page


def model(page: Page, _used: str) -> Page:
    page.goto(f"/models/{GRANITE}")
    expect(page.get_by_role("tab", name="curl", exact=True)).to_be_visible()
    return page


def key(page: Page, used: str) -> Page:
    page.goto(f"/admin/applications/{used}")
    expect(page.locator("[data-last-used]")).not_to_be_empty()
    return page


def usage(page: Page, _used: str) -> Page:
    page.goto("/usage")
    page.get_by_label("Range").select_option("day")
    expect(page.get_by_role("img", name="Requests by hour")).to_be_visible()
    expect(page.locator("[data-limits] meter")).to_have_count(2)
    return page


def playground(page: Page, used: str) -> Locator:
    page.goto(f"/admin/applications/{used}?show=key")
    key = page.locator("#user-key").inner_text()
    page.goto(f"/models/{GRANITE}")
    page.get_by_label("Your key for this model").fill(key)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("tokens out.")).to_be_visible()
    return page.get_by_role("region", name="Try it")


@pytest.mark.parametrize("show", [home, models, model, key, usage, playground], ids=lambda show: show.__name__)
def test_a_picture(
    house: House, used: str, page: Page, tmp_path: Path, pytestconfig: pytest.Config, show: object
) -> None:
    assert callable(show)
    open_way(page, house)
    sign_in(page, "robin")
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 1180 if show is usage else height})
        name = f"portal-{show.__name__}{'' if width > 1000 else '-narrow'}.png"
        made = (PICTURES if pytestconfig.getoption("--update-pictures") else tmp_path) / name
        show(page, used).screenshot(path=made, animations="disabled")
        assert LEAST < made.stat().st_size < MOST, f"{name}: {made.stat().st_size} bytes"
        assert (PICTURES / name).is_file(), "make it with: make portal-pictures"
