# SPDX-License-Identifier: GPL-3.0-or-later
"""Developer accounts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ...store import Row
from ..templating.drop import Collection, Drop, attribute
from .addresses import BillingAddressDrop
from .application import ApplicationDrop
from .contracts import ContractDrop, SubscriptionDrop
from .messages import MessageDrop
from .plans import AccountPlanDrop, PlanDrop
from .rows import FieldedDrop, FieldsDrop
from .time_zone import TimeZoneDrop
from .users import UserDrop
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

    @attribute()
    def bought_plan(self) -> Any:
        first = next(iter(self.world.applications(self.row)), None) if "id" in self.row else None
        plan = self.world.db.get("plans", first["plan_id"]) if first else None
        return PlanDrop(self.world, plan) if plan else None

    @attribute()
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
    def edit_braintree_blue_credit_card_details_url(self) -> str:
        return "/admin/account/braintree_blue/edit"

    @attribute()
    def edit_stripe_billing_address_url(self) -> str:
        return "/admin/account/stripe/edit"

    @attribute()
    def credit_card_display_number(self) -> str | None:
        number = self.row.get("credit_card_partial_number")
        return f"XXXX-XXXX-XXXX-{number}" if number else None

    @attribute()
    def credit_card_expiration_date(self) -> str:
        expires = self.row.get("credit_card_expires_on")
        day = date.fromisoformat(str(expires)) if expires else datetime.fromtimestamp(self.world.sandbox.now())
        return day.strftime("%B, %Y")

    @attribute()
    def timezone(self) -> TimeZoneDrop:
        return TimeZoneDrop(self.world.tenant["timezone"] or "UTC")

    @attribute()
    def full_address(self) -> str:
        names = ("org_legaladdress", "org_legaladdress_cont", "city", "state_region")
        return ", ".join(str(self.row[name]) for name in names if str(self.row.get(name) or "").strip())

    @attribute()
    def billing_address(self) -> BillingAddressDrop:
        return BillingAddressDrop(self.row)

    @attribute()
    def has_billing_address_p(self) -> bool:
        return self.row.get("billing_address_name") is not None

    @attribute()
    def fields_plain_text(self) -> str:
        return _lines(self.fields())

    @attribute()
    def extra_fields_plain_text(self) -> str:
        return _lines(self.extra_fields())

    @attribute()
    def can(self) -> AccountCan:
        return AccountCan(self.world)


def _lines(fields: FieldsDrop) -> str:
    return "".join(f"* {field.label()}: {field.value()}\n" for field in fields.each() if field.visible())


class AccountCan(Drop):
    """What the signed-in user may do with the account."""

    ruby_name = "Account::Can"

    def __init__(self, world: World) -> None:
        self.world = world

    @attribute("be_updated?", "be_deleted?")
    def be_updated(self) -> bool:
        user = self.world.user
        return bool(user and user["role"] == "admin" and self.world.settings["useraccountarea_enabled"])
