# SPDX-License-Identifier: GPL-3.0-or-later
"""The key cache: a key once admitted is admitted before the backend is asked, and the backend hears of it later."""

from __future__ import annotations

import http.client
import time
from typing import Any

import pytest

from tests.sandbox.gateway.conftest import Gateway
from tests.sandbox.gateway.fakes import Verdict

APICAST: dict[str, Any] = {"name": "apicast", "version": "builtin", "configuration": {}}


def caching(kind: str) -> list[dict[str, Any]]:
    return [{"name": "caching", "version": "builtin", "configuration": {"caching_type": kind}}, APICAST]


def test_a_refusal_is_noticed_one_request_late(gateway: Gateway) -> None:
    host = gateway.serve()
    assert gateway.send(host).status_code == 200
    assert "log[code]" not in gateway.threescale.wait_for_calls(1)[0].query
    assert gateway.send(host).status_code == 200
    report = gateway.threescale.wait_for_calls(2)[1]
    assert (report.path, report.query["log[code]"]) == ("/transactions/authrep.xml", "200")

    gateway.threescale.verdicts["KEY"] = Verdict(403)
    assert gateway.send(host).status_code == 200, "still in the cache"
    refused = gateway.send(host)
    assert (refused.status_code, refused.text) == (403, "Authentication failed")
    assert len(gateway.threescale.calls) == 4, "a refused request is asked about, and not reported again"


def test_the_cache_knows_key_and_usage(gateway: Gateway) -> None:
    host = gateway.serve(rules=[("GET", "/a", "a"), ("GET", "/b", "b")])
    gateway.threescale.verdicts["OTHER"] = Verdict(403)
    assert gateway.send(host, "/a?user_key=KEY").status_code == 200
    assert gateway.send(host, "/a?user_key=OTHER").status_code == 403
    gateway.threescale.verdicts["KEY"] = Verdict(403)
    assert gateway.send(host, "/b?user_key=KEY").status_code == 403, "another usage is another entry"
    assert gateway.send(host, "/a?user_key=KEY").status_code == 200


def test_caching_none_asks_first(gateway: Gateway) -> None:
    host = gateway.serve(policy_chain=caching("none"))
    assert [gateway.send(host).status_code for _ in range(2)] == [200, 200]
    assert len(gateway.threescale.calls) == 2
    gateway.threescale.verdicts["KEY"] = Verdict(403)
    assert gateway.send(host).status_code == 403


@pytest.mark.parametrize(
    ("kind", "known", "unknown"),
    [
        ("strict", [200, 403], 403),
        ("resilient", [200, 200], 403),
        ("allow", [200, 200], 200),
        ("none", [403, 403], 403),
    ],
)
def test_backend_that_is_down(gateway: Gateway, kind: str, known: list[int], unknown: int) -> None:
    host = gateway.serve(policy_chain=caching(kind))
    assert gateway.send(host).status_code == 200
    gateway.threescale.down = True
    found = []
    for _ in range(2):
        found.append(gateway.send(host).status_code)
    assert found == known
    assert gateway.send(host, "/?user_key=NEVER-SEEN").status_code == unknown


def test_stream_comes_as_it_is_sent(gateway: Gateway) -> None:
    host = gateway.serve()
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=10)
    gateway.model.release.release()
    connection.request("GET", "/stream?user_key=KEY", headers={"Host": host})
    answer = connection.getresponse()
    assert answer.headers["Transfer-Encoding"] == "chunked"
    for number in range(4):
        assert answer.readline() == b"data: %d\n" % number  # would time out if the gateway held pieces back
        assert answer.readline() == b"\n"
        gateway.model.release.release()
    assert answer.read() == b""
    while gateway.model.release.acquire(blocking=False):
        pass


def test_client_that_goes_away(gateway: Gateway) -> None:
    host = gateway.serve()
    assert gateway.send(host).status_code == 200
    gateway.model.release.release()
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=10)
    connection.request("GET", "/stream?user_key=KEY", headers={"Host": host})
    answer = connection.getresponse()
    assert answer.readline() == b"data: 0\n"
    answer.close()
    connection.close()
    assert gateway.threescale.wait_for_calls(2)[1].usage == {"hits": "1"}, "the hit counts although nobody waited"
    for _ in range(4):
        gateway.model.release.release()
        time.sleep(0.05)
    assert gateway.model.broken.wait(5), "the model sees a broken pipe"
    while gateway.model.release.acquire(blocking=False):
        pass
