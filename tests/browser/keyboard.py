# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody without a mouse: nothing but keys, and at every stop the question whether one sees where one is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import found_by_axe

#: widths in pixels and colour schemes that every journey is walked with
SCREENS = [(width, scheme) for width in (375, 768, 1280) for scheme in ("light", "dark")]
MOST_STOPS = 150
_CHOICE = "(one) => one.options[one.selectedIndex].label"
# Where the focus is: whether it is on a wanted element, its place among all that can be reached and how many these are
# (of several tabs only the chosen one counts), and what is wrong with it, "" for nothing and null outside of the page:
# an outline is to be thick enough and to stand out from what it lies on, the element in sight and under nothing else.
_LOOK = """(wanted) => {
  const one = document.activeElement;
  const parts = (colour) => (colour.match(/[0-9.]+/g) || []).map(Number);
  const light = (colour) => parts(colour).slice(0, 3).map((part) => part / 255)
    .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  function fault() {
    if (!one || one === document.body || one === document.documentElement) { return null; }
    const style = getComputedStyle(one);
    if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) { return "no outline"; }
    let ground = one.parentElement;
    while (ground && parts(getComputedStyle(ground).backgroundColor)[3] === 0) { ground = ground.parentElement; }
    const below = getComputedStyle(ground || document.documentElement).backgroundColor;
    const [less, more] = [style.outlineColor, below].map(light).sort((a, b) => a - b);
    if ((more + 0.05) / (less + 0.05) < 3) { return "the outline is hardly seen"; }
    const box = [...one.getClientRects()].find((each) => each.width > 1 && each.height > 1);
    if (!box) { return "there is nothing to see"; }
    const y = Math.min(Math.max(box.top + 4, 1), box.bottom - 1);
    const top = document.elementFromPoint(Math.min(box.left + box.width / 2, innerWidth - 2), y);
    if (!top) { return "it is out of sight"; }
    return one.contains(top) || top.contains(one) ? "" : "it is hidden by " + top.outerHTML.slice(0, 80);
  }
  const open = (each) => each.checkVisibility({ visibilityProperty: true }) && !each.disabled && each.tabIndex >= 0;
  const kinds = "a[href], button, input, select, textarea, summary, [tabindex]";
  const all = [...document.querySelectorAll(kinds)].filter(open);
  const wrong = fault();
  const said = wrong && wrong + ": " + one.outerHTML.slice(0, 120);
  const [here, place, inside] = [wanted.includes(one), all.indexOf(one), wrong !== null];
  const skips = one.matches(".skip") && wanted.some((each) => each.closest("main"));
  return { here, place, count: all.length, fault: said, inside, skips };
}"""


@dataclass(frozen=True)
class Keyboard:
    """A page, and a person who can press keys."""

    page: Page

    def press(self, *keys: str) -> None:
        """One key after the other, on a page that is there with its styles."""
        self.page.wait_for_load_state()
        for key in keys:
            self.page.keyboard.press(key)

    def tab(self, wanted: str | Locator = "body") -> dict[str, Any]:
        """To the next stop, where one must see that one is; what there is (see above)."""
        self.press("Tab")
        places = self.page.locator(wanted) if isinstance(wanted, str) else wanted
        found: dict[str, Any] = places.evaluate_all(_LOOK)
        assert not found["fault"], f"{self.page.url}: {found['fault']}"
        return found

    def to(self, wanted: Locator) -> None:
        """By Tab to an element, past the menu where it stands behind that; once around is all that it may take."""
        beyond = 0
        for _stop in range(MOST_STOPS):
            found = self.tab(wanted)
            if found["here"]:
                return
            if found["skips"]:
                self.press("Enter")
            beyond += not found["inside"]
            assert beyond < 2, f"{self.page.url}: no Tab leads to {wanted}"
        raise AssertionError(f"{self.page.url}: {MOST_STOPS} times Tab do not lead to {wanted}")

    def follow(self, name: str | re.Pattern[str], within: str = "main") -> None:
        """The link of this name in a part of the page (main, banner, contentinfo), to where it leads."""
        self.to(self.page.get_by_role(within).get_by_role("link", name=name))  # type: ignore[arg-type]
        with self.page.expect_navigation():
            self.press("Enter")

    def push(self, name: str | re.Pattern[str], key: str = "Enter") -> None:
        """The button of this name, by Enter or by the space bar."""
        self.to(self.page.get_by_role("button", name=name))
        self.press(key)

    def write(self, label: str, text: str) -> None:
        """Into a field; what stands there is replaced."""
        self.to(self.page.get_by_label(label, exact=True))
        self.press("Control+A")
        self.page.keyboard.type(text)

    def choose(self, label: str, option: str) -> None:
        """An option of a list, by the first letters of its name."""
        field = self.page.get_by_label(label, exact=True)
        self.to(field)
        self.page.keyboard.type(option)
        assert field.evaluate(_CHOICE) == option

    def skip(self) -> None:
        """Past the menu by the first link of all; the next stop lies within the page's own part."""
        self.tab()
        link = self.page.get_by_role("link", name="Skip to content")
        expect(link).to_be_focused()
        expect(link).to_be_in_viewport()
        self.press("Enter")
        self.tab()
        assert self.page.evaluate("document.querySelector('main').contains(document.activeElement)"), self.page.url

    def look(self) -> None:
        """Whether the page, as it is now, fits the screen and whether axe-core finds nothing."""
        self.page.wait_for_load_state()
        wide = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        dark = self.page.evaluate(
            "matchMedia('(prefers-color-scheme: dark)').matches"
        )  # of which structure is the same
        found = [
            *found_by_axe(self.page, contrast_alone=dark),
            *([f"it is wider by {wide} pixels than the screen"] if wide > 0 else []),
        ]
        assert found == [], f"{self.page.url}: {found}"

    def around(self) -> list[int]:
        """The whole page, from its beginning to its end: the places of the stops among all that can be reached."""
        stops: list[int] = []
        while (found := self.tab())["inside"]:
            if stops and found["place"] == stops[0]:
                break  # some pages end with the browser's own stop, some begin anew
            stops.append(found["place"])
            assert len(stops) <= found["count"], f"{self.page.url}: the focus is caught at {stops[-3:]}"
        assert stops == list(range(found["count"])), f"{self.page.url}: {stops}"
        return stops


def copied(page: Page) -> Any:
    """What the clipboard holds."""
    return page.evaluate("navigator.clipboard.readText()")
