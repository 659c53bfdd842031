# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits for cluster objects: until all are ready, one is lost, or time is up. Reads with kubernetes.core.k8s_info."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.rhai.maas.plugins.module_utils.cluster.plan import shown
from ansible_collections.rhai.maas.plugins.module_utils.cluster.state import judge
from ansible_collections.rhai.maas.plugins.module_utils.cluster.trouble import Trouble, Watch, needs_events, troubles
from ansible_collections.rhai.maas.plugins.module_utils.cluster.wait import Outcome, judge_all, pauses, seen, sentence

display = Display()
_PODS = ("pods", "patience", "progress")
_READY = ("names", "known", "count", "holds", "condition", "contains")
_OWN = (*_READY, "timeout", "interval", "grace", "hint", "explain", *_PODS)
#: of the options of kubernetes.core.k8s_info, those that say which objects: all others say which cluster
_WHAT = ("api_version", "kind", "name", "label_selectors", "field_selectors", "wait", "wait_condition", "hidden_fields")
_POD = {"api_version": "v1", "kind": "Pod"}
_WARNINGS = {"api_version": "v1", "kind": "Event", "field_selectors": ["type=Warning"]}


def _judge(resources: list[Any], own: Mapping[str, Any], names: list[str]) -> Outcome:
    return judge_all(resources, names, int(own["count"] or 0), own["holds"], own["condition"], own["contains"])


class ActionModule(ActionBase):  # type: ignore[misc]
    """Polls one kind in one namespace; check mode reads once and never waits."""

    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Runs the task (Ansible's own contract)."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        own = {key: self._task.args.get(key) for key in _OWN}
        query = {key: value for key, value in self._task.args.items() if key not in _OWN and value is not None}
        names = [str(name) for name in own["names"] or []]
        if own["names"] is not None and not names:
            return {**result, "changed": False, "resources": [], "ready": True, "msg": "nothing to wait for"}
        if len(names) == 1:
            query["name"] = names[0]
        resources = seen(own["known"], str(query.get("kind")), names)
        outcome, error = _judge(resources, own, names), ""
        if not outcome.ready:
            outcome, resources, error = self._poll(query, own, names, task_vars)
        if error:
            return {**result, "failed": True, "msg": error}
        if not self._task.no_log:
            resources = [shown(item) for item in resources]
        answer = {**result, "changed": False, "resources": resources, "ready": outcome.ready}
        if outcome.ready or self._task.check_mode:
            return {**answer, "msg": outcome.message}
        what = f"{query.get('kind')} {', '.join(names) or query.get('label_selectors') or ''}".strip()
        where = f" in namespace {query['namespace']}" if query.get("namespace") else ""
        told = [outcome.message, *self._explain(own["explain"], query, task_vars)]
        return {**answer, "failed": True, "msg": sentence(what + where, outcome, told, own["hint"])}

    def _poll(
        self, query: dict[str, Any], own: Mapping[str, Any], names: list[str], task_vars: Any
    ) -> tuple[Outcome, list[dict[str, Any]], str]:
        """Reads until the outcome is settled; returns it, the objects of the last reading, and an error of reading."""
        begin, watch = time.monotonic(), Watch(own["patience"])
        timeout, grace = float(own["timeout"] or 300), float(own["grace"] or 0)
        rests = pauses(float(own["interval"] or 3))
        lost_since: float | None = None
        last = ""
        while True:
            answer = self._execute_module(
                module_name="kubernetes.core.k8s_info", module_args=query, task_vars=task_vars
            )
            if answer.get("failed"):
                return Outcome(False), [], f"cannot read {query.get('kind')}: {answer.get('msg')}"
            resources = answer.get("resources") or []
            outcome = _judge(resources, own, names)
            now = time.monotonic()
            lost_since = (lost_since or now) if outcome.failed else None
            lost = lost_since is not None and now - lost_since >= grace
            if outcome.ready or lost or self._task.check_mode:
                return outcome, resources, ""
            pods = self._pods(own["pods"], query, task_vars)
            if stuck := self._stuck(watch, pods, own["names"] or [], query, task_vars):
                return Outcome(False, True, stuck), resources, ""
            if now - begin >= timeout:
                return replace(outcome, failed=False, waited=int(timeout)), resources, ""
            shown_now = "; ".join([outcome.message, *self._progress(own["progress"], pods, query, task_vars)])
            if shown_now != last:
                display.display(f"  waiting for {query.get('kind')}: {shown_now}", color="dark gray")
                last = shown_now
            time.sleep(next(rests))

    def _ask(self, module: str, question: Mapping[str, Any], query: Mapping[str, Any], task_vars: Any) -> Any:
        """Another question about the same cluster and namespace; an answer that failed is an empty one."""
        where = {key: value for key, value in query.items() if key not in _WHAT}
        answer = self._execute_module(
            module_name=f"kubernetes.core.{module}", module_args={**where, **question}, task_vars=task_vars
        )
        return {} if answer.get("failed") else answer

    def _pods(self, wanted: Any, query: Mapping[str, Any], task_vars: Any) -> list[dict[str, Any]] | None:
        """The Pods that do the work, None where the task names none."""
        if not wanted:
            return None
        return list(self._ask("k8s_info", {**_POD, **wanted}, query, task_vars).get("resources") or [])

    def _progress(self, wanted: Any, pods: Any, query: Mapping[str, Any], task_vars: Any) -> list[str]:
        """The last line that each running Pod wrote."""
        running = [pod for pod in pods or [] if (pod.get("status") or {}).get("phase") == "Running"]
        found = []
        for pod in running[:5] if boolean(wanted or False) else []:
            question = {**_POD, "name": pod["metadata"]["name"], "tail_lines": 1}
            line = str(self._ask("k8s_log", question, query, task_vars).get("log") or "").strip()
            found += [f"{pod['metadata']['name']}: {line}"] if line else []
        return found

    def _stuck(self, watch: Watch, pods: Any, owners: list[str], query: Mapping[str, Any], task_vars: Any) -> str:
        """What keeps the Pods that do the work from it for good, in whole sentences; empty when nothing does."""
        if pods is None:
            return ""
        events: list[Mapping[str, Any]] = []
        if needs_events(pods, owners):
            events = watch.fresh(self._ask("k8s_info", _WARNINGS, query, task_vars).get("resources") or [])
        found = watch.lasting(troubles(pods, events, owners), time.monotonic())
        return " ".join(item.sentence(self._last_lines(item, query, task_vars)) for item in found[:3])

    def _last_lines(self, trouble: Trouble, query: Mapping[str, Any], task_vars: Any) -> str:
        """The end of what a container wrote before it was started again."""
        if not trouble.restarted:
            return ""
        question = {**_POD, "name": trouble.pod, "container": trouble.container, "previous": True, "tail_lines": 5}
        return str(self._ask("k8s_log", question, query, task_vars).get("log") or "")

    def _explain(self, wanted: Any, query: Mapping[str, Any], task_vars: Any) -> list[str]:
        """What other objects (the Pods, say) have to say about it; only read when the wait failed."""
        if not wanted:
            return []
        answer = self._ask("k8s_info", wanted, query, task_vars)
        verdicts = [(item["metadata"]["name"], judge(item)) for item in answer.get("resources") or []]
        return [f"{wanted.get('kind')} {name}: {found.message}" for name, found in verdicts if not found.ready][:3]
