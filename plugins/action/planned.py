# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In check mode: shows objects whose server does not run yet, from the plan."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.rhai.maas.plugins.module_utils.engine.planned import differences
from ansible_collections.rhai.maas.plugins.module_utils.engine.record import from_environment


class ActionModule(ActionBase):  # type: ignore[misc]
    """Asks nobody; that is the point."""

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Runs the task (Ansible's own contract)."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        if not self._task.check_mode:
            text = "rhai.maas.planned shows a plan and makes nothing: it may only run in check mode"
            return {**result, "failed": True, "msg": text}
        objects = self._task.args.get("objects") or []
        found = differences(self._task.args["noun"], objects, self._task.args.get("key") or "name")
        answer = {**result, "changed": bool(found), "planned": [item["after_header"] for item in found]}
        self._keep(found)
        if found and self._task.diff:
            answer["diff"] = found
        return answer

    def _keep(self, found: list[dict[str, Any]]) -> None:
        """Leave the plan of a system that nobody could ask, where the environment says."""
        environment: dict[str, str] = {}
        self._compute_environment_string(environment)
        noun = str(self._task.args["noun"])
        plan = [
            {
                "action": "create",
                "noun": noun,
                "key": item["after_header"].removeprefix(f"{noun} "),
                "before": None,
                "after": item["after"],
                "after_steps": [],
            }
            for item in found
        ]
        if plan:
            system = str(self._task.args.get("system") or "")
            from_environment(environment).keep({"system": system, "where": "", "plan": plan, "unseen": True})
