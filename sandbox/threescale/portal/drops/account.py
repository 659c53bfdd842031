# SPDX-License-Identifier: GPL-3.0-or-later
"""Developer accounts, their users, messages, invitations and invoices."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ...store import Row
from ..templating.drop import Collection, Drop, attribute
from .application import ApplicationDrop, ContractDrop, SubscriptionDrop
from .rows import Errors, FieldedDrop, RowDrop
from .service import AccountPlanDrop
from .world import World


class AccountDrop(FieldedDrop):
    """A developer account."""

    target = "Account"
    dom_name = "account"
    param = "account"
    columns = frozenset(
        {
            "org_name",
            "org_legaladdress",
            "org_legaladdress_cont",
            "city",
            "state_region",
            "zip",
            "country",
            "telephone_number",
            "vat_code",
            "vat_rate",
            "fiscal_code",
            "po_number",
            "primary_business",
            "business_category",
        }
    )

    @attribute()
    def id(self) -> Any:  # noqa: A003
        return self.row.get("id")

    @attribute("name", "display_name")
    def name(self) -> Any:
        return self.row.get("org_name")

    @attribute()
    def created_at(self) -> int:
        return int(self.row.get("created_at") or 0)

    @attribute()
    def telephone_number(self) -> Any:
        return self.row.get("telephone_number")

    @attribute()
    def vat_rate(self) -> Any:
        return self.row.get("vat_rate")

    def _received(self) -> list[Row]:
        rows = self.world.db.where("messages", recipient_id=self.row["id"]) if "id" in self.row else []
        kept = [row for row in rows if row["recipient_hidden_at"] is None and row["recipient_deleted_at"] is None]
        return sorted(kept, key=lambda row: (-row["created_at"], -row["id"]))

    @attribute()
    def latest_messages(self) -> Collection:
        return Collection(MessageDrop(self.world, row, received=True) for row in self._received()[:5])

    @attribute()
    def unread_messages(self) -> Collection:
        rows = [row for row in self._received() if row["recipient_state"] == "unread"]
        return Collection(MessageDrop(self.world, row, received=True) for row in rows)

    def _contract(self) -> Row | None:
        return self.world.db.first("account_contracts", user_account_id=self.row.get("id"))

    @attribute("bought_account_plan", "bought_plan")
    def bought_account_plan(self) -> Any:
        contract = self._contract()
        plan = self.world.db.get("plans", contract["plan_id"]) if contract else None
        return AccountPlanDrop(self.world, plan) if plan else None

    @attribute()
    def bought_account_contract(self) -> Any:
        contract = self._contract()
        return ContractDrop(self.world, contract) if contract else None

    @attribute(
        "credit_card_required?",
        "credit_card_needed?",
        "credit_card_stored?",
        "requires_credit_card?",
        "requires_credit_card_now?",
        "has_billing_address?",
    )
    def no_card(self) -> bool:
        return False

    @attribute()
    def credit_card_missing_p(self) -> bool:
        return True

    @attribute()
    def paid_p(self) -> bool:
        plans = [self.world.db.get("plans", row["plan_id"]) for row in self.world.contracts(self.row)]
        return any(plan is not None and not self.world.plan_is_free(plan) for plan in plans)

    @attribute()
    def on_trial_p(self) -> bool:
        now = self.world.sandbox.now()
        return all(now < (row["trial_period_expires_at"] or 0) for row in self.world.contracts(self.row))

    @attribute()
    def approval_required_p(self) -> bool:
        plan = self.bought_account_plan()
        return bool(plan and plan.row["approval_required"])

    @attribute()
    def applications(self) -> Collection:
        return Collection(ApplicationDrop(self.world, row) for row in self.world.applications(self.row))

    @attribute()
    def subscribed_services(self) -> Collection:
        return Collection(SubscriptionDrop(self.world, row) for row in self.world.subscriptions(self.row))

    @attribute()
    def admin(self) -> UserDrop | None:
        row = self.world.db.first("users", account_id=self.row.get("id"), role="admin")
        return UserDrop(self.world, row) if row else None

    @attribute()
    def multiple_applications_allowed_p(self) -> bool:
        return self.world.visible("multiple_applications")

    @attribute()
    def edit_url(self) -> str:
        return "/admin/account/edit"

    @attribute()
    def can(self) -> AccountCan:
        return AccountCan(self.world)


class AccountCan(Drop):
    """What the signed-in user may do with the account."""

    ruby_name = "Account::Can"

    def __init__(self, world: World) -> None:
        self.world = world

    @attribute("be_updated?", "be_deleted?")
    def be_updated(self) -> bool:
        user = self.world.user
        return bool(user and user["role"] == "admin" and self.world.settings["useraccountarea_enabled"])


class UserDrop(FieldedDrop):
    """A user of a developer account; without an `id` one that signs up, SSO when by single sign-on."""

    target = "User"
    dom_name = "user"
    param = "user"
    columns = frozenset({"username", "email", "first_name", "last_name", "title", "job_role"})

    def __init__(
        self, world: World, row: Row, errors: Errors | None = None, param: str = "user", sso: bool = False
    ) -> None:
        super().__init__(world, row, errors)
        self.param, self.sso = param, sso

    @attribute()
    def id(self) -> str:  # noqa: A003
        return str(self.row.get("id", ""))

    @attribute()
    def username(self) -> Any:
        return self.row.get("username") or ""

    @attribute()
    def email(self) -> Any:
        return self.row.get("email") or ""

    @attribute()
    def name(self) -> str:
        return " ".join(str(self.row[part]) for part in ("first_name", "last_name") if self.row.get(part))

    @attribute("display_name", "informal_name")
    def display_name(self) -> Any:
        return self.name() or self.username()

    @attribute()
    def account(self) -> Any:
        row = self.world.db.get("accounts", self.row.get("account_id"))
        return AccountDrop(self.world, row) if row else None

    @attribute()
    def role(self) -> str:
        return str(self.row.get("role") or "admin")

    @attribute()
    def admin_p(self) -> bool:
        return self.role() == "admin"

    def _authorizations(self) -> list[Row]:
        return self.world.db.where("sso_authorizations", user_id=self.row["id"]) if "id" in self.row else []

    @attribute()
    def oauth2_p(self) -> bool:
        return self.sso or bool(self._authorizations())

    @attribute()
    def using_password_p(self) -> bool:
        return bool(self.row.get("password_digest"))

    @attribute()
    def password_required_p(self) -> bool:
        return not self.oauth2_p() and not self.using_password_p()

    @attribute()
    def email_unverified_p(self) -> bool:
        return self.row.get("state") == "email_unverified"

    @attribute()
    def sections(self) -> list[str]:
        return []

    @attribute()
    def roles_collection(self) -> list[RoleDrop]:
        return [RoleDrop("admin", "Admin (all access)"), RoleDrop("member", "Member")]

    @attribute()
    def url(self) -> str:
        return f"/admin/account/users/{self.row.get('id')}"

    @attribute()
    def edit_url(self) -> str:
        return f"/admin/account/users/{self.row.get('id')}/edit"

    @attribute()
    def can(self) -> Drop:
        return UserCan(self.world, self.row)


class RoleDrop(Drop):
    """A role that a user may have."""

    ruby_name = "User::Role"

    def __init__(self, name: str, words: str) -> None:
        self.role, self.words = name, words

    @attribute("name", "key")
    def name(self) -> str:
        return self.role

    @attribute("description", "text")
    def description(self) -> str:
        return self.words


class UserCan(Drop):
    """What the signed-in user may do with a user."""

    ruby_name = "User::Can"

    def __init__(self, world: World, row: Row) -> None:
        self.world, self.row = world, row

    @attribute("be_managed?", "be_update_role?")
    def be_managed(self) -> bool:
        return bool(self.world.user and self.world.user["role"] == "admin")

    @attribute()
    def be_destroyed_p(self) -> bool:
        return self.be_managed() and bool(self.world.user and self.world.user["id"] != self.row.get("id"))


class SsoAuthorizationDrop(RowDrop):
    """A sign-in provider's knowledge of the user."""

    ruby_name = "SSOAuthorization"

    @attribute()
    def authentication_provider_system_name(self) -> Any:
        row = self.world.db.get("authentication_providers", self.row["authentication_provider_id"])
        return row["system_name"] if row else None

    @attribute()
    def id_token(self) -> Any:
        return self.row["id_token"]


class CurrentUserDrop(UserDrop):
    """The signed-in user."""

    @attribute()
    def can(self) -> Drop:
        return CurrentUserCan(self.world, self.row)

    @attribute()
    def sso_authorizations(self) -> Collection:
        return Collection(SsoAuthorizationDrop(self.world, row) for row in self._authorizations())


class CurrentUserCan(UserCan):
    """What the signed-in user may do."""

    ruby_name = "CurrentUser::Can"

    @attribute()
    def invite_users_p(self) -> bool:
        return self.row["role"] == "admin" and self.world.visible("multiple_users")

    @attribute()
    def create_application_p(self) -> bool:
        from ..abilities import can_create_application_of

        return any(can_create_application_of(self.world, service) for service in self.world.services())


class MessageDrop(RowDrop):
    """A message, received or sent."""

    dom_name = "message"

    def __init__(self, world: World, row: Row, received: bool = False) -> None:
        super().__init__(world, row)
        self.received = received

    @attribute()
    def id(self) -> Any:  # noqa: A003
        return self.row.get("id")

    @attribute()
    def subject(self) -> str:
        return self.row.get("subject") or (self.row.get("body") or "")[:15] or "(no subject)"

    @attribute()
    def body(self) -> Any:
        return self.row.get("body")

    @attribute()
    def created_at(self) -> datetime:
        return datetime.fromtimestamp(self.row.get("created_at") or 0, timezone.utc)

    @attribute()
    def url(self) -> str:
        hidden = self.row["recipient_hidden_at"] if self.received else self.row["hidden_at"]
        folder = "trash" if hidden else "received" if self.received else "sent"
        return f"/admin/messages/{folder}/{self.row['id']}"

    @attribute()
    def state(self) -> Any:
        return self.row["recipient_state"] if self.received else self.row["state"]

    @attribute()
    def sender(self) -> Any:
        row = self.world.db.get("accounts", self.row.get("sender_id"))
        return row["org_name"] if row else None

    @attribute("to", "recipients")
    def to(self) -> Any:
        row = self.world.db.get("accounts", self.row.get("recipient_id"))
        return row["org_name"] if row else ""


class InvoiceDrop(RowDrop):
    """An invoice."""

    @attribute()
    def friendly_id(self) -> Any:
        return self.row["friendly_id"]

    @attribute()
    def state(self) -> Any:
        return self.row["state"]

    @attribute()
    def url(self) -> str:
        return f"/admin/account/invoices/{self.row['id']}"
