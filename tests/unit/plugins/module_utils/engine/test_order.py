# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of changes, tried on a small server that refuses as the real one: values taken, lists full."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.rhai.maas.plugins.module_utils.engine.order import arrange, before
from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import plan_list, prunes
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Change,
    Field,
    Ref,
    RefusalError,
    Resource,
)

FIELDS = {"name": Field(required=True, create_only=True), "slot": Field(), "size": Field(type="int")}
THING = Resource(
    "thing", "/things", "thing", "thing", "things", ("name",), FIELDS, exclusive={"slot": "aside-{id}"}
)  # fmt: skip
Tree = dict[str, dict[str, Any]]
TREES = st.dictionaries(
    st.sampled_from("abcdef"), st.tuples(st.sampled_from("123456"), st.integers(1, 2)), max_size=6
).map(
    lambda tree: {  # slots are exclusive in any tree
        name: {"name": name, "slot": slot, "size": size}
        for name, (slot, size) in tree.items()
        if [other for other, (taken, _size) in tree.items() if taken == slot][0] == name
    }
)


class Server:
    """Things by name; a slot is held by one of them at a time, and there are only so many."""

    def __init__(self, tree: Tree, most: int = 99) -> None:
        self.things = {name: {**thing, "id": number} for number, (name, thing) in enumerate(tree.items(), 1)}
        self.most = most
        self.least = len(self.things)

    def carry_out(self, change: Change) -> None:
        assert change.call is not None
        if change.action == "delete":
            number = change.call.refs["id"].id
            self.things = {name: thing for name, thing in self.things.items() if thing["id"] != number}
        else:
            body = (change.call.body or {})["thing"]
            number = change.call.refs["id"].id if "id" in change.call.refs else 100 + len(self.things)
            taken = [thing for thing in self.things.values() if thing["id"] != number]
            assert not any(thing["slot"] == body.get("slot") for thing in taken), f"422: {body['slot']} is taken"
            old = next((thing for thing in self.things.values() if thing["id"] == number), {"id": number})
            made = {**old, **body}
            self.things[made["name"]] = made
            assert len(self.things) <= self.most, "422: the list is full"
        self.least = min(self.least, len(self.things))

    def tree(self) -> Tree:
        return {name: {k: v for k, v in thing.items() if k != "id"} for name, thing in self.things.items()}


def planned(wanted: Tree, server: Server, prune: bool = True) -> list[Change]:
    return plan_list(THING, list(wanted.values()), list(server.things.values()), {}, "", prune=prune).all()


@settings(max_examples=400, deadline=None)
@given(TREES, TREES)
def test_any_tree_is_reached(wanted: Tree, present: Tree) -> None:
    """No request is refused, nothing goes that the plan does not remove, a second plan is empty."""
    server = Server(present)
    stay = set(wanted) & set(present)
    for change in arrange(planned(wanted, server)):
        server.carry_out(change)
        assert stay <= set(server.things)
    assert server.tree() == wanted
    assert planned(wanted, server) == []


@settings(max_examples=200, deadline=None)
@given(TREES, TREES)
def test_unlisted_ones_are_left_alone(wanted: Tree, present: Tree) -> None:
    """Without prune an unlisted holder of a wanted value is named before any request; else nothing of it changes."""
    server = Server(present)
    unlisted = {name: thing for name, thing in present.items() if name not in wanted}
    try:
        changes = arrange(planned(wanted, server, prune=False))
    except RefusalError as refusal:
        assert any(thing["slot"] in [w["slot"] for w in wanted.values()] for thing in unlisted.values()), refusal
        return
    for change in changes:
        server.carry_out(change)
    assert server.tree() == {**unlisted, **wanted}


@settings(max_examples=200, deadline=None)
@given(st.sets(st.integers(1, 12), max_size=5), st.sets(st.integers(1, 12), max_size=5), st.integers(5, 7))
def test_a_full_list_frees_one_place_for_each_creation(wanted: set[int], present: set[int], most: int) -> None:
    """There are never more than the server takes, and never fewer than must be."""
    plain = Resource("key", "/keys", "thing", "thing", "keys", ("name",), {"name": Field(required=True)})
    tree = {str(number): {"name": str(number), "slot": str(number)} for number in sorted(present)}
    server = Server(tree, most)
    asked = [{"name": str(number), "slot": str(number)} for number in sorted(wanted)]
    changes = plan_list(plain, asked, list(server.things.values()), {}, "", prune=True).all()
    for change in changes:
        change.group = "keys"
        change.call = change.call and type(change.call)(
            change.call.method, "/", change.call.refs, {"thing": {"name": change.key, "slot": change.key}}
        )
    for change in arrange(changes, {"keys": (most, len(present))}):
        server.carry_out(change)
    assert set(server.things) == {item["name"] for item in asked}
    assert server.least >= min(len(present), len(wanted), most - 1)


def test_two_swapped_values_cost_one_request_more() -> None:
    """One of them steps aside; nothing is deleted, so that nothing that hangs on it is lost."""
    server = Server({"a": {"name": "a", "slot": "1"}, "b": {"name": "b", "slot": "2"}})
    wanted = {"a": {"name": "a", "slot": "2"}, "b": {"name": "b", "slot": "1"}}
    changes = arrange(planned(wanted, server))
    assert [f"{change.action} {change.key}" for change in changes] == ["set aside a", "update b", "update a"]
    for change in changes:
        server.carry_out(change)
    assert server.tree() == wanted


def test_a_deletion_that_must_come_last_gives_up_its_value_first() -> None:
    """What can be removed only at the end (a metric that production still counts) is renamed at once."""
    server = Server({"old": {"name": "old", "slot": "1"}})
    changes = planned({"new": {"name": "new", "slot": "1"}}, server)
    made, gone = changes
    gone.needs.append(made)
    assert [f"{change.action} {change.key}" for change in arrange(changes)] == [
        "set aside old",
        "create new",
        "delete old",
    ]


def test_needs_and_makers_come_first() -> None:
    made = Change("create", "thing", "made", ref=Ref("thing", "made"))
    child = Change("create", "part", "child", needs=[made])
    assert arrange([child, made]) == [made, child]
    assert before([child, made]) == {child: {made}, made: set()}


def test_a_circle_without_a_way_out_is_a_fault_of_the_plan() -> None:
    left = Change("update", "thing", "left", claims=(("s", "1"),), releases=(("s", "2"),))
    right = Change("update", "thing", "right", claims=(("s", "2"),), releases=(("s", "1"),))
    with pytest.raises(AssertionError, match="wait for each other"):
        arrange([left, right])


def test_of_two_objects_of_one_key_the_first_is_compared_changed_and_named() -> None:
    present = [{"id": 4, "name": "a", "size": 1}, {"id": 9, "name": "a", "size": 2}]
    plan = plan_list(THING, [{"name": "a", "size": 2}], present, {}, "p / ", prune=True)
    (change,) = plan.all()
    assert change.call is not None and change.call.refs["id"].id == 4 and change.before == {"size": 1}
    assert "there are 2 objects thing 'p / a' on the server (ids 4, 9)" in plan.warnings[0]


def test_kinds_that_prune_spares() -> None:
    assert prunes({"prune": True, "keep_unlisted": ["features"]}, "metrics")
    assert not prunes({"prune": True, "keep_unlisted": ["features"]}, "features")
    assert not prunes({"prune": False, "keep_unlisted": None}, "metrics")
