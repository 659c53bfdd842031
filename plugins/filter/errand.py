# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jinja filters over the report of a run: what it says, what may be done of it, how it is shown."""

from __future__ import annotations

from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.rhai.maas.plugins.module_utils.errand import answers, bucket, entry, environment, report, show


def _signed_url(key: str, method: str, place: Any, moment: str, query: Any = None) -> str:
    try:
        return bucket.signed(key, method, place, moment, query)
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


def _with_entry(text: str, variable: str, wanted: str) -> str:
    try:
        return entry.with_entry(text, variable, wanted)
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


def _run_environment(variables: Any) -> dict[str, Any]:
    try:
        return environment.told(variables or {})
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Returns names and functions (Ansible's own contract)."""
        return {
            "plan_report": report.report,
            "plan_approval": report.approval,
            "plan_changed_since": report.changed_since,
            "plan_summary": show.summary,
            "plan_page": show.page,
            "plan_metrics": show.metrics,
            "log_table": show.table,
            "signed_url": _signed_url,
            "with_entry": _with_entry,
            "answer_faults": answers.faults,
            "listed": answers.listed,
            "run_environment": _run_environment,
        }
