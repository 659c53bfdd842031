# SPDX-License-Identifier: GPL-3.0-or-later
"""A sign-up whose answer tells nothing: the account that is there afterwards is the one that was made."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.engine.apply import Applier, ApplyError
from ansible_collections.rhai.maas.plugins.module_utils.engine.errors import NoAnswerError, from_status
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Ref
from ansible_collections.rhai.maas.plugins.module_utils.threescale.account_signup import TASKS, plan_signup

ITEM: dict[str, Any] = {"username": "team", "org_name": "Team", "email": "t@example.com", "state": "present"}
TAKEN = {"errors": {"username": ["has already been taken"]}}


class Client:
    """Answers every sign-up with one error; ``there`` says whether the account can be found."""

    connection = type("Connection", (), {"concurrency": 1, "retries": 0})

    def __init__(self, error: Exception, there: bool) -> None:
        self.error, self.there = error, there

    def sleep(self, _seconds: float) -> None:
        """Not here."""

    def send(self, *_call: Any, **_more: Any) -> Any:
        raise self.error

    def get(self, *_call: Any, **_more: Any) -> Any:
        json = {"account": {"id": 7, "org_name": "Team"}}
        return type("Answer", (), {"status": 200 if self.there else 404, "json": json if self.there else None})


ERRORS = {
    "conflict": from_status("POST", "/admin/api/signup.json", 409, None, ""),
    "no answer": NoAnswerError("POST", "/admin/api/signup.json"),
    "broken": from_status("POST", "/admin/api/signup.json", 500, None, ""),
    "taken by another one": from_status("POST", "/admin/api/signup.json", 422, TAKEN, ""),
}


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS)
def test_found_is_made(error: Exception) -> None:
    """The reference learns the id of the account that is there; without one the error stands."""
    ref = Ref("account", "team")
    Applier(Client(error, there=True), TASKS).apply([plan_signup(ITEM, ref, None, "accounts[0]")])  # type: ignore[arg-type]
    assert ref.id == 7
    with pytest.raises(ApplyError):
        change = plan_signup(ITEM, Ref("account", "team"), None, "accounts[0]")
        Applier(Client(error, there=False), TASKS).apply([change])  # type: ignore[arg-type]
