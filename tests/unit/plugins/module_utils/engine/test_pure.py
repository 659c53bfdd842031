# SPDX-License-Identifier: GPL-3.0-or-later
"""Normal forms, the plan by natural keys, what is shown: tables of cases, no server."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.engine import normal
from ansible_collections.rhai.maas.plugins.module_utils.engine.errors import (
    BusyError,
    ConflictError,
    DeniedError,
    InvalidError,
    from_status,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import plan_list, refuse_twins
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Change,
    Field,
    Ref,
    RefusalError,
    Resource,
    argument_spec,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.show import diff, summary
from ansible_collections.rhai.maas.plugins.module_utils.threescale.dialect import TENANT
from ansible_collections.rhai.maas.plugins.module_utils.threescale.zones import iana, same_zone


@pytest.mark.parametrize(
    ("form", "left", "right"),
    [
        (normal.url, "https://host/path", "https://host:443/path"),
        (normal.url, "http://host", "http://host:80"),
        (normal.url, "https://client:secret@host/realms/maas", "https://client:secret@host:443/realms/maas"),
        (normal.url, "ws://host", "ws://host"),
        (normal.path, "", "/"),
        (normal.path, "v1/", "/v1"),
        (normal.page_path, "//models/", "/models"),
        (normal.money, "20.0", 20),
        (normal.money, 0.12345, "0.1235"),
        (normal.money, None, 0.0),
        (normal.flag, "true", True),
        (normal.flag, None, False),
        (normal.whole, None, 0),
        (normal.whole, 1.9, "1"),
        (normal.text, None, ""),
        (normal.text, "a\r\nb \n", "a\nb"),
        (normal.document, '{"a": 1, "b": [2]}', {"b": [2], "a": 1}),
        (normal.bare_name, "hits.42", "hits"),
        (normal.snake, "ApplicationPlan", "application_plan"),
    ],
)
def test_alike(form: Any, left: Any, right: Any) -> None:
    """Both have one normal form."""
    assert form(left) == form(right)


@pytest.mark.parametrize(
    ("form", "left", "right"),
    [
        (normal.url, "https://host/path", "https://host/path/"),
        (normal.url, "https://host:8443", "https://host"),
        (normal.exact, "a", "a\n"),
        (normal.optional_whole, None, 0),
        (normal.document, "not json", {}),
    ],
)
def test_unlike(form: Any, left: Any, right: Any) -> None:
    """These are different things."""
    assert form(left) != form(right)


@pytest.mark.parametrize(
    ("wanted", "present", "alike"),
    [
        ({"managed_by": "ansible"}, {"managed_by": "ansible", "other": "x"}, True),
        ({"managed_by": ""}, {}, True),
        ({"managed_by": ""}, {"managed_by": "x"}, False),
        ({"managed_by": "a"}, None, False),
    ],
)
def test_annotations_are_merged(wanted: Any, present: Any, alike: bool) -> None:
    assert normal.notes_alike(wanted, present) is alike


THING = Resource(
    "thing",
    "/things/{owner}",
    "thing_in",
    "thing",
    "things",
    ("name",),
    {
        "name": Field(required=True, create_only=True),
        "title": Field(form="text", initial_from="name"),
        "size": Field(type="int", form="whole", api="api_size"),
        "token": Field(secret=True, form="text"),
        "note": Field(readable=False),
        "state": Field(choices=("present", "absent"), default="present", local=True),
    },
)
PRESENT = [
    {"id": 1, "name": "a", "title": "A", "size": 1, "token": "old-token-value"},
    {"id": 2, "name": "b", "title": "B", "size": 2, "token": ""},
]


@pytest.mark.parametrize(
    ("wanted", "prune", "expected"),
    [
        (None, True, []),
        ([], False, []),
        ([], True, ["delete thing o / a", "delete thing o / b"]),
        ([{"name": "a"}], False, []),
        ([{"name": "a", "title": "A "}], False, []),
        ([{"name": "a", "note": "never returned"}], False, []),
        ([{"name": "a", "size": 5}], True, ["update thing o / a", "delete thing o / b"]),
        ([{"name": "c"}], False, ["create thing o / c"]),
        ([{"name": "a", "state": "absent"}, {"name": "x", "state": "absent"}], False, ["delete thing o / a"]),
    ],
)
def test_plan_list(wanted: Any, prune: bool, expected: list[str]) -> None:
    """Create, update, delete by natural key; None leaves alone; extras go only with prune."""
    plan = plan_list(THING, wanted, PRESENT, {"owner": Ref("owner", "o", 7)}, "o / ", prune=prune)
    assert [f"{c['action']} {c['noun']} {c['key']}" for c in summary(plan.all())] == expected


def test_requests_of_a_plan() -> None:
    """Names of the API, wrapper, values for new objects, only what differs in an update."""
    wanted = [{"name": "c", "size": 3, "note": "n"}, {"name": "a", "size": 4, "title": "A"}]
    made, changed = plan_list(THING, wanted, PRESENT, {"owner": Ref("owner", "o", 7)}, "").changes
    assert made.call is not None and changed.call is not None
    assert made.call.body == {"thing_in": {"name": "c", "title": "c", "api_size": 3, "note": "n"}}
    assert (changed.call.method, changed.call.path) == ("PUT", "/things/{owner}/{id}.json")
    assert changed.call.body == {"thing_in": {"api_size": 4}}
    assert (changed.before, changed.after) == ({"size": 1}, {"size": 4})
    assert made.find is not None and (made.find.path, made.find.where) == ("/things/{owner}.json", {"name": "c"})


def test_twins_are_refused() -> None:
    with pytest.raises(RefusalError, match=r"things\[1\]: thing 'a' is listed twice \(first as entry 0\)"):
        refuse_twins(THING, [{"name": "a"}, {"name": "a"}], "things")


def test_no_secret_on_either_side_of_a_diff() -> None:
    """Secrets that came from the server, logins in addresses, and values named like secrets inside maps."""
    plan = plan_list(THING, [{"name": "a", "token": "new-token-value"}], PRESENT, {}, "")
    inside = Change(
        "update",
        "x",
        "y",
        {"config": {"clientSecret": "s3cret-one", "url": "https://user:s3cret-two@host"}},
        {"config": {"password": "s3cret-three"}, "ref": Ref("thing", "named", 3)},
    )
    text = str(diff([*plan.changes, inside]))
    for secret in ("old-token-value", "new-token-value", "s3cret"):
        assert secret not in text
    assert "token" in text and "(secret, changed)" in text and "named" in text


def test_argument_spec() -> None:
    """The table is the argument spec."""
    spec = argument_spec(THING.fields)
    assert spec["name"] == {"type": "str", "required": True}
    assert spec["token"] == {"type": "str", "no_log": True}
    assert spec["state"] == {"type": "str", "choices": ["present", "absent"], "default": "present"}


@pytest.mark.parametrize(
    ("status", "body", "text", "kind", "words"),
    [
        (422, {"errors": {"name": ["can't be blank", None]}}, "", InvalidError, "name can't be blank"),
        (422, {"errors": {"base": ["Limit reached"]}}, "", InvalidError, "Limit reached"),
        (422, {"error": "Service not found"}, "", InvalidError, "Service not found"),
        (422, {"error": {"from": "live", "event": "x", "error": "no"}}, "", InvalidError, "x from live: no"),
        (
            422,
            {"policies_config": [{"name": "cors", "errors": {"version": ["missing"]}}]},
            "",
            InvalidError,
            "policy cors",
        ),
        (403, {"status": "Forbidden"}, "", DeniedError, "Forbidden"),
        (409, None, "", ConflictError, "no reason given"),
        (503, None, "<html>x</html>", BusyError, "an HTML page"),
        (400, None, "Required parameter missing: service", InvalidError, "Required parameter missing"),
    ],
)
def test_errors_in_the_servers_words(status: int, body: Any, text: str, kind: type, words: str) -> None:
    error = from_status("PUT", "/path", status, body, text, TENANT)
    assert isinstance(error, kind) and words in str(error) and error.hint


@pytest.mark.parametrize(
    ("wanted", "shown", "same"),
    [
        ("UTC", "Etc/UTC", True),
        ("Madrid", "Europe/Madrid", True),
        ("Europe/Madrid", "Europe/Madrid", True),
        ("Eastern Time (US & Canada)", "America/New_York", True),
        ("Madrid", "Etc/UTC", False),
    ],
)
def test_time_zones(wanted: str, shown: str, same: bool) -> None:
    assert same_zone(wanted, shown, None) is same
    assert iana(wanted)
