# SPDX-License-Identifier: GPL-3.0-or-later
"""Subscriptions to products, and changes of plan."""

from __future__ import annotations

from typing import Any

from ...rules.contracts import change_plan, subscribe, subscription_of
from ...rules.fields import to_integer
from ...store import Row
from ..answers import Answer, NotAllowedError, NotThereError, html, plain
from ..drops.contracts import SubscriptionDrop
from ..drops.world import World
from ..notices import plan_change_requested
from ..plan_changes import permission
from ..rendering import show as show_page
from ..routing import Routes
from ..templating.html import element
from ..templating.values import SafeText, escape
from ..visit import Visit

routes = Routes(menu="dashboard")
SUBSCRIBED = "You have successfully subscribed to a service."


def _allowed(visit: Visit) -> World:
    world = visit.world()
    if not world.visible("multiple_services"):
        raise NotAllowedError
    return world


@routes.on("GET", "/admin/services", "services/index")
def index(visit: Visit) -> Answer:
    """The products and the account's subscriptions."""
    _allowed(visit)
    return show_page(visit, "services/index")


def _service(visit: Visit) -> Row | None:
    row = visit.db.get("services", to_integer(visit.params.get("service_id")))
    return row if row is not None and row["account_id"] == visit.tenant["id"] and row["state"] != "deleted" else None


def _offered(visit: Visit, world: World) -> tuple[Row | None, list[Row]]:
    ids = visit.params.get("plan_ids")
    service = _service(visit)
    if ids:
        first = ids[0] if isinstance(ids, list) else ids
        plan = visit.db.get("plans", to_integer(first))
        if plan is None or plan["tenant_id"] != visit.tenant["id"] or plan["state"] != "published":
            raise NotThereError
        return service, [plan]
    if service is None:
        return None, [plan for one in world.services() for plan in world.plans("ServicePlan", one)]
    plans = world.plans("ServicePlan", service)
    default = visit.db.get("plans", service["default_service_plan_id"])
    return service, plans or ([default] if default else [])


@routes.on("GET", "/admin/service_contracts/new", "service_contracts/new")
def new(visit: Visit) -> Answer:
    """One plan: subscribed at once, by this mere GET; several: the form."""
    world = _allowed(visit)
    service, plans = _offered(visit, world)
    if not plans:
        return plain("No plan to subscribe to", 404)
    if len(plans) == 1:
        return _subscribe(visit, world, service, plans[0])
    return show_page(visit, "services/new", {"subscription": SubscriptionDrop(world, {}, service)})


@routes.on("POST", "/admin/service_contracts", "service_contracts/create")
def create(visit: Visit) -> Answer:
    """Subscribe by the plan that the form names."""
    world = _allowed(visit)
    service, _plans = _offered(visit, world)
    plan = visit.db.get("plans", to_integer(visit.words("service_contract").get("plan_id")))
    if plan is None or plan["tenant_id"] != visit.tenant["id"] or plan["type"] != "ServicePlan":
        raise NotThereError
    return _subscribe(visit, world, service, plan)


def _subscribe(visit: Visit, world: World, service: Row | None, plan: Row) -> Answer:
    product = visit.db.get("services", plan["issuer_id"])
    if product is None or visit.account is None:
        raise NotThereError
    if subscription_of(visit.sandbox, visit.account, product) is not None:
        errors = {"base": ["already subscribed to this service"]}
        drops = {"subscription": SubscriptionDrop(world, {"plan_id": plan["id"]}, service or product, errors)}
        return show_page(visit, "services/new", drops)
    subscribe(visit.sandbox, visit.account, plan)
    visit.session.say("notice", SUBSCRIBED)
    return visit.to("/admin/services")


def _contract(visit: Visit) -> tuple[str, Row]:
    """An application, subscription or account contract of the account (one table in the real server)."""
    assert visit.account is not None
    wanted = to_integer(visit.variables["id"])
    for table in ("applications", "service_subscriptions", "account_contracts"):
        row = visit.db.get(table, wanted)
        if row is not None and row["user_account_id"] == visit.account["id"]:
            return table, row
    raise NotThereError


@routes.on("PUT", "/admin/contracts/{id}", "contracts/update")
def update(visit: Visit) -> Answer:
    """Change of plan, or a request for it, as the product permits; fails where it permits none."""
    table, row = _contract(visit)
    plan = visit.db.get("plans", to_integer(visit.params.get("plan_id")))
    present = visit.db.get("plans", row["plan_id"])
    if plan is None or present is None or plan["tenant_id"] != visit.tenant["id"]:
        raise NotThereError
    visit.session.say("notice", _change(visit, table, row, plan, permission(visit.world(), present)))
    return visit.back_or_to(f"/admin/applications/{row['id']}")


@routes.on("PUT", "/buyer/account_contract", "account_contracts/update")
def update_account(visit: Visit) -> Answer:
    """Change of the account's plan to another published one, or a request for it."""
    assert visit.account is not None
    plan = visit.db.get("plans", to_integer(visit.params.get("plan_id")))
    row = visit.db.first("account_contracts", user_account_id=visit.account["id"])
    offered = visit.world().plans("AccountPlan", visit.tenant)
    if row is None or plan is None or plan["id"] not in [one["id"] for one in offered]:
        raise NotThereError
    present = visit.db.get("plans", row["plan_id"])
    assert present is not None
    said = _change(visit, "account_contracts", row, plan, permission(visit.world(), present))
    visit.session.say("message", said)
    return visit.to("/admin/account/account_plans")


def _change(visit: Visit, table: str, row: Row, plan: Row, permitted: str) -> str:
    world = visit.world()
    if permitted == "direct" or (permitted == "request_credit_card" and world.plan_is_free(plan)):
        change_plan(visit.sandbox, table, row, plan)
        return (
            "Plan change was successful."
            if table == "applications"
            else f"Plan was successfully changed to {plan['name']}."
        )
    if permitted in ("request", "credit_card"):
        if table == "applications":
            plan_change_requested(visit.sandbox, row, plan)
            return "A request to change your application plan has been sent."
        return (
            "A request to change your service plan has been sent."
            if table == "service_subscriptions"
            else "The plan change has been requested."
        )
    if permitted == "request_credit_card":
        return "Please enter your credit card before changing the plan."
    raise RuntimeError(f"Invalid plan change settings for {plan['type']}({plan['id']})")


@routes.on("GET", "/admin/services/{service_id}/plans_widget", "plans_widget/index")
def plans_widget(visit: Visit) -> Answer:
    """The plans of a product, as a piece of HTML for an overlay."""
    world = visit.world()
    service = visit.db.get("services", to_integer(visit.variables["service_id"]))
    application: dict[str, Any] = {}
    if visit.params.get("application_id"):
        application = visit.db.get("applications", to_integer(visit.params["application_id"])) or {}
        if not application or visit.account is None or application["user_account_id"] != visit.account["id"]:
            raise NotThereError
        service = visit.db.get("services", application["service_id"])
    if service is None or service["account_id"] != visit.tenant["id"]:
        raise NotThereError
    plans = [plan for plan in world.plans("ApplicationPlan", service) if plan["id"] != application.get("plan_id")]
    return _widget(service, plans)


@routes.on("GET", "/admin/contracts/{id}/service_plans", "service_plans/index")
def service_plans(visit: Visit) -> Answer:
    """The published plans of the product that an account is subscribed to, for an overlay too."""
    table, row = _contract(visit)
    service = visit.db.get("services", row["service_id"]) if table == "service_subscriptions" else None
    if service is None:
        raise NotThereError
    return _widget(service, visit.world().plans("ServicePlan", service))


def _widget(service: Row, plans: list[Row]) -> Answer:
    items = "".join(element("li", plan["name"], {"data-plan-id": plan["id"]}) for plan in plans)
    return html(
        f'<div class="plans-widget"><h2>{escape(service["name"])}</h2>{element("ul", SafeText(items), {})}</div>\n'
    )
