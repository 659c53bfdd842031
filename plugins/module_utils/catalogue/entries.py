# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""The catalogue of models, checked and made complete. Pure: no I/O, nothing of Ansible.

It is the only place that knows both sides, the entry that a person writes and the names that each system needs. What
can be known to be wrong is refused here, before the first write, with the variable's name and what would be right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

Entry = dict[str, Any]

NAME = re.compile(r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")
#: the longest name that KServe accepts, since it makes Services and Deployments of longer names from it
LONGEST_SERVICE = 53
#: the longest first label of a host name
LONGEST_LABEL = 63
DEFAULT_RUNTIMES = {"chat": "vllm", "completion": "vllm", "embedding": "tei", "rerank": "tei", "transcription": "vllm"}


class CatalogueError(ValueError):
    """The catalogue asks for something that can't be; the message names the variable and the fix."""


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

_KNOWN = {
    "name",
    "title",
    "description",
    "task",
    "source",
    "serving",
    "endpoint",
    "plans",
    "endpoints",
    "product",
    "backend",
    "card",
    "policies",
}
_KNOWN_PLAN = {
    "name",
    "title",
    "description",
    "limits",
    "prices",
    "approval_required",
    "setup_fee",
    "cost_per_month",
    "trial_period_days",
    "features",
}
_PERIODS = ("minute", "hour", "day", "week", "month", "year", "eternity")


def catalogue(models: Iterable[Mapping[str, Any]], plans: Iterable[Mapping[str, Any]], tenant: str) -> list[Entry]:
    """Checks the catalogue and makes every entry complete.

    :param models: ``maas_models``
    :param plans: ``maas_plans``
    :param tenant: the 3scale tenant; part of the gateway's host names, which have a longest length
    :returns: for each model ``name, title, description, task, source, serving, endpoint, plans (whole plans), endpoints
        (list of method, path, name, title), product, backend, served_name, card, policies``
    :raises CatalogueError: with every fault found, one sentence each
    """
    entries, faults = _read(models, plans, tenant)
    if faults:
        raise CatalogueError("; ".join(faults))
    return entries


def faults(models: Iterable[Mapping[str, Any]], plans: Iterable[Mapping[str, Any]], tenant: str) -> list[str]:
    """Everything that is wrong with the catalogue, one sentence each; empty when nothing is."""
    return _read(models, plans, tenant)[1]


def _read(models: Any, plans: Any, tenant: str) -> tuple[list[Entry], list[str]]:
    known, wrong = _plans(plans)
    entries = []
    for number, raw in enumerate(models or []):
        where = f"maas_models[{number}]"
        if not isinstance(raw, Mapping):
            wrong.append(f"{where} is not a mapping; each model needs at least name, task, and source or endpoint")
            continue
        where += f" ({raw.get('name', 'without a name')})"
        found = list(_faults_of_model(raw, where, known, tenant))
        wrong += found
        if not found:
            entries.append(_complete(raw, known))
    wrong += _doubles(entries)
    return entries, wrong


def _plans(plans: Iterable[Mapping[str, Any]]) -> tuple[dict[str, Entry], list[str]]:
    known: dict[str, Entry] = {}
    faults: list[str] = []
    for number, raw in enumerate(plans or []):
        where = f"maas_plans[{number}] ({raw.get('name', 'without a name')})"
        if not NAME.match(str(raw.get("name", "")).replace("_", "-")):
            faults.append(f"{where}: name must be of lower case letters, digits, - and _")
        if raw.get("name") in known:
            faults.append(f"{where}: there is another plan of that name; plan names are unique")
        unknown = sorted(set(raw) - _KNOWN_PLAN)
        faults += [f"{where}: {key} is not known; known are {_names(_KNOWN_PLAN)}" for key in unknown]
        faults += [f"{where}: {text}" for limit in raw.get("limits") or [] for text in _faults_of_limit(limit)]
        known[str(raw.get("name"))] = {"title": str(raw.get("name")).replace("-", " ").title() + " Plan", **raw}
    return known, faults


def _faults_of_limit(limit: Mapping[str, Any]) -> Iterable[str]:
    kinds = [key for key in ("requests", "tokens", "metric") if key in limit]
    if len(kinds) != 1:
        yield "a limit names one of requests, tokens, metric"
    if limit.get("per") not in _PERIODS:
        yield f"a limit's per is one of {', '.join(_PERIODS)}, not {limit.get('per')!r}"
    value = limit.get("value") if "metric" in limit else limit.get(kinds[0]) if kinds else None
    if kinds and not (isinstance(value, int) and value >= 0):
        yield f"a limit's number must be a whole number from 0, not {value!r}"


def _faults_of_model(raw: Mapping[str, Any], where: str, plans: Mapping[str, Any], tenant: str) -> Iterable[str]:
    yield from (f"{where}: {key} is not known; known are {_names(_KNOWN)}" for key in sorted(set(raw) - _KNOWN))
    name = str(raw.get("name") or "")
    if not NAME.match(name):
        yield f"{where}: name {name!r} must be of lower case letters, digits and - (it becomes part of host names)"
    if raw.get("task") not in ENDPOINTS:
        yield f"{where}: task {raw.get('task')!r} is not known; known are {_names(ENDPOINTS)}"
    for plan in raw.get("plans") or []:
        if plan not in plans:
            yield f"{where}: plan {plan!r} is not in maas_plans, which has {_names(plans) or 'none'}"
    if bool(raw.get("endpoint")) == bool(raw.get("source")):
        yield f"{where}: needs source (to be served here) or endpoint (served elsewhere), and not both"
    yield from _faults_of_names(raw, where, name, tenant)
    yield from _faults_of_endpoints(raw, where)
    if raw.get("endpoint") and not re.match(r"^https?://[^/@?#\s]+(/[^?#\s]*)?$", str(raw["endpoint"])):
        yield f"{where}: endpoint {raw['endpoint']!r} must be an http(s) address without user, query or fragment"
    if raw.get("source") and not re.match(r"^[\w.-]+/[\w.-]+$", str((raw["source"] or {}).get("huggingface", ""))):
        yield f"{where}: source.huggingface must be OWNER/MODEL"


def _faults_of_names(raw: Mapping[str, Any], where: str, name: str, tenant: str) -> Iterable[str]:
    serving = str((raw.get("serving") or {}).get("name") or name)
    if raw.get("source") and (len(serving) > LONGEST_SERVICE or not NAME.match(serving)) and NAME.match(name):
        yield (
            f"{where}: InferenceService {serving!r} must be of lower case letters, digits and -, with at most "
            f"{LONGEST_SERVICE} characters; give a shorter serving.name"
        )
    product = str(raw.get("product") or name)
    longest = LONGEST_LABEL - len(f"-{tenant}-apicast-production")
    if len(product) > longest:
        yield (
            f"{where}: product {product!r} has {len(product)} characters, at most {longest} are left of a host name "
            f"with tenant {tenant!r}; give a shorter product"
        )


def _faults_of_endpoints(raw: Mapping[str, Any], where: str) -> Iterable[str]:
    wanted = raw.get("endpoints") or {}
    if not isinstance(wanted, Mapping) or set(wanted) - {"add", "remove"}:
        yield f"{where}: endpoints has add (a list of method, path, name, title) and remove (a list of names)"
        return
    usual = [item.name for item in ENDPOINTS.get(str(raw.get("task")), ())]
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


def _complete(raw: Mapping[str, Any], plans: Mapping[str, Entry]) -> Entry:
    name = str(raw["name"])
    served = bool(raw.get("source"))
    serving = {"name": name, "runtime": DEFAULT_RUNTIMES[raw["task"]], "gpus": 1, **(raw.get("serving") or {})}
    card = {"model_id": serving["name"] if served else name, **(raw.get("card") or {})}
    return {
        "name": name,
        "title": raw.get("title") or name,
        "description": raw.get("description") or "",
        "task": raw["task"],
        "source": {"revision": "main", **raw["source"]} if served else None,
        "serving": serving if served else None,
        "endpoint": raw.get("endpoint"),
        "plans": [plans[plan] for plan in raw.get("plans") or []],
        "endpoints": _endpoints(raw),
        "product": raw.get("product") or name,
        "backend": raw.get("backend") or name,
        "served_name": card["model_id"],
        "card": card,
        "policies": list(raw.get("policies") or []),
    }


def _endpoints(raw: Mapping[str, Any]) -> list[dict[str, str]]:
    wanted = raw.get("endpoints") or {}
    removed = set(wanted.get("remove") or [])
    usual = [item._asdict() for item in ENDPOINTS[raw["task"]] if item.name not in removed]
    return usual + [{"title": item["name"], **item} for item in wanted.get("add") or []]


def _doubles(entries: list[Entry]) -> Iterable[str]:
    """Two of one name would silently share what belongs to one of them."""
    for what, key in (("name", "name"), ("product", "product"), ("InferenceService", "serving")):
        seen: dict[str, str] = {}
        for entry in entries:
            value = (entry["serving"] or {}).get("name") if key == "serving" else entry[key]
            if value in seen:
                yield f"maas_models: {seen[value]} and {entry['name']} share {what} {value!r}; give each its own"
            elif value:
                seen[value] = entry["name"]
    for entry in entries:
        names = [item["name"] for item in entry["endpoints"]]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"maas_models ({entry['name']}): endpoint {name!r} is there twice; add it under another name"


def _names(values: Iterable[str]) -> str:
    return ", ".join(sorted(values))
