# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""One verdict over several cluster objects. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.cluster.state import Verdict, condition, holds, judge


@dataclass(frozen=True)
class Outcome:
    """Of all objects together; ``waited`` is the number of seconds after which the waiting was given up, else 0.

    ``advised``: the message says what to do as well.
    """

    ready: bool
    failed: bool = False
    message: str = ""
    waited: int = 0
    advised: bool = False


def judge_all(
    resources: Sequence[Mapping[str, Any]],
    names: Sequence[str],
    count: int = 0,
    wanted: Mapping[str, Any] | None = None,
    only: str | None = None,
    contains: Mapping[str, Any] | None = None,
) -> Outcome:
    """Judges the objects that were read.

    :param names: those that must be there; empty means all that were read
    :param count: how many must be there at least (1 where names is empty)
    :param wanted: keys and values that each must hold, see ``state.holds``
    :param only: a condition that is enough; an object without it has to be ready as a whole
    :param contains: by name, a part of an object that must be there besides
    """
    found = {item["metadata"]["name"]: item for item in resources}
    chosen = list(names) or sorted(found)
    missing = [name for name in chosen if name not in found]
    parts = contains or {}
    verdicts = {name: _verdict(found[name], wanted, only, parts.get(name)) for name in chosen if name in found}
    failed = [f"{name}: {item.message}" for name, item in verdicts.items() if item.failed]
    if failed:
        advised = all(item.advised for item in verdicts.values() if item.failed)
        return Outcome(False, True, "; ".join(failed), advised=advised)
    waiting = [f"{name}: {item.message}" for name, item in verdicts.items() if not item.ready]
    if missing:
        waiting.insert(0, f"not there yet: {', '.join(missing)}")
    least = count or (0 if names else 1)
    if len(chosen) < least:
        waiting.insert(0, f"{len(chosen)} of {least} there")
    ready = len(verdicts) - sum(1 for item in verdicts.values() if not item.ready)
    total = max(len(chosen), least)
    if waiting:
        return Outcome(False, False, f"{ready} of {total} ready; {_short(waiting)}")
    return Outcome(True, False, f"{ready} of {total} ready")


def pauses(longest: float) -> Iterator[float]:
    """Seconds between readings, without an end: what is ready soon is seen soon, what takes long is asked seldom."""
    pause = min(1.0, longest)
    while True:
        yield pause
        pause = min(2 * pause, longest)


def seen(known: Mapping[str, Any] | None, kind: str, names: Sequence[str]) -> list[Any]:
    """The objects that the task which ensured them read; none when it changed anything, for then their status is old.

    :param known: that task's result: ``changed`` and ``objects``
    """
    if not known or known.get("changed") is not False:
        return []
    objects = [item for item in known.get("objects") or [] if item.get("kind") == kind]
    return [item for item in objects if not names or (item.get("metadata") or {}).get("name") in names]


def _verdict(
    resource: Mapping[str, Any], wanted: Mapping[str, Any] | None, only: str | None, part: Mapping[str, Any] | None
) -> Verdict:
    verdict = judge(resource)
    told = condition(resource, only) if only else {}
    if only and not verdict.failed and (told or not verdict.ready):
        verdict = Verdict(told.get("status") == "True", False, verdict.message)
    lacking = lacks(resource, part) if part else []
    if verdict.ready and lacking:
        return Verdict(False, False, f"still has another {', '.join(lacking)}")
    return holds(resource, wanted) if verdict.ready and wanted else verdict


def lacks(found: Any, wanted: Any, path: str = "") -> list[str]:
    """Paths of what an object does not contain, or has otherwise; lists are compared as a whole."""
    if not isinstance(wanted, Mapping):
        return [] if found == wanted else [path]
    inside = found if isinstance(found, Mapping) else {}
    return [one for key, value in wanted.items() for one in lacks(inside.get(key), value, f"{path}.{key}".lstrip("."))]


def _short(parts: list[str], most: int = 4) -> str:
    more = f"; and {len(parts) - most} more" if len(parts) > most else ""
    return "; ".join(parts[:most]) + more


def sentence(what: str, outcome: Outcome, told: Sequence[str], hint: str | None) -> str:
    """The message of a wait that failed: what was waited for, what it said, what to do."""
    begin = f"{what} did not become ready within {outcome.waited} s" if outcome.waited else f"{what} failed"
    text = "; ".join(part for part in told if part) or "it says nothing"
    return f"{begin}: {text}." + (f" {hint}" if hint and not outcome.advised else "")
