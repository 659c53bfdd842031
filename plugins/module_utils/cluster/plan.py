# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""What a dry run against a cluster means when the parent of an object is itself only planned. Pure, no I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

MASK = "********"
_NO_NAMESPACE = re.compile(r'namespaces \\*"[^"\\]+\\*" not found')
_NO_KIND = re.compile(r"Failed to find exact match for (?P<api>\S+)\.(?P<kind>\w+) by ")
_BODY = re.compile(r"b?'?(\{.*\})'?", re.DOTALL)


def title(definition: Mapping[str, Any]) -> str:
    """Names an object for people: ``Kind namespace/name``."""
    metadata = definition.get("metadata") or {}
    name = metadata.get("name") or f"{metadata.get('generateName', '')}…"
    where = f"{metadata['namespace']}/" if metadata.get("namespace") else ""
    return f"{definition.get('kind')} {where}{name}"


def shown(definition: Mapping[str, Any]) -> dict[str, Any]:
    """The object as a diff may show it: the values of a Secret are masked."""
    copy = {key: value for key, value in definition.items() if key not in ("data", "stringData")}
    for key in ("data", "stringData"):
        if key in definition:
            secret = definition.get("kind") == "Secret"
            copy[key] = dict.fromkeys(definition[key] or {}, MASK) if secret else definition[key]
    return copy


def created(definition: Mapping[str, Any]) -> dict[str, Any]:
    """The diff of an object that is not there yet."""
    return {
        "before_header": title(definition),
        "after_header": title(definition),
        "before": {},
        "after": shown(definition),
    }


def parent_is_planned(message: str, planned_kinds: Collection[str]) -> bool:
    """Does this refusal only say that a parent, which the same run would have made, is missing?

    :param message: the text of ``kubernetes.core.k8s``
    :param planned_kinds: kinds whose definitions an operator of this run brings
    """
    missing = _NO_KIND.search(message)
    if missing:
        return missing.group("kind") in planned_kinds
    return bool(_NO_NAMESPACE.search(message))


def arguments(given: Mapping[str, Any], check: bool) -> dict[str, Any]:
    """The options for kubernetes.core.k8s, which before 5.3.0 deletes in check mode too when it gets delete_options."""
    found = {**given, "continue_on_error": check}
    if check:
        found.pop("delete_options", None)
    return found


def explain(message: str, definition: Mapping[str, Any] | None = None) -> str:
    """One sentence of a refusal of the API server: what was tried, on what, what it answered, what to do."""
    what = title(definition) if definition else "the object"
    missing = _NO_KIND.search(message)
    if missing:
        return (
            f"cannot write {what}: the cluster knows no kind {missing.group('kind')} of {missing.group('api')}; "
            "install the operator that brings its definition, or wait until it is established"
        )
    return f"cannot write {what}: {_answer(message)}"


def _answer(message: str) -> str:
    """Digs the sentence out of the JSON body that the Kubernetes client prints as bytes."""
    found = _BODY.search(message)
    if not found:
        return message
    text = found.group(1)
    for candidate in (text, text.replace("\\'", "'").replace("\\\\", "\\")):
        try:
            body = json.loads(candidate)
        except ValueError:
            continue
        if isinstance(body, dict) and body.get("message"):
            return f"the API server answered {body.get('code', '')} {body['message']}".replace("  ", " ")
    return message


def results_of(answer: Mapping[str, Any], count: int) -> list[dict[str, Any]]:
    """The result for each definition; ``kubernetes.core.k8s`` returns one object bare and several as a list."""
    if count == 1:
        return [dict(answer)]
    return [dict(item) for item in (answer.get("result") or {}).get("results") or []]


def replan(
    definitions: list[Mapping[str, Any]], results: list[dict[str, Any]], planned_kinds: Collection[str]
) -> tuple[list[dict[str, Any]], list[str], list[str]]:
    """Reads the results of a dry run: what could not be asked because its parent is planned counts as created.

    :returns: results (with ``changed`` and ``diff``), titles of the objects shown from the plan, errors
    """
    done: list[dict[str, Any]] = []
    planned: list[str] = []
    errors: list[str] = []
    for definition, result in zip(definitions, results):
        error = result.get("error")
        if error and not parent_is_planned(str(error.get("msg")), planned_kinds):
            errors.append(explain(str(error.get("msg")), definition))
        elif error:
            planned.append(title(definition))
            done.append({"changed": True, "method": "create", "result": shown(definition), "diff": created(definition)})
        else:
            if result.get("method") == "create":
                result["diff"] = created(definition)
            done.append(result)
    return done, planned, errors
