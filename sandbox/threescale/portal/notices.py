# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages that the server writes by itself: to developers, and to the tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..store import Row

if TYPE_CHECKING:
    from ..sandbox import Sandbox


def send(sandbox: Sandbox, sender_id: int, recipient_id: int, subject: str, body: str) -> Row:
    """A message from one account to another."""
    recipient = sandbox.db.get("accounts", recipient_id)
    tenant_id = recipient["tenant_id"] if recipient else None
    return sandbox.db.insert(
        "messages",
        sender_id=sender_id,
        recipient_id=recipient_id,
        tenant_id=tenant_id,
        subject=subject,
        body=body,
        state="sent",
    )


def application_suspended(sandbox: Sandbox, application: Row) -> None:
    """Tell the developer that an application was suspended."""
    send(
        sandbox,
        application["tenant_id"],
        application["user_account_id"],
        "API System: Application has been suspended",
        f"Your application {application['name']} has been suspended.",
    )


def plan_change_requested(sandbox: Sandbox, application: Row, plan: Row) -> None:
    """Tell tenant and developer that a change of plan was asked for."""
    text = f"Application {application['name']} is to change to the plan {plan['name']}."
    send(sandbox, application["user_account_id"], application["tenant_id"], "API System: Plan change request", text)
    send(sandbox, application["tenant_id"], application["user_account_id"], "API System: Plan change request", text)
