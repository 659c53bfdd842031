# SPDX-License-Identifier: GPL-3.0-or-later
"""The retry policy against a scripted transport, and the order in which changes are carried out."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
import requests

from ansible_collections.rhai.maas.plugins.module_utils.engine.apply import Applier, ApplyError, read_list
from ansible_collections.rhai.maas.plugins.module_utils.engine.errors import (
    ApiError,
    NoAnswerError,
    NotTheApiError,
    UnreachableError,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.http import Client, Connection
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Call, Change, Find, Ref

TOKEN = "unit-test-token-0123456789abcdef"


class Script:
    """A transport that gives the scripted answers in order: (status, body[, headers]) or an exception."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, str, Any]] = []
        self.options: list[dict[str, Any]] = []
        self.lock = threading.Lock()
        self.trust_env = False

    def request(self, method: str, url: str, **options: Any) -> Any:
        with self.lock:
            self.asked.append((method, url.removeprefix("https://admin"), options.get("json")))
            self.options.append(options)
            answer = self.answers.pop(0) if self.answers else (200, {})
        if isinstance(answer, Exception):
            raise answer
        status, body, *more = answer
        response = requests.Response()
        response.status_code = status
        response._content = body if isinstance(body, bytes) else json.dumps(body).encode()
        response.headers["Content-Type"] = "application/json"
        response.headers.update(more[0] if more else {})
        return response


def client(*answers: Any, retries: int = 3, concurrency: int = 4) -> tuple[Client, Script, list[float]]:
    waits: list[float] = []
    made = Client(Connection("https://admin", TOKEN, retries=retries, concurrency=concurrency), sleep=waits.append)
    script = Script(*answers)
    made._session = script  # type: ignore[assignment]
    return made, script, waits


LOST = requests.exceptions.ConnectionError("Connection aborted")
SLOW = requests.exceptions.ReadTimeout("slow")
REFUSED = requests.exceptions.ConnectionError("NewConnectionError: refused")


@pytest.mark.parametrize(
    ("method", "answers", "calls"),
    [
        ("GET", [(503, {}), (200, {})], 2),
        ("PUT", [(502, {}), (504, {}), (200, {})], 3),
        ("DELETE", [LOST, (404, {})], 2),
        ("GET", [SLOW, (200, {})], 2),
        ("GET", [(200, b'{"cut'), (200, {})], 2),
        ("POST", [(429, {}), (201, {})], 2),
        ("POST", [REFUSED, (201, {})], 2),
    ],
)
def test_repeated(method: str, answers: list[Any], calls: int) -> None:
    """What is safe to repeat is repeated, and succeeds."""
    made, script, waits = client(*answers)
    made.send(method, "/x")
    assert len(script.asked) == calls and len(waits) == calls - 1
    assert made.reads + made.writes == calls


@pytest.mark.parametrize(
    ("method", "answers", "kind"),
    [
        ("POST", [LOST], NoAnswerError),
        ("POST", [(503, {})], ApiError),
        ("POST", [(201, b'{"cut')], NoAnswerError),
        ("PUT", [(422, {"error": "no"})], ApiError),
        ("GET", [(500, {})], ApiError),
        ("DELETE", [(404, {})], ApiError),
        ("GET", [requests.exceptions.SSLError("bad certificate")], UnreachableError),
    ],
)
def test_not_repeated(method: str, answers: list[Any], kind: type) -> None:
    """A POST that may have been carried out, and what no repeat can mend."""
    made, script, _waits = client(*answers)
    with pytest.raises(kind):
        made.send(method, "/x")
    assert len(script.asked) == 1


PAGE = (200, b"<html>Sign in</html>", {"Content-Type": "text/html"})


@pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
def test_a_page_is_no_answer_of_the_api(method: str) -> None:
    """Neither an empty list nor a write that was done; an empty body is fine."""
    made, script, _waits = client(PAGE)
    with pytest.raises(NotTheApiError, match="an HTML page instead of an answer of the API") as error:
        made.send(method, "/x")
    assert "something else answers there" in error.value.hint and len(script.asked) == 1
    made, _script, _waits = client((200, b" ", {"Content-Type": "text/html"}))
    assert made.send(method, "/x").json is None


@pytest.mark.parametrize("body", [{"status": "ok"}, {"services": None}, ["services"], {"services": {"service": 1}}])
def test_json_of_something_else_is_no_empty_list(body: Any) -> None:
    made, _script, _waits = client((200, body))
    with pytest.raises(NotTheApiError, match="holds no 'services'") as error:
        read_list(made, "/x", "services", "service")
    assert "something else answers there" in error.value.hint
    made, _script, _waits = client((200, {"services": []}))
    assert read_list(made, "/x", "services", "service") == []
    made, _script, _waits = client((200, {"error": "x"}))
    with pytest.raises(NotTheApiError, match="is no list"):
        read_list(made, "/x", "", "")


def test_a_404_is_blamed_on_the_address_only_while_nothing_answered() -> None:
    made, _script, _waits = client((404, {}), (200, {}), (404, {}))
    with pytest.raises(ApiError) as first:
        made.get("/x")
    made.get("/y")
    with pytest.raises(ApiError) as later:
        made.get("/z")
    assert "Check the server's address" in first.value.hint
    assert "The server answers" in later.value.hint


def test_gives_up_and_honours_retry_after() -> None:
    made, script, waits = client((429, {}, {"Retry-After": "7"}), (503, {}), (503, {}), retries=2)
    with pytest.raises(ApiError, match="answered 503"):
        made.send("GET", "/x")
    assert len(script.asked) == 3 and waits[0] == 7 and all(wait <= 30 for wait in waits)


def test_token_stands_in_a_header_only() -> None:
    """HTTP Basic with an empty user; never in an address, never followed elsewhere."""
    made, script, _waits = client()
    made.get("/x", {"page": 1})
    assert script.options[0]["auth"] == ("", TOKEN) and TOKEN not in str(script.asked)
    assert script.options[0]["allow_redirects"] is False


def create(name: str, ref: Ref, parents: dict[str, Ref] | None = None, **more: Any) -> Change:
    path = "/things/{parent}/parts.json" if parents else "/things.json"
    find = Find(path, parents or {}, "things", "thing", {"name": name})
    return Change("create", "thing", name, call=Call("POST", path, parents or {}, {"name": name}, "thing"), ref=ref,
                  find=find, **more)  # fmt: skip


def test_ids_flow_from_parent_to_child() -> None:
    """A child waits for the change that makes its parent, and gets its id, whatever the order of the plan."""
    parent, child = Ref("thing", "p"), Ref("thing", "c")
    made, script, _waits = client((201, {"thing": {"id": 11}}), (201, {"thing": {"id": 12}}))
    Applier(made).apply([create("c", child, {"parent": parent}), create("p", parent)])
    assert [asked[1] for asked in script.asked] == ["/things.json", "/things/11/parts.json"]
    assert (parent.id, child.id) == (11, 12)


def test_lane_and_needs_keep_the_order() -> None:
    made, script, _waits = client()
    first = Change("update", "x", "1", call=Call("PUT", "/1"), lane="rules")
    second = Change("update", "x", "2", call=Call("PUT", "/2"), lane="rules")
    last = Change("update", "x", "3", call=Call("PUT", "/3"), needs=[second])
    Applier(made).apply([last, first, second])
    assert [asked[1] for asked in script.asked] == ["/1", "/2", "/3"]


@pytest.mark.parametrize(
    "failure", [LOST, (500, {}), (409, {}), (422, {"errors": {"name": ["has already been taken"]}})]
)
def test_creation_is_looked_up_before_it_is_repeated(failure: Any) -> None:
    """What an interrupted POST left is found by its name; it is not made twice."""
    ref = Ref("thing", "a")
    made, script, _waits = client(failure, (200, {"things": [{"thing": {"id": 5, "name": "a"}}]}))
    Applier(made).apply([create("a", ref)])
    assert [asked[0] for asked in script.asked] == ["POST", "GET"] and ref.id == 5


def test_creation_is_repeated_when_nothing_is_there() -> None:
    ref = Ref("thing", "a")
    made, script, _waits = client(LOST, (200, {"things": []}), (201, {"thing": {"id": 6}}))
    Applier(made).apply([create("a", ref)])
    assert [asked[0] for asked in script.asked] == ["POST", "GET", "POST"] and ref.id == 6


def test_deadlock_of_a_rule_is_repeated_and_other_500_are_not() -> None:
    rule = Change("delete", "mapping rule", "r", call=Call("DELETE", "/r"))
    made, script, _waits = client((500, {}), (200, {}))
    Applier(made).apply([rule])
    assert len(script.asked) == 2
    made, script, _waits = client((500, {}))
    with pytest.raises(ApplyError):
        Applier(made).apply([Change("update", "product", "p", call=Call("PUT", "/p"))])
    assert len(script.asked) == 1


def test_failure_tells_what_was_done() -> None:
    """The first failure ends the run; what needs the failed change is not tried."""
    done = Change("update", "x", "1", call=Call("PUT", "/1"))
    bad = Change("update", "x", "2", call=Call("PUT", "/2"), needs=[done])
    never = Change("update", "x", "3", call=Call("PUT", "/3"), needs=[bad])
    made, script, _waits = client((200, {}), (422, {"errors": {"name": ["is bad"]}}))
    with pytest.raises(ApplyError) as caught:
        Applier(made).apply([done, bad, never])
    assert caught.value.change is bad and caught.value.done == [done] and "name is bad" in str(caught.value)
    assert len(script.asked) == 2


def test_never_more_than_four_writers() -> None:
    """Independent changes run side by side, four at most."""
    made, _script, _waits = client(concurrency=8)
    now, most, lock, full = 0, 0, threading.Lock(), threading.Barrier(4, timeout=10)

    def step(_applier: Any, _change: Change) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        full.wait()
        with lock:
            now -= 1

    changes = [Change("update", "x", str(number), task="meet") for number in range(12)]
    Applier(made, {"meet": step}).apply(changes)
    assert most == 4


def test_an_unknown_host_is_told_in_the_fewest_words() -> None:
    with pytest.raises(UnreachableError) as caught:
        Client(Connection("http://nowhere.invalid", TOKEN, retries=0)).get("/admin/api/services.json")
    told = caught.value.describe()
    assert "http://nowhere.invalid can't be reached" in told and "HTTPConnection(" not in told and " at 0x" not in told
