# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Deployment to staging and promotion to production, planned from contents: at most one deployment. Pure.

A PUT of the proxy or of the chain deploys by itself; a deployment after it would make one more version of equal content
(docs/threescale-behaviour.md#configurations-two-texts), so it is only asked for where such a PUT didn't happen, or
didn't reach the gateway. ``deploying`` carries it out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Change, Ref, Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.config import behind, stable


def plan_deployment(
    wanted: Values, tree: Values, product: Ref, view: Mapping[str, Any], facts: Ref, *, forced: bool, written: bool
) -> list[Change]:
    """What has to happen so that staging (and production) show ``view``: nothing, deploy, promote, or both.

    ``tree`` holds the latest configurations (``sandbox``, ``production``; empty or lacking when there are none).
    ``forced`` when something changes that no view shows, ``written`` when a PUT deploys anyway. ``facts`` are told
    the addresses at which the product is served.
    """
    changes: list[Change] = []
    if wanted.get("promotion") not in ("staging", "production"):
        return changes
    sandbox, production = tree.get("sandbox") or {}, tree.get("production") or {}
    late = behind(view, sandbox.get("content") or {})
    latest = {"version": sandbox.get("version"), "content": sandbox.get("content") or {}}
    staging = Ref("staging", product.key, told=latest)
    if late or forced or written:
        data = {"product": product, "staging": staging, "facts": facts, "view": view, "written": written}
        changes.append(_deploy(product, sandbox.get("version"), late, data))
    promotes = wanted["promotion"] == "production" and (changes or _differ(sandbox, production))
    smoke = wanted.get("smoke")
    if smoke and (changes or promotes):
        changes.append(_try("staging", product, {"staging": staging, "smoke": smoke}, changes))
    if promotes:
        changes.append(_promote(product, staging, production.get("version"), changes))
        if smoke:
            data = {"staging": staging, "smoke": smoke, "wanted": wanted, "before": production}
            changes.append(_try("production", product, data, changes))
    return changes


def _differ(sandbox: Values, production: Values) -> bool:
    """Whether production serves something else than staging."""
    if not sandbox or sandbox.get("version") == production.get("version"):
        return False
    return bool(stable(sandbox.get("content")) != stable(production.get("content")))


def _deploy(product: Ref, version: Any, late: list[str], data: Mapping[str, Any]) -> Change:
    return Change(
        "deploy",
        "product",
        product.key,
        {"staging": f"version {version}" if version else "nothing"},
        {"staging": "a new version", "because of": late or ["what this run changes"]},
        task="deploy",
        data=data,
        lane=f"proxy {product.key}",
    )


def _try(where: str, product: Ref, data: Mapping[str, Any], needs: list[Change]) -> Change:
    return Change(
        "try", f"{where} of product", product.key, task=f"try {where}", data=data, needs=list(needs), quiet=True
    )


def _promote(product: Ref, staging: Ref, version: Any, needs: list[Change]) -> Change:
    return Change(
        "promote",
        "product",
        product.key,
        {"production": f"version {version}" if version else "nothing"},
        {"production": "staging's version"},
        task="promote",
        data={"product": product, "staging": staging, "version": version},
        needs=list(needs),
        already=((422, "already been taken"),),
        lane=f"proxy {product.key}",
    )
