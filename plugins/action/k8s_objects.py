# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``kubernetes.core.k8s`` for a list: a check mode before the parents are there, and nothing that wasn't approved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ansible_collections.rhai.maas.plugins.module_utils.cluster.operations import last_writer, operations
from ansible_collections.rhai.maas.plugins.module_utils.cluster.plan import (
    arguments,
    explain,
    replan,
    results_of,
    shown,
    title,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.record import Record, from_environment
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import RefusalError

SYSTEM = "Kubernetes"


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
        follows, part_of = boolean(args.pop("follows", False)), args.pop("part_of", "")
        try:
            record = from_environment(self._environment())
            if record.approved is not None and not follows and part_of not in record.unseen:
                refuse = self._refuse_strangers(record, args, planned_kinds, task_vars)
                if refuse:
                    return {**result, **refuse}
        except (OSError, RefusalError) as error:
            return {**result, "failed": True, "msg": str(error)}
        answer, done, planned = self._ensure(args, planned_kinds, bool(self._task.check_mode), task_vars)
        if answer.get("failed"):
            return {**result, **answer}
        self._keep(record, definitions, done, planned, task_vars)
        return {**result, **self._summary(definitions, done), "planned": planned}

    def _ensure(
        self, args: dict[str, Any], planned_kinds: list[str], check: bool, task_vars: Any
    ) -> tuple[dict[str, Any], list[dict[str, Any]], list[str]]:
        """One call of kubernetes.core.k8s: its answer when it failed, results, and titles that are only planned."""
        definitions, mode, diff = args["definition"], self._task.check_mode, self._task.diff
        self._task.check_mode, self._task.diff = check, True  # a kept plan needs it, and so does an approved one
        try:
            answer = self._execute_module(
                module_name="kubernetes.core.k8s", module_args=arguments(args, check), task_vars=task_vars
            )
        finally:
            self._task.check_mode, self._task.diff = mode, diff
        if answer.get("failed"):
            only = definitions[0] if len(definitions) == 1 else None
            return {"failed": True, "msg": explain(str(answer.get("msg")), only), "answer": answer}, [], []
        done, planned, errors = replan(definitions, results_of(answer, len(definitions)), planned_kinds)
        return ({"failed": True, "msg": "; ".join(errors)} if errors else {}), done, planned

    def _environment(self) -> dict[str, str]:
        """What modules of this task would find in their environment."""
        found: dict[str, str] = {}
        self._compute_environment_string(found)
        return found

    def _refuse_strangers(
        self, record: Record, args: dict[str, Any], planned_kinds: list[str], task_vars: Any
    ) -> dict[str, Any]:
        """Ask for a dry run first. A failure when it would do what was not approved, else nothing."""
        answer, done, _planned = self._ensure(args, planned_kinds, True, task_vars)
        if not answer:
            record.refuse(SYSTEM, operations(args["definition"], done))
        return answer

    def _keep(
        self, record: Record, definitions: list[Any], done: list[dict[str, Any]], planned: list[str], task_vars: Any
    ) -> None:
        """Leave the plan where the environment says, in check mode with who changed each object last."""
        plan = operations(definitions, done)
        if record.folder is None or not plan:
            return
        entry: dict[str, Any] = {"system": SYSTEM, "where": "", "plan": plan, "named": planned}
        if self._task.check_mode:
            entry["origins"] = [
                self._last_writer(item, task_vars) if result.get("method") != "create" else {}
                for item, result in zip(definitions, done)
                if result.get("changed")
            ]
        record.keep(entry)

    def _last_writer(self, definition: Mapping[str, Any], task_vars: Any) -> dict[str, str]:
        metadata = definition.get("metadata") or {}
        query = {"api_version": definition.get("apiVersion"), "kind": definition.get("kind")}
        answer = self._execute_module(
            module_name="kubernetes.core.k8s_info",
            module_args={**query, "name": metadata.get("name"), "namespace": metadata.get("namespace")},
            task_vars=task_vars,
        )
        return last_writer((answer.get("resources") or [{}])[0])

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
