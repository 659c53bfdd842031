# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may sign in, and the approval of accounts by the portal's doings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..store import Database, Row

if TYPE_CHECKING:
    from ..sandbox import Sandbox


def can_sign_in(db: Database, user: Row) -> bool:
    """An active user of an approved account."""
    account = db.get("accounts", user["account_id"])
    return user["state"] == "active" and account is not None and account["state"] == "approved"


def approve(sandbox: Sandbox, account: Row) -> None:
    """Approve an account, and with it its account contract."""
    if account["state"] in ("created", "pending", "rejected"):
        sandbox.db.update("accounts", account, state="approved", state_changed_at=sandbox.now())
        contract = sandbox.db.first("account_contracts", user_account_id=account["id"])
        if contract is not None and contract["state"] == "pending":
            sandbox.db.update("account_contracts", contract, state="live", accepted_at=sandbox.now())
