# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of applications: the user key, keys beside an application id, referrer filters, access details."""

from __future__ import annotations

import re
from urllib.parse import unquote

from ...rules.contracts import KEYS_MOST, add_key
from ...rules.fields import to_integer, to_text
from ...rules.names import random_hex
from ...rules.referrers import check_filter, sentence
from ...store import Row
from ..answers import Answer, NotAllowedError, NotThereError
from ..drops.application import ApplicationDrop
from ..rendering import show as show_page
from ..routing import Routes
from ..visit import Visit
from .applications import application_of, service_of

routes = Routes(menu="dashboard")
_KEY = re.compile(r"[\x21-\x7E]{5,255}\Z")
_APPLICATION = "/admin/applications/{application_id}"


def _managed(visit: Visit) -> Row:
    """The application, if the product lets developers manage its keys."""
    row = application_of(visit, "application_id")
    service = service_of(visit, row)
    if not (service["buyers_manage_apps"] and service["buyers_manage_keys"]):
        raise NotAllowedError
    return row


def _back(visit: Visit, row: Row) -> Answer:
    several = visit.world().visible("multiple_applications")
    return visit.to(f"/admin/applications/{row['id']}" if several else "/admin/access_details")


@routes.on("PUT", _APPLICATION + "/user_key", "user_keys/update")
def regenerate_user_key(visit: Visit) -> Answer:
    """A new user key at once; the old one is gone."""
    row = application_of(visit, "application_id")
    service = service_of(visit, row)
    if not (service["buyers_manage_apps"] and service["buyer_key_regenerate_enabled"]):
        raise NotAllowedError
    visit.db.update("applications", row, user_key=random_hex(32))
    visit.session.say("notice", "The user key was regenerated.")
    return visit.back_or_to(f"/admin/applications/{row['id']}/user_key")


@routes.on("POST", _APPLICATION + "/keys", "keys/create")
def create(visit: Visit) -> Answer:
    """Another key, random when none is given; the message is the same when there is no room for it."""
    row = _managed(visit)
    present = [key["value"].lower() for key in visit.db.where("application_keys", application_id=row["id"])]
    most = 1 if service_of(visit, row)["backend_version"] == "oauth" else KEYS_MOST
    value = visit.params.get("key") or random_hex(32)
    if isinstance(value, str) and _KEY.match(value) and value.lower() not in present and len(present) < most:
        add_key(visit.sandbox, row, value)
    visit.session.say("notice", "Application key was created.")
    return _back(visit, row)


def _key(visit: Visit, row: Row) -> Row:
    value = unquote(visit.variables["id"])
    found = visit.db.first("application_keys", application_id=row["id"], value=value)
    if found is None:
        raise NotThereError
    return found


@routes.on("DELETE", _APPLICATION + "/keys/{id}", "keys/destroy")
def destroy(visit: Visit) -> Answer:
    """Take a key away; the last one stays where the product wants one."""
    row = _managed(visit)
    key, service = _key(visit, row), service_of(visit, row)
    needed = service["mandatory_app_key"] and service["backend_version"] != "1"
    if not needed or visit.db.count("application_keys", application_id=row["id"]) > 1:
        visit.db.delete("application_keys", key)
    else:
        visit.session.say_now("error", "One application key minimum is required.")
    visit.session.say("notice", "Application key was deleted.")
    return _back(visit, row)


@routes.on("PUT", _APPLICATION + "/keys/{id}/regenerate", "keys/regenerate")
def regenerate(visit: Visit) -> Answer:
    """Replace a key by a random one."""
    row = _managed(visit)
    visit.db.delete("application_keys", _key(visit, row))
    add_key(visit.sandbox, row, random_hex(32))
    visit.session.say("notice", "Application key was regenerated.")
    return _back(visit, row)


@routes.on("POST", _APPLICATION + "/referrer_filters", "referrer_filters/create")
def create_filter(visit: Visit) -> Answer:
    """Add a referrer filter."""
    row, value = application_of(visit, "application_id"), to_text(visit.params.get("referrer_filter"))
    errors = check_filter(visit.db, row, value).errors.by_attribute
    if errors:
        words = [f"referrer filter {message}" for message in errors.get("value", [])] + errors.get("base", [])
        visit.session.say("error", sentence(words))
    else:
        visit.db.insert("referrer_filters", application_id=row["id"], tenant_id=row["tenant_id"], value=value)
        visit.session.say("notice", "Referrer filter has been created.")
    return _back(visit, row)


@routes.on("DELETE", _APPLICATION + "/referrer_filters/{id}", "referrer_filters/destroy")
def destroy_filter(visit: Visit) -> Answer:
    """Take a referrer filter away."""
    row = application_of(visit, "application_id")
    found = visit.db.get("referrer_filters", to_integer(visit.variables["id"]))
    if found is None or found["application_id"] != row["id"]:
        raise NotThereError
    visit.db.delete("referrer_filters", found)
    visit.session.say("notice", "Referrer filter has been deleted.")
    return _back(visit, row)


@routes.on("GET", "/admin/access_details", "access_details/show")
def access_details(visit: Visit) -> Answer:
    """The only application of an account that may have one."""
    assert visit.account is not None
    row = visit.db.first("applications", user_account_id=visit.account["id"])
    if row is None:
        raise NotThereError
    return show_page(visit, "applications/show", {"application": ApplicationDrop(visit.world(), row)})
