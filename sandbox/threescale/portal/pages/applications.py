# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications of the signed-in account: list, one, form for a new one, change, delete."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from ...rules.contracts import create_application, delete_contract
from ...rules.defined_fields import BUILT_IN, definitions, extra_given
from ...rules.fields import to_integer, to_text
from ...rules.validate import blank
from ...store import Row
from ..abilities import may_create, services_to_choose
from ..answers import Answer, NotAllowedError, NotThereError, plain
from ..drops.application import ApplicationDrop, ReferrerFilterDrop
from ..drops.lists import PaginationDrop
from ..drops.service import ServiceDrop
from ..plan_changes import permission
from ..rendering import show as show_page
from ..routing import Routes
from ..templating.drop import Collection
from ..visit import Visit

routes = Routes(menu="dashboard/applications")
PER_PAGE = 30


def application_of(visit: Visit, variable: str = "id") -> Row:
    """The account's application that the path names; 404 for another's."""
    row = visit.db.get("applications", to_integer(visit.variables[variable]))
    if row is None or visit.account is None or row["user_account_id"] != visit.account["id"]:
        raise NotThereError
    return row


def service_of(visit: Visit, row: Row) -> Row:
    """The product of an application."""
    service = visit.db.get("services", row["service_id"])
    if service is None:
        raise NotThereError
    return service


def _query(visit: Visit) -> str:
    return f"?{visit.query_string}" if visit.query_string else ""


@routes.on("GET", "/admin/applications", "applications/index")
def index(visit: Visit) -> Answer:
    """The list, 30 a page, by product and newest first."""
    assert visit.account is not None
    rows = sorted(
        visit.db.where("applications", user_account_id=visit.account["id"]),
        key=lambda row: (-row["service_id"], -row["created_at"], -row["id"]),
    )
    number = to_integer(visit.params.get("page") or 1)
    if not number or number < 1:
        raise NotThereError
    shown, world = rows[(number - 1) * PER_PAGE : number * PER_PAGE], visit.world()

    def link(page: int) -> str:
        return f"{visit.origin}/admin/applications?" + urlencode({**visit.page.query, "page": page}, doseq=True)

    return show_page(
        visit,
        "applications/index",
        {
            "applications": Collection(ApplicationDrop(world, row) for row in shown),
            "pagination": PaginationDrop(len(rows), PER_PAGE, number, link),
        },
    )


def _wanted_service(visit: Visit) -> Row | None:
    world = visit.world()
    services = world.services()
    if len(services) == 1:
        return services[0]
    word = visit.params.get("service_id")
    if word:
        return next((row for row in services if str(row["id"]) == str(word) or row["system_name"] == word), None)
    choice = services_to_choose(world)
    return choice[0] if len(choice) == 1 else None


@routes.on("GET", "/admin/applications/new", "applications/new")
def new(visit: Visit) -> Answer:
    """The form, or where one has to go before: to choose a product, to subscribe."""
    world, service = visit.world(), _wanted_service(visit)
    if service is None:
        return visit.to("/admin/applications/choose_service")
    if not may_create(world, service):
        raise NotAllowedError
    default = visit.db.get("plans", service["default_application_plan_id"])
    published = world.plans("ApplicationPlan", service)
    plan = default or (published[0] if published else None)
    if plan is None:
        return plain("No published plan", 404)
    if not any(row["id"] == service["id"] for row in services_to_choose(world, managed_only=True)):
        visit.session.say("error", "you are not subscribed to any service with a published application plan")
        return visit.to("/admin/services")
    return show_page(visit, "applications/new", {"application": ApplicationDrop(world, _draft(visit, plan))})


def _draft(visit: Visit, plan: Row | None) -> dict[str, Any]:
    return {"plan_id": plan["id"] if plan else None, **_texts(visit, {})}


def _texts(visit: Visit, before: dict[str, Any]) -> dict[str, Any]:
    """The fields that the form sent, over what was there before."""
    given = visit.words("application") or visit.words("cinstance")
    locked = {row["name"] for row in definitions(visit.sandbox, visit.tenant["id"], "Cinstance") if row["read_only"]}
    given = {name: value for name, value in given.items() if name not in locked}
    values = {name: to_text(given[name]) for name in (*BUILT_IN["Cinstance"], "redirect_url") if name in given}
    extra = extra_given(visit.sandbox, visit.tenant["id"], "Cinstance", given)
    return {**values, "extra_fields": {**before.get("extra_fields", {}), **extra}}


def _errors(visit: Visit, row: dict[str, Any]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    for definition in definitions(visit.sandbox, visit.tenant["id"], "Cinstance"):
        name = definition["name"]
        value = row.get(name) if name in BUILT_IN["Cinstance"] else row.get("extra_fields", {}).get(name)
        if definition["required"] and blank(value):
            errors[name] = ["can't be blank"]
    return errors


def _chosen_plan(visit: Visit, service: Row) -> Row | None:
    words = visit.words("application") or visit.words("cinstance")
    if "plan_id" not in words:
        return visit.db.get("plans", service["default_application_plan_id"])
    plan = visit.db.get("plans", to_integer(words["plan_id"]))
    if plan is None or plan["issuer_id"] != service["id"] or plan["type"] != "ApplicationPlan":
        if (
            permission(visit.world(), {"type": "ApplicationPlan", "issuer_id": service["id"]}, new_contract=True)
            == "none"
        ):
            return visit.db.get("plans", service["default_application_plan_id"])
        raise NotThereError
    return plan


@routes.on("POST", "/admin/applications", "applications/create")
def create(visit: Visit) -> Answer:
    """Make an application. Any plan of the product is taken, hidden ones too; what is wrong gives the form with 422."""
    assert visit.account is not None
    world, service = visit.world(), _wanted_service(visit)
    if service is None:
        raise LookupError("no product is named")
    if not may_create(world, service):
        raise NotAllowedError
    plan = _chosen_plan(visit, service)
    draft = _draft(visit, plan)
    errors = _errors(visit, draft)
    subscribed = any(
        row["service_id"] == service["id"] and row["state"] == "live" for row in world.subscriptions(visit.account)
    )
    if errors or plan is None or not subscribed:
        return show_page(visit, "applications/new", {"application": ApplicationDrop(world, draft, errors)}, 422)
    values = {name: value for name, value in draft.items() if name != "plan_id"}
    made = create_application(visit.sandbox, visit.account, plan, create_origin="portal", **values)
    visit.session.say("notice", "Application was successfully created.")
    return visit.to(f"/admin/applications/{made['id']}{_query(visit)}")


@routes.on("GET", "/admin/applications/choose_service", "applications/choose_service")
def choose_service(visit: Visit) -> Answer:
    """The products of which an application can be made."""
    world = visit.world()
    services = Collection(ServiceDrop(world, row) for row in services_to_choose(world))
    return show_page(visit, "applications/choose_service", {"services": services})


@routes.on("GET", "/admin/applications/{id}", "applications/show")
def show(visit: Visit) -> Answer:
    """One application with its keys."""
    row, world = application_of(visit), visit.world()
    return show_page(
        visit,
        "applications/show",
        {
            "application": ApplicationDrop(world, row),
            "referrer_filter": ReferrerFilterDrop(world, {"application_id": row["id"], "value": None}),
        },
    )


@routes.on("GET", "/admin/applications/{id}/edit", "applications/edit")
def edit(visit: Visit) -> Answer:
    """The form to change it."""
    row = application_of(visit)
    if not service_of(visit, row)["buyers_manage_apps"]:
        raise NotAllowedError
    return show_page(visit, "applications/edit", {"application": ApplicationDrop(visit.world(), row)})


@routes.on("PUT", "/admin/applications/{id}", "applications/update")
def update(visit: Visit) -> Answer:
    """Change it; what is wrong gives the form with 422."""
    row = application_of(visit)
    if not service_of(visit, row)["buyers_manage_apps"]:
        raise NotAllowedError
    changes = _texts(visit, row)
    after = {**row, **changes}
    errors = {} if set(changes) == {"redirect_url", "extra_fields"} else _errors(visit, after)
    if errors:
        return show_page(
            visit, "applications/edit", {"application": ApplicationDrop(visit.world(), after, errors)}, 422
        )
    visit.db.update("applications", row, **changes)
    visit.session.say("notice", "Application was successfully updated.")
    return visit.to(f"/admin/applications/{row['id']}{_query(visit)}")


@routes.on("DELETE", "/admin/applications/{id}", "applications/destroy")
def destroy(visit: Visit) -> Answer:
    """Delete it."""
    delete_contract(visit.sandbox, "applications", application_of(visit))
    visit.session.say("notice", "Application was successfully deleted.")
    return visit.to("/admin/applications")
