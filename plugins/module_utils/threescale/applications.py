# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Applications, that is keys: issued, rotated with overlap, suspended, resumed, revoked.

An application is found by account, product and name. A *generation* is part of its name (``bot (2026-11)``): the next
generation is a new application with a new key; the older ones are kept, suspended or removed as asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.gate import check_counting
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Field,
    Plan,
    Ref,
    RefusalError,
    Told,
    Values,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.accounts import find_account
from ansible_collections.rhai.maas.plugins.module_utils.threescale.application_filters import check_filters
from ansible_collections.rhai.maas.plugins.module_utils.threescale.application_keys import KEYS_MOST, keys_most
from ansible_collections.rhai.maas.plugins.module_utils.threescale.application_plan import (
    Around,
    label_of,
    plan_application,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.defined_fields import (
    APPLICATION,
    check_fields,
    definitions,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.generations import full_name
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.tables import PRODUCT
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session

STATES = ("present", "live", "suspended", "absent")
APPLICATION_FIELDS: dict[str, Field] = {
    "account": Field(required=True),
    "product": Field(required=True),
    "name": Field(required=True, shape="not empty"),
    "id": Field(type="int"),
    "plan": Field(),
    "custom_plan": Field(type="bool"),
    "state": Field(choices=STATES, default="live"),
    "description": Field(),
    "user_key": Field(secret=True, counts_with=("backend_version", "1")),
    "application_id": Field(counts_with=("backend_version", "2", "oidc", "oauth")),
    "keys": Field(type="list", elements="str", secret=True),
    "prune_keys": Field(type="bool", default=False, harmless=True),
    "redirect_url": Field(counts_with=("backend_version", "oidc", "oauth")),
    "referrer_filters": Field(type="list", elements="str"),
    "fields": Field(type="dict"),
    "generation": Field(),
    "older": Field(choices=("keep", "suspend", "absent"), default="keep"),
}
OPTIONS = {
    "applications": Field(type="list", elements="dict", options=APPLICATION_FIELDS),
    "show_keys": Field(type="bool", default=False, harmless=True),
}
_USER_KEY = re.compile(r"[\w\-.]+|(?:[A-Za-z0-9+]{4})*(?:[A-Za-z0-9+]{4}|[A-Za-z0-9+]{3}=|[A-Za-z0-9+]{2}==)", re.ASCII)
_KEY = re.compile(r"[\x21-\x7e]{5,255}")


def plan_applications(session: Session, params: Mapping[str, Any]) -> Plan:
    """The plan of ``threescale_application``."""
    wanted: Sequence[Values] = params["applications"]
    check_applications(wanted)
    if any(item.get("fields") for item in wanted):
        defined = definitions(session, APPLICATION)
        for place, item in enumerate(wanted):
            own = ("name", "description")
            check_fields(item.get("fields"), defined, APPLICATION, own, f"applications[{place}].fields")
    around = _read(session, wanted)
    plan = Plan()
    made: list[Ref] = []
    for place, item in enumerate(wanted):
        product = around.product(item)
        if product is not None and item["state"] != "absent":
            check_counting(APPLICATION_FIELDS, item, product, f"applications[{place}].", " of the product")
        facts = Ref("application", label_of(item))
        made.append(facts)
        plan.changes += plan_application(item, around, f"applications[{place}]", facts)
        if len(around.named(item)) > 1:
            plan.warnings.append(
                f"applications[{place}]: '{label_of(item)}' is there {len(around.named(item))} times; the oldest one "
                f"(id {around.named(item)[0]['id']}) is kept as described, the others are left alone."
            )
    plan.warnings += around.warnings
    plan.result = {
        "applications": [
            _returned(item, facts, bool(params["show_keys"]), keys_most(around.product(item)))
            for item, facts in zip(wanted, made)
        ]
    }
    return plan


def is_user_key(text: str) -> bool:
    """Whether the server takes it. A key that it refuses leaves a subscription behind, so that it is looked at here."""
    return bool(_USER_KEY.fullmatch(text)) and len(text) <= 256


def check_applications(wanted: Sequence[Values]) -> None:
    """Refuse bad input. Raises :class:`RefusalError`."""
    seen: set[tuple[str, str, str, Any]] = set()
    for place, item in enumerate(wanted):
        key = (str(item["account"]), str(item["product"]), full_name(item), item.get("id"))
        if key in seen or (*key[:3], None) in seen:
            raise RefusalError(f"applications[{place}]: '{' / '.join(key[:3])}' is listed twice; remove one.")
        seen.add(key)
        if item.get("user_key") is not None and not is_user_key(str(item["user_key"])):
            raise RefusalError(
                f"applications[{place}].user_key: must be letters, digits and '-_.' or base64 without '/', at most 256."
            )
        keys = [str(key) for key in item.get("keys") or []]
        if any(not _KEY.fullmatch(key) for key in keys):
            raise RefusalError(f"applications[{place}].keys: a key has 5 to 255 printable characters without spaces.")
        if len({key.lower() for key in keys}) < len(keys):
            raise RefusalError(
                f"applications[{place}].keys: two keys are the same; upper and lower case don't tell them apart."
            )
        check_filters(item, f"applications[{place}].referrer_filters")
        if len(keys) > KEYS_MOST:
            raise RefusalError(f"applications[{place}].keys: an application has at most {KEYS_MOST} keys.")


def _read(session: Session, wanted: Sequence[Values]) -> Around:
    products = session.all(PRODUCT)
    plans = session.rows("/admin/api/application_plans.json", "plans", "application_plan")
    names = sorted({str(item["account"]) for item in wanted})
    found = dict(zip(names, session.side_by_side(lambda name: find_account(session, name), names)))
    there = {name: account for name, account in found.items() if account}
    lists = session.side_by_side(
        lambda account: session.rows(
            f"/admin/api/accounts/{account['id']}/applications.json", "applications", "application"
        ),
        there.values(),
    )
    around = Around(products, plans, found, dict(zip(there, lists)), check=session.check)
    for item in wanted:
        application = around.find(item)
        if application is None:
            continue
        base, number = (
            f"/admin/api/accounts/{application['account_id']}/applications/{application['id']}",
            application["id"],
        )
        if item.get("keys") is not None:
            around.keys[number] = [str(row["value"]) for row in session.rows(f"{base}/keys.json", "keys", "key")]
        if item.get("referrer_filters") is not None:
            around.filters[number] = session.rows(
                f"{base}/referrer_filters.json", "referrer_filters", "referrer_filter"
            )
    return around


def _returned(item: Values, facts: Ref, show_keys: bool, most: int) -> dict[str, Any]:
    names = ("id", "state", "account_id", "service_id", "plan_id", "plan_name", "application_id")
    result = {"account": item["account"], "product": item["product"], "name": full_name(item)}
    result.update({name: Told(facts, name, optional=True) for name in names})
    if item["state"] != "present":
        result["state"] = item["state"]
    if show_keys and item["state"] != "absent":
        result.update({name: Told(facts, name, optional=True) for name in ("user_key", "client_secret")})
        if item.get("user_key"):
            result["user_key"] = item["user_key"]
        if most == 1 and item.get("keys"):
            result["client_secret"] = item["keys"][0]  # not what the server told before the rotation
    return result
