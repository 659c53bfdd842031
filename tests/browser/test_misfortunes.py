# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pages say when something does not answer, answers oddly, or is not let; and that they stay usable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import GRANITE, House, make_application, sign_in, sign_up

STATISTICS = re.compile("/stats/api/")
CHAT = re.compile("/v1/chat/completions$")


@pytest.fixture(scope="module")
def unused(house: House) -> str:
    """Somebody's application that was never used, of a plan without limits; its id. The person is zoe."""
    return str(make_application(house, sign_up(house, "zoe"), GRANITE, "premium", "never used")["id"])


@pytest.fixture
def zoe(unused: str, page: Page) -> Page:
    """Signed in."""
    sign_in(page, "zoe")
    return page


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (403, "application/json", '{"status":"Forbidden"}'),
        (500, "text/html", "<h1>500</h1>"),
        (200, "text/html", "<!DOCTYPE html><title>Sign in</title>"),
    ],
    ids=["refused", "failed", "html"],
)
def test_statistics_that_do_not_answer(zoe: Page, unused: str, status: int, kind: str, body: str) -> None:
    zoe.route(STATISTICS, lambda route: route.fulfill(status=status, content_type=kind, body=body))
    zoe.goto("/usage")
    expect(zoe.locator("[data-note]")).to_have_text("The numbers can't be had at the moment; please try again later.")
    expect(zoe.locator("[data-limits]").get_by_text("This plan has no limits.")).to_be_visible()
    zoe.goto(f"/admin/applications/{unused}")
    expect(zoe.get_by_role("link", name="Show the key")).to_be_visible()
    expect(zoe.locator("[data-last-used]")).to_be_empty()
    zoe.unroute(STATISTICS)
    zoe.goto("/usage")
    expect(zoe.locator("[data-note]")).to_be_empty()
    expect(zoe.get_by_role("img", name=re.compile("Requests by day, 0 in all"))).to_be_visible()
    expect(zoe.locator('[data-sums] [data-measure="hits"]').first).to_have_text("0")


def test_statistics_that_take_their_time(zoe: Page) -> None:
    waiting: list[Route] = []
    late = Event()
    zoe.route(STATISTICS, lambda route: route.continue_() if late.is_set() else waiting.append(route))
    zoe.goto("/usage")
    expect(zoe.locator("[data-note]")).to_have_text("Asking for the numbers …")
    zoe.get_by_label("Range").select_option("day")  # what was asked before must not be drawn any more
    late.set()
    for route in waiting:
        route.continue_()
    expect(zoe.get_by_role("img", name=re.compile("Requests by hour, 0 in all"))).to_be_visible()
    expect(zoe.locator("[data-note]")).to_be_empty()


def test_a_browser_that_does_not_let_copy(zoe: Page, unused: str) -> None:
    zoe.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'))")
    zoe.goto(f"/admin/applications/{unused}?show=key")
    zoe.get_by_role("button", name="Copy the key").click()
    expect(zoe.get_by_role("button", name="Selected; press Ctrl+C")).to_be_visible()
    assert zoe.evaluate("getSelection().toString()") == zoe.locator("#user-key").inner_text() != ""


@pytest.mark.parametrize("how", ["cut", "failed", "asked-to-sign-in"])
def test_a_key_that_can_not_be_fetched_is_shown_by_its_page(zoe: Page, unused: str, how: str) -> None:
    def fail(route: Route) -> None:
        if how == "cut":
            route.abort()
        else:
            route.fulfill(status=500 if how == "failed" else 200, body="<p>no key</p>", content_type="text/html")

    zoe.route(re.compile("show=key"), fail, times=1)
    zoe.goto(f"/admin/applications/{unused}")
    zoe.get_by_role("link", name="Show the key").click()
    expect(zoe).to_have_url(re.compile("show=key$"))
    expect(zoe.locator("#user-key")).to_contain_text("sk-maas-")


def ask(page: Page) -> None:
    """The playground, with a key that nobody looks at."""
    page.goto(f"/models/{GRANITE}")
    page.get_by_label("Your key for this model").fill("sk-maas-any")
    page.get_by_role("button", name="Send").click()


@pytest.mark.parametrize(
    ("status", "kind", "body", "told", "shown"),
    [
        (502, "text/html", "<html><h1>Bad <b>Gateway</b></h1></html>", "The answer is 502", "<h1>Bad <b>Gateway</b>"),
        (200, "text/html", "<p>Sign in</p>", "The answer is not what a model says:", "<p>Sign in</p>"),
        (200, "text/event-stream", 'data: {"choices": [{"delta": {"content": "Hel"}}]}\n\n', "broke off", "Hel"),
        (
            200,
            "text/event-stream",
            'data: {"choices": [{"delta": {"content": "Hel"}}]}\n\ndata: {"cho',
            "broke off",
            "Hel",
        ),
        (200, "text/event-stream", 'data: {"error": {"message": "too <long>"}}\n\ndata: [DONE]\n\n', "", "too <long>"),
        (200, "text/event-stream", ": nothing\n\ndata: [DONE]\n\n", "", ""),
    ],
    ids=["html-error", "html", "no-end", "half-an-event", "error-within", "empty"],
)
def test_a_model_that_answers_oddly(page: Page, status: int, kind: str, body: str, told: str, shown: str) -> None:
    allowed = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*, authorization"}
    page.route(CHAT, lambda route: route.fulfill(status=status, content_type=kind, body=body, headers=allowed))
    ask(page)
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    expect(page.locator("[data-told]")).to_contain_text(told)
    expect(page.get_by_label("Answer", exact=True)).to_contain_text(shown)
    expect(page.locator("[data-output] *")).to_have_count(0)


class Stream(ThreadingHTTPServer):
    """Says the beginning of an answer, and nothing more until it is told to end the connection."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Begins)
        self.cut = Event()
        Thread(target=self.serve_forever, daemon=True).start()


class _Begins(BaseHTTPRequestHandler):
    server: Stream
    protocol_version = "HTTP/1.1"

    def _begin(self) -> None:
        self.send_response(200)
        for name, value in {"Origin": "*", "Headers": "authorization, content-type"}.items():
            self.send_header(f"Access-Control-Allow-{name}", value)
        preflight = self.command == "OPTIONS"
        self.send_header("Content-Length", "0") if preflight else self.send_header("Transfer-Encoding", "chunked")
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        if preflight:
            return
        piece = b'data: {"choices": [{"delta": {"content": "Once upon"}}]}\n\n'
        self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        self.wfile.flush()
        self.server.cut.wait(60)
        self.close_connection = True

    do_POST = do_OPTIONS = _begin  # noqa: N815

    def log_message(self, *_arguments: Any) -> None:
        """Quiet."""


@pytest.fixture
def stream() -> Iterator[Stream]:
    """Such a server."""
    server = Stream()
    yield server
    server.cut.set()
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("by", ["server", "person"])
def test_an_answer_that_is_cut_in_the_middle(house: House, page: Page, stream: Stream, by: str) -> None:
    def lead_there(
        route: Route,
    ) -> None:  # the page's policy allows the gateway's hosts alone, so the page is told another
        answer = route.fetch()
        text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", answer.text())
        here = f"http://127.0.0.1:{stream.server_address[1]}"
        route.fulfill(response=answer, body=re.sub(r'data-base="[^"]*"', f'data-base="{here}"', text))

    page.context.grant_permissions(["local-network-access"])
    page.route(f"{house.portal}/models/{GRANITE}", lead_there)
    ask(page)
    expect(page.get_by_label("Answer", exact=True)).to_have_text("Once upon")
    if by == "server":
        stream.cut.set()
        expect(page.get_by_text("The answer broke off before its end. Please ask again.")).to_be_visible()
    else:
        page.get_by_role("button", name="Stop").click()
        expect(page.get_by_text("Stopped.")).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    expect(page.get_by_label("Answer", exact=True)).to_have_text("Once upon")


def test_without_scripts_every_page_says_what_to_do(chromium: Browser, zoe: Page, house: House) -> None:
    plain = chromium.new_context(base_url=house.portal, java_script_enabled=False)
    plain.add_cookies(zoe.context.cookies())  # type: ignore[arg-type]
    page = plain.new_page()
    page.goto("/usage")
    expect(page.get_by_text("The numbers need JavaScript in your browser.")).to_be_visible()
    page.goto(f"/models/{GRANITE}")
    expect(page.locator("[data-play]")).to_be_hidden()
    expect(page.locator("[data-copy]:visible")).to_have_count(0)
    assert page.locator(".snippet:visible").count() >= 4
    page.goto("/models")
    expect(page.locator("[data-find]")).to_be_hidden()
    expect(page.locator("[data-models] > li:visible")).to_have_count(4)
    page.goto("/docs/changes")
    expect(page.get_by_role("button", name="Ask now")).to_be_hidden()
    plain.close()


def test_nothing_moves_for_those_who_do_not_want_it(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto("/models")
    card = page.locator("[data-models] > li").first
    card.hover()
    assert card.evaluate("(one) => getComputedStyle(one).transitionDuration") == "0s"
    assert card.evaluate("(one) => getComputedStyle(one).transform") == "none"
