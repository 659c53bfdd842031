# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``kubernetes.core.k8s`` for a list of objects, with a check mode that works before the parents are there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.rhai.maas.plugins.module_utils.cluster.plan import (
    arguments,
    explain,
    replan,
    results_of,
    shown,
    title,
)


class ActionModule(ActionBase):  # type: ignore[misc]
    """Hands everything to kubernetes.core.k8s; only reads its answer differently."""

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Runs the task (Ansible's own contract)."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        args = dict(self._task.args)
        planned_kinds: list[str] = args.pop("planned_kinds", None) or []
        definitions = args.get("definition") or []
        args["definition"] = definitions = [definitions] if isinstance(definitions, Mapping) else list(definitions)
        if not definitions:
            return {**result, "changed": False, "objects": [], "planned": []}
        check = bool(self._task.check_mode)
        answer = self._execute_module(
            module_name="kubernetes.core.k8s",
            module_args=arguments(args, check),
            task_vars=task_vars,
        )
        if answer.get("failed"):
            only = definitions[0] if len(definitions) == 1 else None
            return {**result, "failed": True, "msg": explain(str(answer.get("msg")), only), "answer": answer}
        done, planned, errors = replan(definitions, results_of(answer, len(definitions)), planned_kinds)
        if errors:
            return {**result, "failed": True, "msg": "; ".join(errors)}
        return {**result, **self._summary(definitions, done), "planned": planned}

    def _summary(self, definitions: list[Mapping[str, Any]], done: list[dict[str, Any]]) -> dict[str, Any]:
        diffs = []
        for definition, item in zip(definitions, done):
            diff = item.get("diff")
            if item.get("changed") and diff and self._task.diff:
                name = title(definition)
                sides = {
                    side: shown({"kind": definition.get("kind"), **(diff.get(side) or {})}) if diff.get(side) else {}
                    for side in ("before", "after")
                }
                diffs.append({"before_header": name, "after_header": name, **sides})
        warnings = [text for item in done for text in item.get("warnings") or []]
        summary: dict[str, Any] = {
            "changed": any(item.get("changed") for item in done),
            "objects": [item.get("result") or {} for item in done],
        }
        if diffs:
            summary["diff"] = diffs
        if warnings:
            summary["warnings"] = warnings
        return summary
