# SPDX-License-Identifier: GPL-3.0-or-later
"""Usage by product, application, account, plan, backend and response code, as counted by the backend."""

from __future__ import annotations

from typing import Any

import requests

from tests.integration.threescale.conftest import Runner, Step
from tests.support.standin import Standin

MODULE = "threescale_usage_info"
APPLICATION = {"account": "team-s", "product": "counted", "plan": "standard"}


def report(standin: Standin, key: str, hits: int, code: int) -> None:
    """Traffic of a key, as the gateway reports it."""
    admin = (standin.admin_url, ("", standin.token))
    services = requests.get(f"{admin[0]}/admin/api/services.json", auth=admin[1], timeout=10).json()["services"]
    (number,) = (row["service"]["id"] for row in services if row["service"]["system_name"] == "counted")
    path = f"{admin[0]}/admin/api/services/{number}/proxy/configs/sandbox/latest.json"
    content = requests.get(path, auth=admin[1], timeout=10).json()["proxy_config"]["content"]
    query = {
        "service_token": content["backend_authentication_value"],
        "service_id": str(number),
        "user_key": key,
        "usage[hits]": hits,
        "log[code]": code,
    }
    backend = f"{standin.url}/_host/backend.{standin.superdomain}/transactions/authrep.xml"
    requests.get(backend, params=query, timeout=10).raise_for_status()


def test_by_everything(standin: Standin, run: Runner) -> None:
    """Two applications of one account: their numbers, their sum, and a metric that is nowhere."""
    product: dict[str, Any] = {
        "system_name": "counted",
        "application_plans": [{"system_name": "standard"}],
        "promotion": "staging",
    }
    product["backend_usages"] = [{"backend": "api", "path": "/"}]
    team = {"username": "team-s", "org_name": "S", "email": "s@example.com", "password": "a-Long-passw0rd"}
    pair = [{**APPLICATION, "name": name, "user_key": f"key-of-{name}"} for name in ("one", "two")]
    run.done(
        Step("threescale_product", product),
        Step("threescale_account", team),
        Step("threescale_application", {"applications": pair}),
    )
    report(standin, "key-of-one", 2, 200)
    report(standin, "key-of-two", 3, 500)
    wanted: dict[str, Any] = {"products": ["counted"], "metrics": ["hits"], "period": "day"}
    results = run.done(
        Step(MODULE, wanted),
        Step(MODULE, {**wanted, "by": "application"}),
        Step(MODULE, {**wanted, "by": "account"}),
        Step(MODULE, {**wanted, "by": "plan", "values": True}),
        Step(MODULE, {**wanted, "by": "response_code"}),
        Step(MODULE, {"by": "backend", "backends": ["api"], "period": "day"}),
    )
    totals = [[(row["total"]) for row in result.data["rows"]] for result in results]
    assert totals == [[5], [2, 3], [5], [5], [1, 0, 1], [0]]
    by_account, by_plan = results[2].data["rows"][0], results[3].data
    assert (by_account["account"], by_plan["rows"][0]["plan"]) == ("S", "standard")
    assert sum(by_plan["usage"][0]["values"]) == 5
    assert not [row for result in results for row in result.data["rows"] if any(map(_nested, row.values()))]
    (refused,) = run(Step(MODULE, {**wanted, "metrics": ["hits", "toucans"]}))
    assert "metrics[1]: none of the products has a metric or method 'toucans'. There are: hits." in refused.message


def _nested(value: Any) -> bool:
    return isinstance(value, (list, dict))
