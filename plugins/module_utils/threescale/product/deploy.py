# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Deployment to staging and promotion to production: planned from contents, carried out with at most one deployment.

A PUT of the proxy or of the chain deploys by itself; a deployment after it would make one more version of equal content
(docs/threescale-behaviour.md#configurations-two-texts), so it is only asked for where such a PUT didn't happen, or
didn't reach the gateway.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Callable

from ansible_collections.rhai.maas.plugins.module_utils.engine.errors import ApiError
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Change, Ref, Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.config import behind, stable
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.smoke import must_answer

_PROXY = "/admin/api/services/{product}/proxy"
NOTHING_MADE = "the server accepted the deployment and made no configuration"
NOTHING_MADE_HINT = (
    "A product deploys only with a backend usage and its service token, which a background job makes: "
    "check that the server's job queue runs, then run again."
)
TOKEN_WAITS = 6  # a new product's service token is made by a background job


Restore = Callable[[Values, Any], str]  # a content and its version → what became of it, in words


@dataclass
class Deployment:
    """Changes of one product's deployment: none, deploy, promote, or both."""

    changes: list[Change] = field(default_factory=list)


def plan_deployment(
    wanted: Values,
    tree: Values,
    product: Ref,
    view: Callable[[], dict[str, Any]],
    facts: dict[str, Any],
    *,
    forced: bool,
    written: bool,
    restore: Restore | None = None,
) -> Deployment:
    """What has to happen so that staging (and production) show ``view``.

    ``tree`` holds the latest configurations (``sandbox``, ``production``; empty or lacking when there are none).
    ``forced`` when something changes that no view shows, ``written`` when a PUT deploys anyway. ``restore`` brings back
    what a content held, should production then fail the product's ``smoke``.
    """
    plan = Deployment()
    if wanted.get("promotion") not in ("staging", "production"):
        return plan
    sandbox, production = tree.get("sandbox") or {}, tree.get("production") or {}
    late = behind(view(), sandbox.get("content") or {})
    state: dict[str, Any] = {"version": sandbox.get("version"), "content": sandbox.get("content") or {}}
    if late or forced or written:
        plan.changes.append(_deploy(product, sandbox, view, state, facts, late, written))
    promotes = wanted["promotion"] == "production" and (plan.changes or _differ(sandbox, production))
    smoke = wanted.get("smoke")
    if smoke and (plan.changes or promotes):
        plan.changes.append(_try_staging(product, smoke, state, plan.changes))
    if promotes:
        plan.changes.append(_promote(product, production, state, plan.changes))
        if smoke:
            plan.changes.append(_try_production(product, smoke, state, production, restore, plan.changes))
    return plan


def _try_staging(product: Ref, smoke: Values, state: dict[str, Any], needs: list[Change]) -> Change:
    def ask(applier: Any) -> None:
        must_answer(applier, _address(state, "sandbox_endpoint"), smoke)

    return Change("try", "staging of product", product.key, step=ask, needs=list(needs), quiet=True)


def _try_production(
    product: Ref,
    smoke: Values,
    state: dict[str, Any],
    production: Values,
    restore: Restore | None,
    needs: list[Change],
) -> Change:
    def ask(applier: Any) -> None:
        try:
            must_answer(applier, _address(state, "endpoint"), smoke, smoke["wait"])
        except ApiError as error:
            content = production.get("content") or {}
            if content and restore is not None:
                error.hint = f"{restore(content, production['version'])} {error.hint}"
            else:
                error.hint = f"Production had no configuration before, so that there is none to put back. {error.hint}"
            raise

    return Change("try", "production of product", product.key, step=ask, needs=list(needs), quiet=True)


def _address(state: Mapping[str, Any], name: str) -> str:
    return str(((state.get("content") or {}).get("proxy") or {}).get(name) or "")


def _differ(sandbox: Values, production: Values) -> bool:
    """Whether production serves something else than staging."""
    if not sandbox or sandbox.get("version") == production.get("version"):
        return False
    return bool(stable(sandbox.get("content")) != stable(production.get("content")))


def _deploy(
    product: Ref,
    sandbox: Values,
    view: Callable[[], dict[str, Any]],
    state: dict[str, Any],
    facts: dict[str, Any],
    late: list[str],
    written: bool,
) -> Change:
    """Deploy where no PUT did, and see that the latest configuration shows what is wanted."""

    def settle(applier: Any) -> None:
        base = applier.path(_PROXY, {"product": product})
        if not written:
            applier.client.send("POST", f"{base}/deploy.json")
        for attempt in range(TOKEN_WAITS):
            answer = applier.client.get(f"{base}/configs/sandbox/latest.json", missing=(404,))
            latest: Mapping[str, Any] = (answer.json or {}).get("proxy_config") or {} if answer.status == 200 else {}
            if latest and (attempt or not written or not behind(view(), latest.get("content") or {})):
                state.update(version=latest.get("version"), content=latest.get("content") or {})
                proxy = state["content"].get("proxy", {})
                facts.update({name: proxy.get(name) for name in ("endpoint", "sandbox_endpoint")})
                return
            if attempt:
                applier.client.sleep(0.5 * 2**attempt)
            applier.client.send("POST", f"{base}/deploy.json")
        raise ApiError("POST", f"{base}/deploy.json", 201, [NOTHING_MADE], NOTHING_MADE_HINT)

    version = sandbox.get("version")
    return Change(
        "deploy",
        "product",
        product.key,
        {"staging": f"version {version}" if version else "nothing"},
        {"staging": "a new version", "because of": late or ["what this run changes"]},
        step=settle,
        lane=f"proxy {product.key}",
    )


def _promote(product: Ref, production: Values, state: dict[str, Any], needs: list[Change]) -> Change:
    def promote(applier: Any) -> None:
        if state["version"] == production.get("version"):
            return  # the deployment found nothing new
        base = applier.path(_PROXY, {"product": product})
        applier.client.send(
            "POST", f"{base}/configs/sandbox/{state['version']}/promote.json", body={"to": "production"}
        )

    version = production.get("version")
    return Change(
        "promote",
        "product",
        product.key,
        {"production": f"version {version}" if version else "nothing"},
        {"production": "staging's version"},
        step=promote,
        needs=list(needs),
        already=((422, "already been taken"),),
        lane=f"proxy {product.key}",
    )
