# SPDX-License-Identifier: GPL-3.0-or-later
"""The role's pages that no journey of the tests comes by, with nothing, one and two hundred of what they list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.portal.catalogue_pages import ODD
from tests.sandbox.portal.test_role_pages import Known, render


def plans(count: int) -> list[Known]:
    return [Known({"id": at, "name": ODD, "free?": at % 2 == 0, "flat_cost": "USD 5.00"}) for at in range(count)]


def alerts(count: int) -> list[Known]:
    return [Known({"level": 150, "message": ODD, "unread?": at % 2 == 0}) for at in range(count)]


def invoices(count: int) -> list[Known]:
    return [Known(friendly_id=ODD, url="/a", state="paid") for _at in range(count)]


def invited(count: int) -> list[Known]:
    return [Known({"email": ODD, "accepted?": at % 2 == 0}) for at in range(count)]


def invoice(count: int) -> dict[str, Any]:
    items = [Known(name=ODD, description="", quantity=1, cost="1.00") for _at in range(count)]
    return {"invoice": Known(friendly_id="2026-02-1", state="paid", line_items=items)}


def invitee(count: int) -> dict[str, Any]:
    field = {"label": ODD, "input_name": "user[x]", "errors": [ODD] * count}
    fields = [Known(field, html_id=f"user_{at}") for at in range(count)]
    return {"user": Known({"fields": fields, "password_required?": True, "errors": Known(password=[ODD] * count)})}


def refused(count: int) -> dict[str, Any]:
    said = {
        "name": ODD,
        "state": "pending",
        "pending?": True,
        "rejection_reason": ODD,
        "service": Known(),
        "can": Known(),
    }
    return {"application": Known({**said, "alerts": alerts(count), "plan": Known(usage_limits=[])})}


def message(count: int) -> dict[str, Any]:
    return {"message": Known(subject=ODD, sender=ODD, body="\n".join([ODD] * (count + 1)))}


#: a page, what it is given for so many of what it lists, and how often it then says the name that is hard to show
CASES: dict[str, tuple[Callable[[int], dict[str, Any]], Callable[[int], int]]] = {
    "account_plans/index": (lambda count: {"provider": Known(account_plans=plans(count))}, lambda count: count),
    "services/new": (
        lambda count: {"subscription": Known(service=Known(name=ODD, service_plans=plans(count)))},
        lambda count: count + 1,
    ),
    "messages/inbox/show": (message, lambda count: count + 3),
    "messages/trash/show": (message, lambda count: count + 3),
    "applications/show": (refused, lambda count: count + 2),
    "applications/alerts/index": (
        lambda count: {"alerts": alerts(count), "application": None},
        lambda count: count,
    ),
    "invoices/index": (lambda count: {"invoices": invoices(count)}, lambda count: count),
    "invoices/show": (invoice, lambda count: count),
    "invitations/index": (lambda count: {"invitations": invited(count)}, lambda count: count),
    "accounts/invitee_signups/show": (invitee, lambda count: count * (count + 2)),
    "password/show": (lambda _count: {"password_reset_token": "a-token"}, lambda _count: 0),
    "errors/forbidden": (lambda _count: {}, lambda _count: 0),
    "errors/internal_server_error": (lambda _count: {}, lambda _count: 0),
}


@pytest.mark.parametrize("count", [0, 1, 200])
@pytest.mark.parametrize("name", CASES)
def test_a_page(name: str, count: int) -> None:
    given, said = CASES[name]
    page = render(name, **given(count))
    assert page.faults == [] and page.names.count("h1") == 1
    assert page.words.count(ODD) == said(count)
