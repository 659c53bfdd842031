# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Metrics, methods and mapping rules: the same below products and below backends. Tables and plans; pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine import normal
from ansible_collections.rhai.maas.plugins.module_utils.engine.exclusive import refuse_taken
from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import (
    Children,
    plan_list,
    prunes,
    refuse_twins,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Change,
    Field,
    Ref,
    RefusalError,
    Resource,
    Values,
)

HTTP_METHODS = ("GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS")
_PATTERN = re.compile(r"/[^\s#$\x80-\uffff]*\$?(\?[^\s#$\x80-\uffff]*)?")

METRIC_FIELDS = {
    "system_name": Field(required=True, create_only=True, form="bare_name"),
    "friendly_name": Field(form="text", initial_from="system_name", shape="not empty"),
    "unit": Field(form="text", initial="hit", shape="not empty"),
    "description": Field(form="text"),
    "state": Field(choices=("present", "absent"), default="present", local=True),
}
METHOD_FIELDS = {name: entry for name, entry in METRIC_FIELDS.items() if name != "unit"}
IN_USE = "used by the latest gateway configuration"
ONE_NAME = {"friendly_name": "{friendly_name} (set aside {id})"}
RULE_FIELDS = {
    "http_method": Field(required=True, choices=HTTP_METHODS),
    "pattern": Field(required=True),
    "metric": Field(default="hits", local=True),
    "delta": Field(type="int", default=1, form="whole", shape="int32"),
    "last": Field(type="bool", default=False, form="flag"),
}


@dataclass(frozen=True)
class Owner:
    """The tables below one kind of owner. ``parent`` is the owner's name in paths."""

    parent: str
    metric: Resource
    method: Resource
    rule: Resource


def owner(parent: str, base: str, rules: str, page: int) -> Owner:
    """The three tables below ``base`` (``/admin/api/services/{product}``); ``page`` is the page size of their lists."""
    metrics = f"{base}/metrics"
    return Owner(
        parent,
        Resource(
            "metric",
            metrics,
            "metric",
            "metric",
            "metrics",
            ("system_name",),
            METRIC_FIELDS,
            page,
            exclusive=ONE_NAME,
            space="metrics",
        ),
        Resource(
            "method",
            f"{metrics}/{{hits}}/methods",
            "metric",
            "method",
            "methods",
            ("system_name",),
            METHOD_FIELDS,
            page,
            exclusive=ONE_NAME,
            space="metrics",
        ),
        Resource(
            "mapping rule",
            f"{base}{rules}",
            "mapping_rule",
            "mapping_rule",
            "mapping_rules",
            ("http_method", "pattern"),
            RULE_FIELDS,
            page,
        ),
    )


PRODUCT_OWNER = owner("product", "/admin/api/services/{product}", "/proxy/mapping_rules", 0)
BACKEND_OWNER = owner("backend", "/admin/api/backend_apis/{backend}", "/mapping_rules", 500)


def split(items: Sequence[Values]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The server's one list of metrics and methods (these have ``parent_id``) apart, with bare system names."""
    rows = [{**item, "system_name": normal.bare_name(item.get("system_name"))} for item in items]
    return [row for row in rows if not row.get("parent_id")], [row for row in rows if row.get("parent_id")]


def rules_in_order(rules: Sequence[Values], names: Mapping[Any, str]) -> list[dict[str, Any]]:
    """Present rules by position, with the name of their metric; ``names`` is metric id → system_name."""
    ordered = sorted(rules, key=lambda rule: (rule.get("position") or 0, rule.get("id") or 0))
    return [{**rule, "metric": names.get(rule.get("metric_id"), f"#{rule.get('metric_id')}")} for rule in ordered]


def check_metrics(wanted: Values, option: str) -> None:
    """Refuse what the server would refuse about metrics, methods and mapping rules. Raises :class:`RefusalError`."""
    for name, table in (("metrics", PRODUCT_OWNER.metric), ("methods", PRODUCT_OWNER.method)):
        refuse_twins(table, wanted.get(name), f"{option}.{name}")
        for position, item in enumerate(wanted.get(name) or []):
            check_name(item.get("system_name"), f"{option}.{name}[{position}].system_name")
            if item["system_name"] == "hits" and item.get("state") == "absent":
                raise RefusalError(f"{option}.{name}[{position}]: 3scale keeps the metric 'hits'; it can't be removed.")
    both = {item["system_name"] for item in wanted.get("metrics") or []}
    for item in wanted.get("methods") or []:
        if item["system_name"] in both:
            raise RefusalError(
                f"{option}: '{item['system_name']}' is a metric and a method; they share one set of names."
            )
        if item["system_name"] == "hits":
            raise RefusalError(
                f"{option}.methods: 'hits' is the metric that methods belong to; choose another system_name."
            )
    seen: set[str] = set()
    for position, rule in enumerate(wanted.get("mapping_rules") or []):
        _check_rule(rule, f"{option}.mapping_rules[{position}]")
        if rule_name(rule) in seen:
            raise RefusalError(f"{option}.mapping_rules[{position}]: '{rule_name(rule)}' is listed twice. Keep one.")
        seen.add(rule_name(rule))


def check_name(value: Any, option: str) -> None:
    """Refuse a system_name that the server would refuse. Raises :class:`RefusalError`.

    docs/threescale-behaviour.md#metrics-system-names
    """
    text = str(value or "")
    if not re.fullmatch(r"\w[\w\-/]+", text, re.ASCII) or len(text) > 255:
        raise RefusalError(
            f"{option}: '{text}' can't be a system_name. It has 2 to 255 letters, digits, '-', '_' or '/', "
            "begins with a letter or digit, and has neither spaces nor dots."
        )


def _check_rule(rule: Values, option: str) -> None:
    pattern = str(rule.get("pattern") or "")
    if not _PATTERN.fullmatch(pattern) or len(pattern) > 255:
        raise RefusalError(
            f"{option}.pattern: '{pattern}' can't be a pattern. It starts with '/', has at most 255 characters, "
            "no spaces, no '#', and '$' only at the end of the path."
        )
    if rule.get("delta") is not None and int(rule["delta"]) < 1:
        raise RefusalError(f"{option}.delta: must be a whole number above 0, not {rule['delta']}.")


def plan_metrics(tables: Owner, wanted: Values, present: Values, parent: Ref, label: str) -> Children:
    """Metrics and methods of one owner; ``refs`` has both by system_name."""
    parents = {tables.parent: parent}
    metrics = plan_list(
        tables.metric,
        wanted.get("metrics"),
        present.get("metrics") or [],
        parents,
        label,
        prune=prunes(wanted, "metrics"),
        keep=lambda item: item.get("system_name") == "hits",
    )
    hits = metrics.refs.get(("hits",)) or Ref("metric", "hits")  # not read where nothing here is managed
    methods = plan_list(
        tables.method,
        wanted.get("methods"),
        present.get("methods") or [],
        {**parents, "hits": hits},
        label,
        prune=prunes(wanted, "methods"),
    )
    _refuse_other_kind(wanted, present, label)
    refuse_taken([*metrics.all(), *methods.all()], {**metrics.holders, **methods.holders})
    for change in [*metrics.deletions, *methods.deletions]:
        change.tolerate = ((403, IN_USE),)
    return Children(
        metrics.changes + methods.changes,
        metrics.deletions + methods.deletions,
        {**metrics.refs, **methods.refs},
        metrics.final + methods.final,
        metrics.warnings + methods.warnings,
    )


def _refuse_other_kind(wanted: Values, present: Values, label: str) -> None:
    """Refuse a metric that shall become a method, or the reverse: what counts on it, limits too, would go with it."""
    for kind, other in (("metrics", "methods"), ("methods", "metrics")):
        there = {item["system_name"] for item in present.get(other) or []}
        for item in wanted.get(kind) or []:
            if item.get("state") != "absent" and item["system_name"] in there:
                raise RefusalError(
                    f"{kind} of {label.rstrip(' /')}: '{item['system_name']}' is there as one of its {other}, and "
                    f"can't become another kind. Choose another system_name, or remove it from {other} before."
                )


def drops(wanted: Values, present: Values, kind: str) -> bool:
    """Whether some of the present ``metrics`` or ``methods`` are to go."""
    listed = {item["system_name"]: item.get("state") for item in wanted.get(kind) or []}
    extras = prunes(wanted, kind) and wanted.get(kind) is not None
    return any(
        listed.get(item["system_name"], "absent" if extras else "present") == "absent"
        for item in present.get(kind) or []
        if item["system_name"] != "hits"
    )


def stays_for_now(deletion: Change) -> str:
    """The warning about a metric or method that can't be removed yet."""
    return (
        f"{deletion.noun} '{deletion.key}' stays for now: the gateway's latest configuration still counts it. It goes "
        "with the next run after its mapping rules are gone from staging and production (promotion: production)."
    )


def make_way(deletion: Change, changes: Sequence[Change]) -> list[Change]:
    """The change that lets go of the name of a metric which stays for now, where another one takes that name."""
    aside = deletion.aside
    takers = [change for change in changes if set(change.claims) & set(deletion.releases)]
    if aside is None or not takers:
        return []
    for change in takers:
        change.needs.append(aside)
    return [aside]


def rule_name(rule: Values) -> str:
    """A rule for people: ``POST /v1/chat/completions → chat``."""
    return f"{rule.get('http_method')} {rule.get('pattern')} → {rule.get('metric') or 'hits'}"
