# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Gateway configurations compared with what is wanted: is staging, is production behind? Pure.

A run that was cut off between its last write and the deployment leaves nothing to change and still a gateway that is
behind. So what is wanted is compared with the content of the latest configuration itself, in terms of a *view*: a
flat map of the managed things that a configuration holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine import normal
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Ref, Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.tables import APICAST, PRODUCT, PROXY

VOLATILE = ("updated_at", "created_at", "lock_version", "deployed_at", "api_test_success")
_ROUTE = re.compile(r"\^?\(?(?P<path>.*?)/\.\*")
_NOT_IN_CONTENT = ("annotations", "system_name")


def stable(content: Any) -> Any:
    """A content without what changes by itself, for comparing two configurations."""
    if isinstance(content, Mapping):
        return {name: stable(value) for name, value in content.items() if name not in VOLATILE}
    if isinstance(content, list):
        return [stable(entry) for entry in content]
    return content


def behind(wanted: Values, content: Values) -> list[str]:
    """Names of the things in the wanted view that a configuration's content shows otherwise."""
    if not content:
        return ["everything"]
    known = {name: value.id if isinstance(value, Ref) else value for name, value in wanted.items()}
    return [name for name, value in known.items() if _listed(value) != _listed(_shown(name, value, content))]


def _listed(value: Any) -> Any:
    """Tuples as lists, as they are in a view that was written down."""
    return [_listed(entry) for entry in value] if isinstance(value, (list, tuple)) else value


def wanted_view(product: Values, usages: Sequence[Values] | None, defaults: Mapping[str, Ref]) -> dict[str, Any]:
    """The view that a configuration must show.

    ``product`` is the wanted state; ``usages`` are the backend usages afterwards (``path``, ``private_endpoint``,
    ``rules``: the backend's mapping rules, or None when unknown); ``defaults`` are the default plans by content key.
    """
    view: dict[str, Any] = {}
    for name, entry in PRODUCT.attributes().items():
        if product.get(name) is not None and entry.readable and name not in _NOT_IN_CONTENT:
            view[name] = entry.normal(product[name])
    for name, entry in PROXY.attributes().items():
        if (product.get("proxy") or {}).get(name) is not None:
            view[f"proxy.{name}"] = entry.normal(product["proxy"][name])
    if product.get("policies") is not None:
        view["policies"] = chain_view(with_apicast(product["policies"]))
    if product.get("mapping_rules") is not None:
        view["mapping rules"] = [_rule(rule, rule.get("metric") or "hits") for rule in product["mapping_rules"]]
    if usages is not None:
        view["backends"] = sorted((normal.path(u["path"]), normal.url(u["private_endpoint"])) for u in usages)
        if all(usage.get("rules") is not None for usage in usages):
            view["backend rules"] = sorted(
                _rule({**rule, "pattern": _below(usage["path"], rule["pattern"])}, rule.get("metric_id"))
                for usage in usages
                for rule in usage["rules"]
            )
    view.update(defaults)
    return view


def mentioned(content: Values) -> set[str]:
    """System names of the product's own metrics that a configuration's rules count: these can't be deleted."""
    return {str(rule.get("metric_system_name")) for rule in _rules(content, "Proxy")}


def with_apicast(chain: Sequence[Values]) -> list[Values]:
    """A chain as the server keeps it: apicast is appended where it lacks."""
    return list(chain) if any(policy.get("name") == "apicast" for policy in chain) else [*chain, APICAST]


def chain_view(chain: Sequence[Values], with_enabled: bool = False) -> list[Any]:
    """A policy chain in comparable form: enabled policies only, or all with their switch."""
    return [
        (
            policy.get("name"),
            policy.get("version") or "builtin",
            policy.get("configuration") or {},
            *([bool(policy.get("enabled", not with_enabled))] if with_enabled else []),
        )
        for policy in chain
        if with_enabled or policy.get("enabled", True)
    ]


def _shown(name: str, value: Any, content: Values) -> Any:
    """What a content shows for one name of the view; ``value`` itself where it can't be told."""
    proxy = content.get("proxy") or {}
    if name == "policies":
        routed = any(policy[0] == "routing" for policy in value)
        return chain_view([p for p in proxy.get("policy_chain") or [] if routed or p.get("name") != "routing"])
    if name == "mapping rules":
        return [_rule(rule, rule.get("metric_system_name")) for rule in _rules(content, "Proxy")]
    if name == "backends":
        return _backends(proxy, value)
    if name == "backend rules":
        return sorted(_rule(rule, rule.get("metric_id")) for rule in _rules(content, "BackendApi"))
    if name.startswith("proxy."):
        attribute = name[len("proxy.") :]
        return PROXY.fields[attribute].normal(proxy.get(attribute)) if attribute in proxy else value
    if name == "backend_version":
        return authentication(content) or value
    if name in PRODUCT.fields:
        return PRODUCT.fields[name].normal(content.get(name)) if name in content else value
    return content.get(name) if name in content else value


def authentication(content: Values) -> Any:
    """The ``backend_version`` that was chosen. docs/threescale-behaviour.md#configurations-oidc"""
    return (content.get("proxy") or {}).get("authentication_method") or content.get("backend_version")


def own_rules(content: Values) -> list[Values]:
    """The product's own mapping rules in a content, in order."""
    return _rules(content, "Proxy")


def backends_of(content: Values) -> list[tuple[str, str]]:
    """(path, address) of each backend that a content sends requests to; nothing where that can't be told."""
    found = _backends(content.get("proxy") or {}, [])
    return [(str(path), str(url)) for path, url in found]


def _rules(content: Values, owner: str) -> list[Values]:
    rules = (content.get("proxy") or {}).get("proxy_rules") or []
    return [rule for rule in rules if (rule.get("owner_type") or "Proxy") == owner]


def _rule(rule: Values, metric: Any) -> tuple[Any, ...]:
    number = metric if isinstance(metric, int) else str(metric)
    return (
        rule.get("http_method"),
        str(rule.get("pattern")),
        number,
        normal.whole(rule.get("delta") or 1),
        normal.flag(rule.get("last")),
    )


def _below(path: Any, pattern: Any) -> str:
    """A backend's pattern as the product's gateway sees it: below the usage's path."""
    base = normal.path(path)
    return str(pattern) if base == "/" else base + str(pattern)


def _backends(proxy: Values, fallback: Any) -> Any:
    """(path, address) of each backend that a content sends requests to."""
    if proxy.get("api_backend"):
        return [("/", normal.url(proxy["api_backend"]))]
    routing = next((p for p in proxy.get("policy_chain") or [] if p.get("name") == "routing"), None)
    if routing is None:
        return []
    found = []
    for rule in (routing.get("configuration") or {}).get("rules") or []:
        operations = (rule.get("condition") or {}).get("operations") or [{}]
        match = _ROUTE.match(str(operations[0].get("value", "")))
        if match is None:
            return fallback  # a form we don't know: leave the judgement to the other parts
        path = re.sub(r"\\(.)", r"\1", match["path"])
        found.append((normal.path(path), normal.url(rule.get("url"))))
    return sorted(found)
