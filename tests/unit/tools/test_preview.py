# SPDX-License-Identifier: GPL-3.0-or-later
"""The portal's pages as files: links lead to files that are there, others nowhere."""

from __future__ import annotations

import pytest

from tools.preview.site import as_file, file_of

HOST = "http://maas.apps.localhost:8000"


@pytest.mark.parametrize(
    ("path", "file"),
    [("/", "index.html"), ("/models/a", "models/a/index.html"), ("/css/maas.css", "css/maas.css")],
)
def test_file_of(path: str, file: str) -> None:
    assert file_of(path) == file


def test_links_become_relative() -> None:
    known = {path: file_of(path) for path in ("/", "/models", "/usage", "/css/maas.css")}
    text = (
        '<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;">'
        f'<link href="/css/maas.css"><a href="{HOST}/models">a</a><a href="/usage?application=1&amp;x=2">b</a>'
        '<a href="/gone">c</a><a href="https://example.com/x">d</a><a href="#here">e</a>'
    )
    assert as_file(text, "/models/a", known, HOST) == (
        '<link href="../../css/maas.css"><a href="../index.html">a</a>'
        '<a href="../../usage/index.html?application=1&amp;x=2">b</a>'
        '<a href="#">c</a><a href="https://example.com/x">d</a><a href="#here">e</a>'
    )
