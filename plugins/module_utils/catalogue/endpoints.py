# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""The endpoints of a model: those of its task, with what its entry adds and leaves out. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.common import Entry, names


class Endpoint(NamedTuple):
    """One endpoint of a model: a method of the product and the mapping rule that counts it."""

    method: str
    path: str
    name: str
    title: str


_MODELS = Endpoint("GET", "/v1/models", "models", "List models")
_HEALTH = Endpoint("GET", "/health", "health", "Health")
_COMPLETIONS = Endpoint("POST", "/v1/completions", "completions", "Completions")
_RERANK = Endpoint("POST", "/rerank", "rerank", "Rerank")

#: what a model of each task answers to
ENDPOINTS: dict[str, tuple[Endpoint, ...]] = {
    "chat": (
        _MODELS,
        Endpoint("POST", "/v1/chat/completions", "chat_completions", "Chat completions"),
        _COMPLETIONS,
        _HEALTH,
    ),
    "completion": (_MODELS, _COMPLETIONS, _HEALTH),
    "embedding": (
        Endpoint("POST", "/embed", "embed", "Embed"),
        _RERANK,
        Endpoint("POST", "/v1/embeddings", "openai_embed", "Embeddings (OpenAI)"),
        _MODELS,
        _HEALTH,
    ),
    "rerank": (_RERANK, _MODELS, _HEALTH),
    "transcription": (
        Endpoint("POST", "/v1/audio/transcriptions", "transcriptions", "Transcriptions"),
        Endpoint("POST", "/v1/audio/translations", "translations", "Translations"),
        _MODELS,
        _HEALTH,
    ),
}
#: endpoints whose calls don't count, unless an entry says otherwise
UNCOUNTED = ("health",)


def faults_of_endpoints(raw: Mapping[str, Any], where: str) -> Iterable[str]:
    """What is wrong with an entry's ``endpoints``, one sentence each."""
    wanted = raw.get("endpoints") or {}
    if not isinstance(wanted, Mapping) or set(wanted) - {"add", "remove", "uncounted"}:
        yield (
            f"{where}: endpoints has add (a list of method, path, name, title), remove and uncounted (lists of names)"
        )
        return
    usual = [item.name for item in ENDPOINTS.get(str(raw.get("task")), ())]
    there = {*usual, *(str(item.get("name")) for item in wanted.get("add") or [])}
    for name in wanted.get("uncounted") or []:
        if usual and name not in there:
            yield f"{where}: endpoints.uncounted names {name!r}, but this model has only {names(there)}"
    for name in wanted.get("remove") or []:
        if usual and name not in usual:
            yield f"{where}: endpoints.remove names {name!r}, but this task has only {', '.join(usual)}"
    for item in wanted.get("add") or []:
        if not {"method", "path", "name"} <= set(item):
            yield f"{where}: endpoints.add needs method, path and name"
        elif item["method"] not in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"):
            yield f"{where}: endpoints.add: method {item['method']!r} is not an HTTP method in capitals"
        elif not str(item["path"]).startswith("/"):
            yield f"{where}: endpoints.add: path {item['path']!r} must begin with /"


def endpoints_of_entry(raw: Mapping[str, Any]) -> list[Entry]:
    """The endpoints of an entry without faults: ``method, path, name, title, counted``."""
    wanted = raw.get("endpoints") or {}
    removed = set(wanted.get("remove") or [])
    uncounted = set(wanted.get("uncounted", UNCOUNTED) or [])
    usual = [item._asdict() for item in ENDPOINTS[raw["task"]] if item.name not in removed]
    found = usual + [{"title": item["name"], **item} for item in wanted.get("add") or []]
    return [{**item, "counted": item["name"] not in uncounted} for item in found]
