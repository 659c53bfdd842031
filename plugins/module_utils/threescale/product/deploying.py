# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Deployment and promotion carried out, tried by the product's smoke request, and taken back where production fails."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.apply import Applier, ApplyError, read_list
from ansible_collections.rhai.maas.plugins.module_utils.engine.errors import ApiError
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Change, Ref, Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale.plan_tables import SERVICE_PLAN
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.config import behind
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.latest import latest_of_all, plans_of_all
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.parts import Around
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.plan import ENDPOINTS, plan_product
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.read import Reader
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.smoke import must_answer, served

_PROXY = "/admin/api/services/{product}/proxy"
NOTHING_MADE = "the server accepted the deployment and made no configuration"
NOTHING_MADE_HINT = (
    "A product deploys only with a backend usage and its service token, which a background job makes: "
    "check that the server's job queue runs, then run again."
)
TOKEN_WAITS = 6  # a new product's service token is made by a background job


def look_at_service_plans(applier: Applier, change: Change) -> None:
    """Read the service plans of all products, in one list, for those that were made with new products."""
    there: dict[tuple[int, Any], Any] = {}
    for owner, plan in plans_of_all(partial(read_list, applier.client), SERVICE_PLAN):
        there.setdefault((owner, plan.get("name")), plan.get("id"))
    for product, plan in zip(change.data["products"], change.data["plans"]):
        plan.id = there.get((int(applier.id_of(product)), plan.find.where["name"]))


def look_at_staging(applier: Applier, change: Change) -> None:
    """Read what staging shows of all products, in one list."""
    found = latest_of_all(partial(read_list, applier.client), "sandbox")
    change.data["everything"].told.update({str(product): row for product, row in found.items()})


def deploy(applier: Applier, change: Change) -> None:
    """Deploy where no PUT did, and see that the latest configuration shows what is wanted."""
    data = change.data
    seen = data["everything"].told.get(str(applier.id_of(data["product"]))) if "everything" in data else None
    if seen and not behind(data["view"], seen.get("content") or {}):
        _keep(data, seen)
        return
    base = applier.path(_PROXY, {"product": data["product"]})
    if not data["written"]:
        applier.client.send("POST", f"{base}/deploy.json")
    for attempt in range(TOKEN_WAITS):
        answer = applier.client.get(f"{base}/configs/sandbox/latest.json", missing=(404,))
        latest: Mapping[str, Any] = (answer.json or {}).get("proxy_config") or {} if answer.status == 200 else {}
        if latest and (attempt or not data["written"] or not behind(data["view"], latest.get("content") or {})):
            _keep(data, latest)
            return
        if attempt:
            applier.client.sleep(0.5 * 2**attempt)
        applier.client.send("POST", f"{base}/deploy.json")
    raise ApiError("POST", f"{base}/deploy.json", 201, [NOTHING_MADE], NOTHING_MADE_HINT)


def _keep(data: Mapping[str, Any], latest: Mapping[str, Any]) -> None:
    """Remember what staging shows, and the addresses at which the product is served."""
    content = latest.get("content") or {}
    data["staging"].told.update(version=latest.get("version"), content=content)
    proxy = content.get("proxy", {})
    data["facts"].told.update({name: proxy.get(name) for name in ENDPOINTS})


def promote(applier: Applier, change: Change) -> None:
    """Let production serve staging's version."""
    version = change.data["staging"].told["version"]
    if version == change.data["version"]:
        return  # the deployment found nothing new
    base = applier.path(_PROXY, {"product": change.data["product"]})
    applier.client.send("POST", f"{base}/configs/sandbox/{version}/promote.json", body={"to": "production"})


def try_staging(applier: Applier, change: Change) -> None:
    """Send the smoke request to staging."""
    must_answer(applier, _address(change.data["staging"], "sandbox_endpoint"), change.data["smoke"])


def try_production(applier: Applier, change: Change) -> None:
    """Send the smoke request to production; put back what it served before where that fails."""
    data = change.data
    try:
        must_answer(applier, _address(data["staging"], "endpoint"), data["smoke"], data["smoke"]["wait"])
    except ApiError as error:
        content = data["before"].get("content") or {}
        if content:
            error.hint = f"{_restore(applier, data['wanted'], content, data['before']['version'])} {error.hint}"
        else:
            error.hint = f"Production had no configuration before, so that there is none to put back. {error.hint}"
        raise


TASKS = {
    "look at service plans": look_at_service_plans,
    "look at staging": look_at_staging,
    "deploy": deploy,
    "promote": promote,
    "try staging": try_staging,
    "try production": try_production,
}


def _address(staging: Ref, name: str) -> str:
    return str(((staging.told.get("content") or {}).get("proxy") or {}).get(name) or "")


def _restore(applier: Applier, wanted: Values, content: Values, version: Any) -> str:
    """Read the product again, plan it as the content has it, and promote that. Tells what became of it."""
    session = applier.session
    session.forget()
    reader = Reader(session, [{**wanted, "smoke": None}])
    tree = reader.read().get(str(wanted["system_name"]))
    backends = {str(item["system_name"]): item for item in reader.backends}
    plan = plan_product(served(wanted, content, backends), tree, Around(backends, reader.backend_metrics))
    try:
        Applier(applier.client, applier.tasks, applier.others, session).apply(plan.changes)
    except ApplyError as error:
        return f"What production served before (version {version}) could not be put back: {error}."
    return f"What production served before (version {version}) is back, as a new version."
