# SPDX-License-Identifier: GPL-3.0-or-later
"""threescale_portal on the inputs that people have: README files, pages of one title, broken Liquid, files in S3."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from tests.integration.threescale.conftest import Runner, Step, assert_protocol, protocol
from tests.support.standin import Standin

ICON = b"\x89PNG\r\n\x1a\n, or nearly so"


def write(folder: Path, **files: str) -> str:
    """A folder with these texts; ``__`` in a name is a slash, ``_dot_`` a dot."""
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return str(folder)


def test_a_folder_as_it_lies_in_git(standin: Standin, run: Runner, tmp_path: Path) -> None:
    """What is no page stays at home; every page finds a system name that is free."""
    folder = write(
        tmp_path / "portal",
        README_dot_md="how this folder is made",
        LICENSE="free",
        _dot_cmsignore="# drafts\n*.draft.html\nsketches/\n!kept.draft.html\n",
        _dot_github__workflow_dot_yml="ci: true",
        new_dot_draft_dot_html="not yet",
        kept_dot_draft_dot_html="yes",
        sketches__one_dot_html="not yet",
        a_dot_html_dot_liquid="{% raw %}{{- trimmed -}} {%- here -%}{% endraw %}",  # one letter as title
        guide__start_dot_html="of the guide",
        help__start_dot_html="of the help",
    )
    content = [{"type": "page", "path": "/reading", "title": "Documentation", "content": "a new tenant has that title"}]
    options = {"folders": [folder], "content": content, "portal_url": standin.portal_url}
    results = run.done(*protocol("threescale_portal", options))
    assert_protocol(results)
    made = {key.removeprefix("create page ") for key in results[2].actions if key.startswith("create page ")}
    assert made == {"/a", "/guide/start", "/help/start", "/kept.draft", "/reading"}
    assert not [action for action in results[2].actions if " file " in action]
    pages = {row["path"]: row for row in standin.dump()["cms_templates"] if row.get("path")}
    assert pages["/a"]["system_name"] == "page-a" and pages["/a"]["published"].startswith("{% raw %}{{-")
    assert pages["/guide/start"]["system_name"] == "guide-start" and pages["/guide/start"]["title"] == "start"


def test_broken_templates_are_refused_by_file_and_line(standin: Standin, run: Runner, tmp_path: Path) -> None:
    """Before the first write, which the sound page beside them would have been."""
    cases = {
        "two.html.liquid (page /two), line 3: there is no filter 'json'": "<p>\n</p>\n{{ page | json }}",
        "two.html.liquid (page /two), line 2: there is no tag 'render'": "\n{% render 'x' %}",
        "two.html.liquid (page /two), line 1: 'if' is never ended": "{% if a %}\nx",
        "two.html.liquid (page /two), line 1: '{%-': this Liquid has no whitespace control": "{%- if a %}x{% endif %}",
        "two.html.liquid (page /two), line 2: '{{' is not closed": "x\n{{ page.title",
    }
    steps = []
    for place, text in enumerate(cases.values()):
        folder = write(tmp_path / str(place), one_dot_html_dot_liquid="{{ page.title }}", two_dot_html_dot_liquid=text)
        steps.append(Step("threescale_portal", {"folders": [folder], "portal_url": standin.portal_url}))
    layout = {"type": "layout", "system_name": "bare", "liquid_enabled": True, "content": "<html></html>"}
    made = {"card.html.liquid": "{% assign title | upcase %}"}
    steps += [Step("threescale_portal", {"content": [layout]}), Step("threescale_portal", {"files": made})]
    cases |= {
        "content[0].content (layout bare), line 1: the layout must contain {% content %}": "",
        "files: card.html.liquid (page /card), line 1: 'assign' is not written as": "",
    }
    for words, result in zip(cases, run(*steps), strict=True):
        assert result.failed and words in result.message, (words, result.message)
    assert standin.counters()["writes"] == 0


class Bucket(BaseHTTPRequestHandler):
    """A portal whose files lie in S3, and that S3: a signed address without cookies gets the file."""

    stored: ClassVar[bytes] = ICON
    cookies: ClassVar[list[str]] = []
    allowed: ClassVar[bool] = True

    def do_GET(self) -> None:  # noqa: N802 - the base class's name
        """Answer for both."""
        if self.path.startswith("/bucket/"):
            self.cookies.append(self.headers.get("Cookie") or "")
            good = self.allowed and self.path.endswith("/icon.png?X-Amz-Signature=0123abcd")
            return self._answer(200 if good else 403, self.stored if good else b"<Error/>")
        place = f"http://localhost:{self.server.server_port}/bucket{self.path}?X-Amz-Signature=0123abcd"  # type: ignore[attr-defined]
        return self._answer(302, b"", place)

    def _answer(self, status: int, body: bytes, location: str = "") -> None:
        self.send_response(status)
        for name, value in (("Location", location), ("Set-Cookie", "_system_session=s; Path=/" if location else "")):
            if value:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Nothing."""


@pytest.fixture
def portal_with_s3() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_files_in_s3(run: Runner, tmp_path: Path, portal_with_s3: str) -> None:
    """The signed address is followed without the portal's cookies, and shown to nobody; the diff has digests."""
    (tmp_path / "icon.png").write_bytes(ICON)
    item = {"type": "file", "path": "/icon.png", "src": str(tmp_path / "icon.png")}
    options = {"content": [item], "portal_url": portal_with_s3}
    made, same = run(*[Step("threescale_portal", options)] * 2)
    assert made.actions == ["create file /icon.png"] and not same.changed and not same.failed, same.message
    assert Bucket.cookies == [""]

    (tmp_path / "icon.png").write_bytes(ICON + b"!")
    (other,) = run(Step("threescale_portal", options, check=True))
    assert other.actions == ["update file /icon.png"]
    for content in (ICON, ICON + b"!"):
        assert f"sha256:{hashlib.sha256(content).hexdigest()} ({len(content)} bytes)" in other.diff

    Bucket.allowed = False
    (refused,) = run(Step("threescale_portal", options))
    assert refused.failed and "answered 403" in refused.message and "/bucket/icon.png" in refused.message
    assert "Signature" not in run.output
