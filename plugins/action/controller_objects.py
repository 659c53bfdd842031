# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules of awx.awx or ansible.controller for a list of objects, with a check mode that works on an empty platform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.rhai.maas.plugins.module_utils.controller.plan import (
    cleaned,
    created,
    explain,
    shown,
    title,
    without_planned,
)

DOCUMENTED_IN = "plugins/modules/controller_objects.py"
#: options that hold secrets which the platform never tells, of modules that can't be told to leave them alone
_ONCE = {"notification_template": "notification_configuration"}


class ActionModule(ActionBase):  # type: ignore[misc]
    """Hands each object to its module; collects the answers."""

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Runs the task (Ansible's own contract)."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        connection = {key: value for key, value in (self._task.args.get("connection") or {}).items() if value}
        changed: list[str] = []
        diffs: list[dict[str, Any]] = []
        warnings: list[str] = []
        planned: set[str] = set()
        for item in self._task.args.get("objects") or []:
            module, values = item["module"], item["values"]
            name = title(module, values)
            answer = self._ensure(module, values, planned, connection, task_vars)
            if answer.get("failed"):
                text = explain(cleaned(str(answer.get("msg")), module, values, connection))
                return {
                    **result,
                    "failed": True,
                    "changed": bool(changed),
                    "objects": changed,
                    "msg": f"{name}: {text}",
                }
            warnings += [text for text in answer.get("warnings") or [] if text not in warnings]
            if not answer.get("changed"):
                continue
            changed += [] if name in changed else [name]
            new = created(module, answer) and name not in planned
            diffs.append(_diff(name, new, shown(module, values)))
            if new and self._task.check_mode:
                planned.add(name)
        summary: dict[str, Any] = {**result, "changed": bool(changed), "objects": changed}
        if diffs and self._task.diff:
            summary["diff"] = diffs
        return {**summary, "warnings": warnings} if warnings else summary

    def _ensure(
        self, module: str, values: Mapping[str, Any], planned: set[str], connection: Mapping[str, Any], task_vars: Any
    ) -> dict[str, Any]:
        """One object's answer; in check mode without what is only planned."""
        asked, left_out = without_planned(module, values, planned)
        if asked is None:
            return {"changed": True}
        once = _ONCE.get(module)
        if once and once in asked and not self._task.args.get("update_secrets"):
            # exists: makes it when it is not there, and leaves it alone when it is
            answer = self._call(module, {**asked, "state": "exists"}, connection, task_vars)
            if answer.get("failed") or answer.get("changed"):
                return answer
            asked = {key: value for key, value in asked.items() if key != once}
        answer = self._call(module, asked, connection, task_vars)
        return {**answer, "changed": True} if left_out and not answer.get("failed") else answer

    def _call(self, module: str, values: Any, connection: Mapping[str, Any], task_vars: Any) -> dict[str, Any]:
        collection = self._task.args.get("collection") or "awx.awx"
        answer: dict[str, Any] = self._execute_module(
            module_name=f"{collection}.{module}", module_args={**values, **connection}, task_vars=task_vars
        )
        return answer


def _diff(name: str, new: bool, values: dict[str, Any]) -> dict[str, Any]:
    """From nothing to what is wanted; the modules don't tell what an object that exists was like before."""
    header = name if new else f"{name} (differs; wanted)"
    return {"before_header": header, "after_header": header, "before": {}, "after": values}
