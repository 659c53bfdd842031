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
_EMBED = Endpoint("POST", "/embed", "embed", "Embed")
_OPENAI_EMBED = Endpoint("POST", "/v1/embeddings", "openai_embed", "Embeddings (OpenAI)")

#: what a model of each task answers to
ENDPOINTS: dict[str, tuple[Endpoint, ...]] = {
    "chat": (
        _MODELS,
        Endpoint("POST", "/v1/chat/completions", "chat_completions", "Chat completions"),
        _COMPLETIONS,
        _HEALTH,
    ),
    "completion": (_MODELS, _COMPLETIONS, _HEALTH),
    "embedding": (_OPENAI_EMBED, _MODELS, _HEALTH),
    "rerank": (_RERANK, _MODELS, _HEALTH),
    "transcription": (
        Endpoint("POST", "/v1/audio/transcriptions", "transcriptions", "Transcriptions"),
        Endpoint("POST", "/v1/audio/translations", "translations", "Translations"),
        _MODELS,
        _HEALTH,
    ),
}
#: where a server has other routes than OpenAI's: text-embeddings-inference lists no models
ROUTES_OF: dict[str, dict[str, tuple[Endpoint, ...]]] = {
    "tei": {"embedding": (_EMBED, _RERANK, _OPENAI_EMBED, _HEALTH), "rerank": (_RERANK, _HEALTH)},
}

_TOKENIZE = Endpoint("POST", "/tokenize", "tokenize", "Tokenize")
_DETOKENIZE = Endpoint("POST", "/detokenize", "detokenize", "Detokenize")
_RESPONSES = Endpoint("POST", "/v1/responses", "responses", "Responses (OpenAI)")
_MESSAGES = Endpoint("POST", "/v1/messages", "messages", "Messages (Anthropic)")
_SCORE = Endpoint("POST", "/score", "score", "Score pairs of texts")
_V1_RERANK = Endpoint("POST", "/v1/rerank", "v1_rerank", "Rerank (Jina, Cohere)")
_DECODE = Endpoint("POST", "/decode", "decode", "Decode")
_SIMILARITY = Endpoint("POST", "/similarity", "similarity", "Similarity of sentences")
_INFO = Endpoint("GET", "/info", "info", "About the server")

#: what each program answers to beside that, opened by ``endpoints.open``
FURTHER: dict[str, dict[str, tuple[Endpoint, ...]]] = {
    "vllm": {
        "chat": (_RESPONSES, _MESSAGES, _TOKENIZE, _DETOKENIZE),
        "completion": (_TOKENIZE, _DETOKENIZE),
        "embedding": (_TOKENIZE, _SCORE, _RERANK, _V1_RERANK),
        "rerank": (_TOKENIZE, _SCORE, _V1_RERANK),
    },
    "tei": {
        "embedding": (_TOKENIZE, _DECODE, _SIMILARITY, _INFO),
        "rerank": (_TOKENIZE, _DECODE, _INFO),
    },
    "llamacpp": {
        "chat": (_RESPONSES, _MESSAGES, _TOKENIZE, _DETOKENIZE),
        "completion": (_TOKENIZE, _DETOKENIZE),
        "embedding": (_TOKENIZE, _DETOKENIZE),
        "rerank": (_V1_RERANK, _TOKENIZE),
    },
    # a partner's server: what it has is known to the partner, these are what several have
    "openai": {"chat": (_RESPONSES, _MESSAGES), "rerank": (_V1_RERANK,)},
}
DEFAULT_RUNTIMES = {"chat": "vllm", "completion": "vllm", "embedding": "tei", "rerank": "tei", "transcription": "vllm"}
#: endpoints whose calls don't count, unless an entry says otherwise
UNCOUNTED = ("health",)


def faults_of_endpoints(raw: Mapping[str, Any], where: str) -> Iterable[str]:
    """What is wrong with an entry's ``endpoints``, one sentence each."""
    wanted = raw.get("endpoints") or {}
    if not isinstance(wanted, Mapping) or set(wanted) - {"add", "open", "remove", "uncounted"}:
        yield (
            f"{where}: endpoints has add (a list of method, path, name, title), and open, remove and uncounted "
            f"(lists of names)"
        )
        return
    usual = [item.name for item in _usual(raw)]
    opened = [str(name) for name in wanted.get("open") or []]
    there = {*usual, *opened, *(str(item.get("name")) for item in wanted.get("add") or [])}
    further = [item.name for item in _further(raw)]
    for name in opened:
        if usual and name not in further:
            yield (
                f"{where}: endpoints.open names {name!r}, but {program_of(raw)} with this task has only "
                f"{names(further) or 'none'} to open; what else its server has is described by endpoints.add"
            )
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


def program_of(raw: Mapping[str, Any]) -> str:
    """The program whose routes a model has: that of its runtime; ``openai`` for a model that is served elsewhere.

    A runtime of one's own has the routes of the task's usual one.
    """
    if raw.get("endpoint"):
        return "openai"
    usual = DEFAULT_RUNTIMES.get(str(raw.get("task")), "vllm")
    serving = raw.get("serving")
    named = str(serving.get("runtime") or usual) if isinstance(serving, Mapping) else usual
    return named if named in FURTHER else usual


def _usual(raw: Mapping[str, Any]) -> tuple[Endpoint, ...]:
    task = str(raw.get("task"))
    return ROUTES_OF.get(program_of(raw), {}).get(task) or ENDPOINTS.get(task, ())


def _further(raw: Mapping[str, Any]) -> tuple[Endpoint, ...]:
    return FURTHER[program_of(raw)].get(str(raw.get("task")), ())


def endpoints_of_entry(raw: Mapping[str, Any]) -> list[Entry]:
    """The endpoints of an entry without faults: ``method, path, name, title, counted, program``."""
    wanted = raw.get("endpoints") or {}
    removed = set(wanted.get("remove") or [])
    uncounted = set(wanted.get("uncounted", UNCOUNTED) or [])
    opened = set(wanted.get("open") or [])
    usual = [item._asdict() for item in _usual(raw) if item.name not in removed]
    further = [item._asdict() for item in _further(raw) if item.name in opened]
    found = usual + further + [{"title": item["name"], **item} for item in wanted.get("add") or []]
    program = program_of(raw)
    return [{**item, "counted": item["name"] not in uncounted, "program": program} for item in found]
