# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""The tenant's webhook: where 3scale sends events, and which. There is one, and an empty change reads it.

See ``docs/threescale-behaviour.md#webhooks``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.http import part_of
from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import differences
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Call,
    Change,
    Field,
    Plan,
    RefusalError,
    Resource,
    Values,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.secrets import hide
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session

EVENTS = (
    "account_created", "account_updated", "account_deleted", "account_plan_changed",
    "user_created", "user_updated", "user_deleted",
    "application_created", "application_updated", "application_suspended", "application_deleted",
    "application_plan_changed", "application_user_key_updated", "application_key_created", "application_key_deleted",
    "application_key_updated",
)  # fmt: skip
OPTIONS: dict[str, Field] = {
    "url": Field(form="text"),
    "active": Field(type="bool", form="flag"),
    "provider_actions": Field(type="bool", form="flag"),
    "events": Field(type="list", elements="str", choices=EVENTS, local=True),
}
_SWITCHES = {f"{event}_on": Field(type="bool", form="flag") for event in EVENTS}
_ATTRIBUTES = {name: entry for name, entry in OPTIONS.items() if not entry.local}
WEBHOOK = Resource("webhook", "/admin/api/webhooks", "web_hook", "webhook", "", (), {**_ATTRIBUTES, **_SWITCHES})


def read_webhook(session: Session) -> dict[str, Any]:
    """The webhook in terms of the table; an empty change answers it."""
    client, path = session.writer(), WEBHOOK.path + ".json"
    return WEBHOOK.from_api(part_of(client, "PUT", path, client.send("PUT", path, body={}), WEBHOOK.envelope))


def plan_webhook(session: Session, params: Mapping[str, Any]) -> Plan:
    """The plan of ``threescale_webhook``."""
    present = read_webhook(session)
    wanted = {name: params[name] for name in _ATTRIBUTES if params.get(name) is not None}
    if params.get("events") is not None:
        wanted.update({f"{event}_on": event in params["events"] for event in EVENTS})
    before, after = differences(WEBHOOK, wanted, present)
    afterwards = {**present, **after}
    _check(afterwards)
    plan = Plan(result={"webhook": hide(shown(afterwards))})
    if after:
        call = Call("PUT", WEBHOOK.path + ".json", {}, WEBHOOK.wrap(WEBHOOK.to_api(after)), WEBHOOK.envelope)
        plan.changes.append(Change("update", "webhook", "tenant", before, after, call))
    return plan


def _check(webhook: Values) -> None:
    if webhook.get("active") and not re.match(r"https?://[^\s/?#]+", str(webhook.get("url") or "")):
        raise RefusalError(
            f"url: '{hide(webhook.get('url') or '')}' must be an address such as https://hooks.example.com."
        )


def shown(webhook: Values) -> dict[str, Any]:
    """The webhook as options have it."""
    events = [event for event in EVENTS if webhook.get(f"{event}_on")]
    return {**{name: webhook.get(name) for name in _ATTRIBUTES}, "events": events}
