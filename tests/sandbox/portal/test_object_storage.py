# SPDX-License-Identifier: GPL-3.0-or-later
"""Where files are kept in S3 the portal sends browsers to a signed address."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from httpx import Response
from starlette.testclient import TestClient

from sandbox.threescale.__main__ import arguments, make_server
from tests.sandbox.portal.visitors import D, Portal

TEXT = b"body { color: black }"


@pytest.fixture(scope="module")
def portal() -> Portal:
    """A portal with a file, whose access code is off."""
    options = f"--port 1 --superdomain {D} --tenant maas --token TOKEN --master-token MASTER --files s3"
    found = Portal(make_server(arguments().parse_args(options.split())))
    found.admin("PUT", "provider.json", {"site_access_code": ""})
    found.admin("POST", "cms/files.json", files={"attachment": ("a b.css", TEXT)}, data={"path": "/files/a.css"})
    return found


def fetch(portal: Portal, address: str, **headers: str) -> Response:
    parts = urlsplit(address)
    client = TestClient(portal.server, base_url=f"{parts.scheme}://{parts.netloc}")
    return client.get(f"{parts.path}?{parts.query}", headers=headers)


def test_signed_addresses(portal: Portal) -> None:
    answer = portal.browser().client.get("/files/a.css")
    assert (answer.status_code, answer.content) == (302, b"")
    assert answer.headers["cache-control"] == "public, max-age=3600"
    address = answer.headers["location"]
    assert address.startswith(f"http://s3.{D}/system-storage/maas/") and "X-Amz-Signature=" in address
    assert fetch(portal, address).content == TEXT
    listed = portal.admin("GET", "cms/files.json?per_page=100")["collection"][-1]
    assert fetch(portal, listed["url"]).content == TEXT


@pytest.mark.parametrize(
    ("wanted", "instead", "headers", "status", "code"),
    [
        ("a%20b-", "other-", {}, 403, "SignatureDoesNotMatch"),
        ("X-Amz-Expires=3600", "X-Amz-Expires=36000", {}, 403, "SignatureDoesNotMatch"),
        ("X-Amz-Signature=", "other=", {}, 403, "AccessDenied"),
        ("", "", {"Authorization": "Basic OlRPS0VO"}, 400, "InvalidArgument"),
    ],
)
def test_addresses_that_are_refused(
    portal: Portal, wanted: str, instead: str, headers: dict[str, str], status: int, code: str
) -> None:
    address = portal.browser().client.get("/files/a.css").headers["location"]
    assert wanted in address
    answer = fetch(portal, address.replace(wanted, instead, 1) if wanted else address, **headers)
    assert (answer.status_code, f"<Code>{code}</Code>" in answer.text) == (status, True)


def test_an_address_grows_old(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    address = portal.browser().client.get("/files/a.css").headers["location"]
    clock = portal.server.sandbox.db.clock
    monkeypatch.setattr(portal.server.sandbox.db, "clock", lambda: clock() + 3602)
    assert "Request has expired" in fetch(portal, address).text


def test_by_prefix(portal: Portal) -> None:
    """A client that names hosts by prefix is sent to a prefix."""
    client = TestClient(portal.server, base_url="http://testserver:8300", follow_redirects=False)
    answer = client.get(f"/_host/maas.{D}/files/a.css")
    path = urlsplit(answer.headers["location"])
    assert path.path.startswith(f"/_host/s3.{D}/system-storage/")
    assert client.get(f"{path.path}?{path.query}").content == TEXT
