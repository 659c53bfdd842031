# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Features of a product or of the tenant's accounts, and the plans that include them. Planning is pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.normal import snake
from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import Children
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Call,
    Change,
    Field,
    Ref,
    RefusalError,
    Resource,
    Values,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session

SCOPES = {"application_plan": "ApplicationPlan", "service_plan": "ServicePlan"}  # read one way, sent the other
_DETAILS = {
    "system_name": Field(required=True, create_only=True),
    "name": Field(form="text", initial_from="system_name", shape="not empty"),
    "description": Field(form="text"),
}
FEATURE_FIELDS: dict[str, Field] = {
    **_DETAILS,
    "visible": Field(type="bool", form="flag"),
    "scope": Field(choices=tuple(SCOPES.values()), form="snake", initial="ApplicationPlan"),
}
ACCOUNT_FEATURE_FIELDS: dict[str, Field] = {
    **_DETAILS,
    "state": Field(choices=("present", "absent"), default="present", local=True),
}
FEATURE = Resource(
    "feature", "/admin/api/services/{product}/features", "feature", "feature", "features", ("system_name",),
    FEATURE_FIELDS,
)  # fmt: skip
ACCOUNT_FEATURE = Resource(
    "account feature", "/admin/api/features", "feature", "feature", "features", ("system_name",),
    ACCOUNT_FEATURE_FIELDS,
)  # fmt: skip


def of_plan(kind: Resource) -> str:
    """The path of the features that a plan of a kind includes; ``{plan}`` stands for its id."""
    return f"/admin/api/{kind.path.rpartition('/')[2]}/{{plan}}/features"


def fits(kind: Resource, feature: Values) -> bool:
    """Whether plans of a kind may include a feature; the scope of those of accounts needs no words."""
    return snake(feature.get("scope") or (kind.envelope if kind.envelope not in SCOPES else "application_plan")) == (
        kind.envelope
    )


def read_included(session: Session, kind: Resource, plan: Values, features: Sequence[Values]) -> list[Any]:
    """The features that a plan includes; nothing is asked where no feature of all could be one."""
    if not any(fits(kind, feature) for feature in features):
        return []
    return session.rows(of_plan(kind).format(plan=plan["id"]) + ".json", "features", "feature")


def plan_included(
    kind: Resource, plan: Ref, wanted: Sequence[str] | None, present: Sequence[Values], features: Children, label: str
) -> Children:
    """The features that a plan includes, by system_name of ``features``, which are planned already.

    What nobody lists is among the deletions. Raises :class:`RefusalError`.
    """
    result = Children()
    there = {str(item.get("system_name")): item for item in present}
    fitting = {str(item["system_name"]) for item in features.final if fits(kind, item)}
    path = of_plan(kind)
    for name in wanted or []:
        ref = features.refs.get((name,))
        if ref is None or name not in fitting:
            raise RefusalError(f"{label.rstrip(' /')}: {_lacking(kind, name, ref is not None)}")
        if name not in there:
            call = Call("POST", f"{path}.json", {"plan": plan}, {"feature_id": ref})
            change = Change("add", "plan feature", label + name, after={"feature": name}, call=call)
            change.already = ((409, ""),)
            result.changes.append(change)
    for name, item in there.items():
        if wanted is not None and name not in wanted:
            call = Call("DELETE", f"{path}/{item['id']}.json", {"plan": plan})
            change = Change("delete", "plan feature", label + name, {"feature": name}, call=call, unlisted=len(there))
            result.deletions.append(change)
    return result


def _lacking(kind: Resource, name: str, other_scope: bool) -> str:
    if other_scope and kind.envelope in SCOPES:
        return (
            f"feature '{name}' has another scope, and plans include only features of their own kind. Add one with "
            f"scope: {SCOPES[kind.envelope]} to the product's features."
        )
    if kind.envelope in SCOPES:
        return f"there is no feature '{name}'; add it to the product's features."
    return f"there is no account feature '{name}'; add it to features."
