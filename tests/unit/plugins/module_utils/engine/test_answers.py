# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that aren't the server's: what looks like success is never taken for an empty list or object."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.engine.apply import read_list
from ansible_collections.rhai.maas.plugins.module_utils.engine.errors import ApiError
from ansible_collections.rhai.maas.plugins.module_utils.engine.http import Answer
from ansible_collections.rhai.maas.plugins.module_utils.engine.session import Session


class Client:
    """Answers 200 with one document, whatever is asked."""

    def __init__(self, json: Any) -> None:
        self.json = json

    def get(self, *_call: Any, **_more: Any) -> Answer:
        return Answer(200, self.json, "", b"")


STRANGE = [None, {}, {"login": True}, {"accounts": None}, "text", 5]


@pytest.mark.parametrize("json", STRANGE)
def test_no_list_is_an_error(json: Any) -> None:
    """Neither a page of a proxy nor nothing at all is an empty list."""
    with pytest.raises(ApiError, match="an answer without a list"):
        read_list(Client(json), "/admin/api/accounts.json", "accounts", "account")  # type: ignore[arg-type]


@pytest.mark.parametrize("json", STRANGE)
def test_no_object_is_an_error(json: Any) -> None:
    """Nor is it an object without attributes."""
    with pytest.raises(ApiError, match="an answer without 'account'"):
        Session(Client(json)).one("/admin/api/provider.json", "account")  # type: ignore[arg-type]


def test_empty_lists() -> None:
    """Empty, wrapped and bare ones."""
    assert read_list(Client({"accounts": []}), "/a.json", "accounts", "account") == []  # type: ignore[arg-type]
    assert read_list(Client([]), "/a.json", "", "account") == []  # type: ignore[arg-type]
