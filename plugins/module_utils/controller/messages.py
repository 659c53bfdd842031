# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""What the platform's notifications say: not only that something failed, but what to do. Pure, no I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

#: names in braces are the platform's, which fills them in
_WHAT = "{{ job_friendly_name }} #{{ job.id }} '{{ job.name }}' {{ job.status }}: {{ url }}"
_FAILED = (
    "The last task that failed says what is wrong and what to do; the steps after it were not done. Mend it, then "
    "start the same again: it goes on with what is left. After a failed acceptance the change is made, but the "
    "service does not work as it should: start the workflow with a corrected inventory, or with the one before."
)
_DRIFT = (
    "The job's log says what differs from the inventory, since when and by whom. Take it over into the inventory, or "
    "start the workflow to repair it."
)
_WAITS = "Look at the job before it, which shows what would change, then approve or deny: {{ url }}"
_BODY = ("email",)
_JSON = ("webhook",)


def messages(kind: str, events: list[str]) -> dict[str, Any]:
    """The ``messages`` of a notification of a type (``email``, ``slack``, ``webhook`` …) for these events."""
    # every event is there, as the platform itself keeps them: it would compare as different otherwise
    found: dict[str, Any] = {"started": None, "success": None, "error": None, "workflow_approval": None}
    if "failure" in events:
        found["error"] = _message(kind, _WHAT, _FAILED)
    if "drift" in events:
        found["success"] = _message(kind, _WHAT, _DRIFT)
    if "approval" in events:
        found["workflow_approval"] = {"running": _message(kind, "'{{ approval_node_name }}' waits for you", _WAITS)}
    return found


def _message(kind: str, what: str, then: str) -> Mapping[str, str]:
    if kind in _JSON:
        return {"body": json.dumps({"message": what, "what_to_do": then})}
    if kind in _BODY:
        return {"message": what, "body": f"{what}\n\n{then}"}
    return {"message": f"{what}. {then}"}
