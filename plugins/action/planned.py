# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""In check mode: shows objects whose server does not run yet, from the plan."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ansible_collections.rhai.maas.plugins.module_utils.engine.planned import differences


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
        if found and self._task.diff:
            answer["diff"] = found
        return answer
