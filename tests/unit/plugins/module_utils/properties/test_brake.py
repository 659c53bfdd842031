# SPDX-License-Identifier: GPL-3.0-or-later
"""The brake counts what any module removes because nobody listed it, not what was named."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.engine.gate import brake
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Change, Field, RefusalError
from ansible_collections.rhai.maas.plugins.module_utils.keycloak import client, group
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.many import plan_each
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.session import Session as Keycloaks
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal import portals, tables
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session
from tests.support.model.keycloak import Keycloak
from tests.support.model.run import bring, filled
from tests.support.model.tenant import Tenant


def portal(pages: int) -> list[Change]:
    """Of ten pages below /models/ so many are left."""
    model = Tenant()
    items = [{"type": "page", "path": f"/models/{n}", "title": f"Model {n}", "content": "x"} for n in range(10)]
    bring(model, Session(model), portals.plan_portal, filled(tables.OPTIONS, {"content": items}), {}, 0)
    fewer = filled(tables.OPTIONS, {"content": items[:pages], "prune": ["/models/"]})
    return portals.plan_portal(Session(model), fewer).changes


def kept(table: Any, planner: Any, **item: Any) -> Any:
    options = {"items": Field("list", elements="dict", options=table.fields)}
    given = {"realm": "maas", **filled(options, {"items": [item]})}
    return lambda session, _params: plan_each(session, given, table, "one", "items", planner)


def mappers(left: int) -> list[Change]:
    """Of ten protocol mappers of a client so many are left."""
    model = Keycloak()
    model._new_realm({"realm": "maas"}, {})
    listed = [{"name": f"m{n}", "protocol_mapper": "kind"} for n in range(10)]
    plan = kept(client.CLIENT, lambda s, p: named(client.plan_client(s, p), "client"), client_id="app",
                protocol_mappers=listed)  # fmt: skip
    bring(model, Keycloaks(model, False), plan, {}, {}, 0)  # type: ignore[arg-type]
    fewer = kept(client.CLIENT, lambda s, p: named(client.plan_client(s, p), "client"), client_id="app",
                 protocol_mappers=listed[:left], prune_protocol_mappers=True)  # fmt: skip
    return list(fewer(Keycloaks(model, False), {}).changes)  # type: ignore[arg-type]


def roles(left: int) -> list[Change]:
    """Of ten roles of a group so many are left."""
    model = Keycloak()
    model._new_realm({"realm": "maas"}, {})
    for number in range(10):
        model.rows["/admin/realms/maas/roles"].append({"id": model.next(), "name": f"r{number}"})
    held = [{"name": f"r{number}"} for number in range(10)]
    plan = kept(group.GROUP, lambda s, p: named(group.plan_group(s, p), "group"), path="/dev", roles=held)
    bring(model, Keycloaks(model, False), plan, {}, {}, 0)  # type: ignore[arg-type]
    fewer = kept(group.GROUP, lambda s, p: named(group.plan_group(s, p), "group"), path="/dev", roles=held[:left],
                 prune_roles=True)  # fmt: skip
    return list(fewer(Keycloaks(model, False), {}).changes)  # type: ignore[arg-type]


def named(plan: Any, one: str) -> Any:
    plan.result = {"one": plan.result[one]}
    return plan


@pytest.mark.parametrize("remove", [portal, mappers, roles])
def test_many_removals_need_a_number(remove: Any) -> None:
    brake(remove(5), None)
    with pytest.raises(
        RefusalError, match="would remove 6 of 10 objects because they are not listed.*allow_removals: 6"
    ):
        brake(remove(4), None)
    with pytest.raises(RefusalError):
        brake(remove(3), 6)
    brake(remove(3), 7)


def test_what_is_named_does_not_count() -> None:
    brake([Change("delete", "page", f"/{number}") for number in range(50)], None)
