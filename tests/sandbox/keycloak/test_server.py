# SPDX-License-Identifier: GPL-3.0-or-later
"""The real server: started under /auth in the foreground, with the company's realm, and ended."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[3]
PASSWORD = "an-odd-administrator-4711"
START = 300  # seconds; the first start on a machine downloads and builds
BACK = "http://127.0.0.1:1/realms/maas/broker/company/endpoint"


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "sandbox.keycloak", *arguments]


def environment() -> dict[str, str]:
    return {**os.environ, "KC_BOOTSTRAP_ADMIN_PASSWORD": PASSWORD, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


class Server:
    """A running server and its log."""

    def __init__(self, folder: Path) -> None:
        self.port, self.counters, self.folder = free_port(), free_port(), folder
        self.url = f"http://127.0.0.1:{self.port}/auth"
        self.log = (folder / "log").open("w+")
        ports = ["--port", str(self.port), "--management-port", str(free_port()), "--counters-port", str(self.counters)]
        arguments = [*ports, "--relative-path", "/auth", "--state", str(folder / "state")]
        self.process = subprocess.Popen(
            command(*arguments), env=environment(), cwd=ROOT, stdout=self.log, stderr=subprocess.STDOUT
        )

    def said(self) -> str:
        return (self.folder / "log").read_text()

    def wait(self) -> None:
        deadline = time.monotonic() + START
        while "keycloak: ready at" not in self.said():
            assert self.process.poll() is None and time.monotonic() < deadline, self.said()[-2000:]
            time.sleep(0.2)

    def sandbox(self, method: str, what: str) -> Any:
        answer = httpx.request(method, f"http://127.0.0.1:{self.counters}/_sandbox/{what}", timeout=30)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("keycloak"))
    try:
        running.wait()
        yield running
    finally:
        running.process.terminate()
        running.process.wait(30)


def company(server: Server, *more: str) -> dict[str, str]:
    file = server.folder / "company.json"
    arguments = ["company", "--url", server.url, "--credentials", str(file), "--redirect-uri", BACK, *more]
    subprocess.run(command(*arguments), env=environment(), cwd=ROOT, check=True, capture_output=True)
    assert file.stat().st_mode & 0o777 == 0o600
    found: dict[str, str] = json.loads(file.read_text())
    return found


def signed_in(facts: dict[str, str]) -> dict[str, Any]:
    """Walks the authorization code flow as a browser does; returns what userinfo says."""
    query = {"client_id": facts["client_id"], "redirect_uri": BACK, "response_type": "code", "scope": "openid"}
    protocol = f"{facts['issuer']}/protocol/openid-connect"
    with httpx.Client(timeout=30) as browser:
        page = browser.get(f"{protocol}/auth", params=query)
        for cookie in browser.cookies.jar:
            cookie.secure = False  # a browser takes this machine's own addresses for secure, Python does not
        action = re.search(r'action="([^"]+)"', page.text)
        assert action, page.text[:500]
        form = {"username": facts["user"], "password": facts["password"]}
        answer = browser.post(action[1].replace("&amp;", "&"), data=form)
        code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
        named = {"client_id": facts["client_id"], "client_secret": facts["client_secret"], "redirect_uri": BACK}
        token = browser.post(f"{protocol}/token", data={"grant_type": "authorization_code", "code": code, **named})
        bearer = {"Authorization": f"Bearer {token.json()['access_token']}"}
        claims: dict[str, Any] = browser.get(f"{protocol}/userinfo", headers=bearer).json()
        return claims


def test_the_company_s_developer_signs_in(server: Server) -> None:
    facts = company(server)
    claims = signed_in(facts)
    assert (claims["preferred_username"], claims["email"], claims["email_verified"]) == ("dana", facts["email"], True)


def test_setting_it_up_again_keeps_the_secrets(server: Server) -> None:
    facts = company(server)
    assert company(server) == facts
    assert signed_in(facts)["email"] == facts["email"]


def test_requests_are_counted_and_objects_dumped(server: Server) -> None:
    facts = company(server)
    server.sandbox("DELETE", "counters")
    company(server)
    counted = server.sandbox("GET", "counters")
    assert counted["writes"] == 4 and counted["total"] > 4  # realm, client, user, password
    dumped = server.sandbox("GET", "dump")
    assert [realm["realm"] for realm in dumped] == ["company", "master"]
    assert facts["client_secret"] not in json.dumps(dumped) and facts["email"] in json.dumps(dumped)
    assert server.sandbox("GET", "counters")["total"] == counted["total"], "a dump must not count"


def test_a_wrong_password_is_one_sentence(server: Server) -> None:
    arguments = ["company", "--url", server.url, "--credentials", str(server.folder / "none.json")]
    wrong = {**environment(), "KC_BOOTSTRAP_ADMIN_PASSWORD": "wrong"}
    done = subprocess.run(command(*arguments), env=wrong, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "refused the administrator 'admin': Invalid user credentials" in done.stderr


def test_state_survives_and_a_killed_runner_takes_the_server_with_it(server: Server) -> None:
    facts = company(server)
    server.process.terminate()
    assert server.process.wait(30) == 0 and "keycloak: stopping" in server.said()
    again = Server(server.folder)
    try:
        again.wait()
        assert [realm["realm"] for realm in again.sandbox("GET", "dump")] == ["company", "master"]
        moved = {**facts, "issuer": f"{again.url}/realms/company"}
        assert signed_in(moved)["email"] == facts["email"]
        again.process.send_signal(signal.SIGKILL)
        again.process.wait(10)
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            try:
                httpx.get(again.url, timeout=5)
            except httpx.ConnectError:
                break
            time.sleep(0.2)
        else:
            pytest.fail("the server outlived its runner")
    finally:
        again.process.kill()
