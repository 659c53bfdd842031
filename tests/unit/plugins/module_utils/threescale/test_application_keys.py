# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of an application: the order of additions and removals, and what a 404 of a removal means."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.engine.apply import Applier, ApplyError
from ansible_collections.rhai.maas.plugins.module_utils.engine.errors import NotFoundError
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Ref, RefusalError
from ansible_collections.rhai.maas.plugins.module_utils.threescale.application_keys import check_keys, plan_keys
from ansible_collections.rhai.maas.plugins.module_utils.threescale.applications import is_user_key

OWNER, APPLICATION = Ref("account", "team", 1), Ref("application", "bot", 2)


class Server:
    """The keys of one application, refused as the real server refuses them; ``deaf`` keys are never understood."""

    def __init__(self, keys: list[str], most: int, deaf: tuple[str, ...] = ()) -> None:
        self.keys, self.most, self.deaf, self.least = list(keys), most, deaf, len(keys)

    def change(self, change: Any) -> None:
        key = (change.before or change.after)["key"]
        if change.action == "delete":
            self.keys.remove(key)
        else:
            assert len(self.keys) < self.most, "Limit reached"
            assert key.lower() not in [present.lower() for present in self.keys], "has already been taken"
            self.keys.append(key)
        self.least = min(self.least, len(self.keys))


@pytest.mark.parametrize("most", [1, 5])
def test_every_way_from_list_to_list(most: int) -> None:
    """From each list to each other one: never refused on the way, and at most one place short of either."""
    names = ["alpha", "bravo", "Alpha", "carol", "delta", "eagle", "fancy"]
    lists = [list(some) for size in range(most + 1) for some in itertools.combinations(names, size)]
    lists = [some for some in lists if len({key.lower() for key in some}) == len(some)]
    for present, wanted in itertools.product(lists[:: 1 + len(lists) // 20], lists):
        item = {"keys": wanted, "prune_keys": True}
        server = Server(present, most)
        check_keys(item, present, most, "bot", "applications[0]")
        for change in plan_keys(item, present, most, OWNER, APPLICATION, "bot"):
            server.change(change)
        assert set(server.keys) == set(wanted)
        assert server.least >= min(len(present), len(wanted)) - 1


def test_what_can_not_be_reached_is_refused() -> None:
    """Without pruning nothing that is there may be in the way."""
    present = ["alpha", "bravo", "carol", "delta"]
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"keys": ["eagle", "fancy"]}, 5, "would have 6"),
        ({"keys": ["ALPHA"]}, 5, "only in upper and lower case"),
        ({"keys": ["alpha", "bravo"]}, 1, "one key, its client secret; 2 are given"),
    ]
    for item, most, said in cases:
        with pytest.raises(RefusalError, match=said):
            check_keys(item, present, most, "bot", "applications[0]")


class DeafClient:
    """Answers each deletion with 404; the list tells what is still there."""

    def __init__(self, keys: list[str]) -> None:
        self.keys = keys
        self.connection = type("Connection", (), {"concurrency": 1, "retries": 0})

    def send(self, method: str, path: str, **_more: Any) -> None:
        raise NotFoundError(method, path, 404)

    def get(self, *_more: Any) -> Any:
        return type("Answer", (), {"json": {"keys": [{"key": {"value": key}} for key in self.keys]}})


def test_404_is_read_again() -> None:
    """Gone is done; still there is an error that names no key."""
    changes = plan_keys({"keys": [], "prune_keys": True}, ["a/b-c-d"], 5, OWNER, APPLICATION, "bot")
    Applier(DeafClient([])).apply(changes)  # type: ignore[arg-type]
    with pytest.raises(ApplyError) as caught:
        Applier(DeafClient(["a/b-c-d"])).apply(changes)  # type: ignore[arg-type]
    error = caught.value.error
    assert "It is still there" in error.hint and "/keys/(secret).json" in error.describe()
    assert "a/b-c-d" not in error.describe() and "a%2Fb-c-d" not in error.describe()


@pytest.mark.parametrize(
    ("key", "taken"),
    [
        ("a-key_1.2", True),
        ("a", True),
        ("YWJj", True),
        ("YW+j", True),
        ("YWI=", True),
        ("YQ==", True),
        ("ab+", False),
        ("a=b", False),
        ("YW/j", False),
        ("a b", False),
        ("", False),
        ("k" * 256, True),
        ("k" * 257, False),
    ],
)
def test_user_keys_that_the_server_takes(key: str, taken: bool) -> None:
    assert is_user_key(key) is taken
