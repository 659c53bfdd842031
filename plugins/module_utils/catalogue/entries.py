# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""The catalogue of models, checked and made complete. Pure: no I/O, nothing of Ansible.

It is the only place that knows both sides, the entry that a person writes and the names that each system needs. What
can be known to be wrong is refused here, before the first write, with the variable's name and what would be right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.capabilities import faults_of_card
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.common import (
    NAME,
    SYSTEM_NAME,
    CatalogueError,
    Entry,
    faults_of_host,
    faults_of_tenant,
    items_of,
    names,
    texts_of,
)
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.endpoints import (
    DEFAULT_RUNTIMES,
    ENDPOINTS,
    endpoints_of_entry,
    faults_of_endpoints,
    program_of,
)
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.forms import faults_of_forms, given
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.life import faults_of_life
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.plans import faults_of_weights, read_plans

#: what KServe takes as a name: it makes Services of it, whose names begin with a letter
SERVICE_NAME = re.compile(r"^[a-z]([a-z0-9-]*[a-z0-9])?$")
#: the longest name that KServe accepts, since it makes Services and Deployments of longer names from it
LONGEST_SERVICE = 53

_KNOWN = {
    "name",
    "title",
    "description",
    "task",
    "source",
    "serving",
    "endpoint",
    "endpoint_key",
    "endpoint_header",
    "plans",
    "endpoints",
    "product",
    "backend",
    "card",
    "policies",
    "caching",
    "weights",
    "count_errors",
}
#: headers that carry a partner's key: their values are hidden wherever a policy chain is shown
KEY_HEADERS = ("authorization", "x-api-key", "api-key", "apikey", "x-auth-token", "private-token")
_FORM = "mappings with at least name, task, and source or endpoint"
CACHING = ("strict", "resilient", "allow", "none")


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
    found, wrong = items_of("maas_models", models, _FORM)
    known, faults_of_plans = read_plans(plans, [str(raw.get("name")) for _where, raw in found])
    wrong = [*faults_of_tenant(tenant), *faults_of_plans, *wrong]
    entries = []
    for where, raw in found:
        faults_of_it = list(_faults_of_model(raw, where, known, tenant))
        wrong += faults_of_it
        if not faults_of_it:
            entries.append(_complete(raw, known))
    wrong += _doubles(entries)
    return entries, wrong


def _faults_of_model(raw: Mapping[str, Any], where: str, plans: Mapping[str, Any], tenant: str) -> Iterable[str]:
    yield from (f"{where}: {key} is not known; known are {names(_KNOWN)}" for key in sorted(set(raw) - _KNOWN))
    wrong = list(faults_of_forms(raw, where))
    if wrong:
        yield from wrong
        return
    name = str(raw.get("name") or "")
    if not NAME.match(name):
        yield f"{where}: name {name!r} must be of lower case letters, digits and - (it becomes part of host names)"
    if not isinstance(raw.get("task"), str) or raw["task"] not in ENDPOINTS:
        yield f"{where}: task {raw.get('task')!r} is not known; known are {names(ENDPOINTS)}"
    yield from faults_of_chosen(raw, where, plans, {name})
    if bool(raw.get("endpoint")) == bool(raw.get("source")):
        yield f"{where}: needs source (to be served here) or endpoint (served elsewhere), and not both"
    yield from _faults_of_names(raw, where, name, tenant)
    yield from faults_of_endpoints(raw, where)
    yield from (f"{where}: {text}" for text in _faults_of_endpoint(raw))
    yield from (f"{where}: {text}" for text in faults_of_card(raw.get("card")))
    yield from (f"{where}: {text}" for text in faults_of_life(raw.get("card")))
    source = raw.get("source") or {}
    if source and not (isinstance(source, Mapping) and re.match(r"^[\w.-]+/[\w.-]+$", str(source.get("huggingface")))):
        yield f"{where}: source.huggingface must be OWNER/MODEL"


def faults_of_chosen(raw: Mapping[str, Any], where: str, plans: Mapping[str, Any], models: set[str]) -> Iterable[str]:
    """What a model and a product choose alike: plans, caching, whether errors count.

    :param models: the models that are sold, of which each plan must open one
    """
    chosen = texts_of(raw.get("plans"))
    if chosen is None:
        yield f"{where}: plans must be a list of names of maas_plans"
        return
    for plan in chosen:
        if plan not in plans:
            yield f"{where}: plan {plan!r} is not in maas_plans, which has {names(plans) or 'none'}"
        elif plans[plan].get("models") and not models & set(plans[plan]["models"]):
            opens = names(plans[plan]["models"])
            yield f"{where}: plan {plan!r} opens only {opens}; correct its models, or leave the plan out"
    defaults = [plan for plan in chosen if plans.get(plan, {}).get("default")]
    if len(defaults) > 1:
        yield f"{where}: plans {names(defaults)} all have default: true, but a product can have only one default plan"
    if raw.get("caching") is not None and raw["caching"] not in CACHING:
        yield f"{where}: caching must be one of {', '.join(CACHING)}, not {raw['caching']!r}"
    if not isinstance(raw.get("count_errors", True), bool):
        yield f"{where}: count_errors must be true or false, not {raw['count_errors']!r}"
    yield from (f"{where}: {text}" for text in faults_of_weights(raw.get("weights")))


def _faults_of_endpoint(raw: Mapping[str, Any]) -> Iterable[str]:
    """What the address of a model that is served elsewhere must not be."""
    if not raw.get("endpoint"):
        if raw.get("endpoint_key") or raw.get("endpoint_header"):
            yield "endpoint_key and endpoint_header are for models with endpoint"
        return
    address = str(raw["endpoint"])
    if not re.match(r"^https?://[^/@?#\s]+(/[^?#\s]*)?$", address):
        yield f"endpoint {address!r} must be an http(s) address without user, query or fragment"
        return
    host = (urlsplit(address).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost") or host.startswith("127.") or host in ("::1", "0.0.0.0"):
        yield f"endpoint {address!r} names this machine, which the gateway can't reach and 3scale refuses"
    if re.search(r"/v1/*$", address):
        yield f"endpoint {address!r} must end before /v1, which is part of every request's path"
    if str(raw.get("endpoint_header") or KEY_HEADERS[0]).lower() not in KEY_HEADERS:
        yield f"endpoint_header {raw['endpoint_header']!r} must be one of {', '.join(KEY_HEADERS)}"
    if re.search(r"[\r\n]", str(raw.get("endpoint_key") or "").strip()):
        yield "endpoint_key must be one line"


def _faults_of_names(raw: Mapping[str, Any], where: str, name: str, tenant: str) -> Iterable[str]:
    serving = str((raw.get("serving") or {}).get("name") or name)
    if raw.get("source") and (len(serving) > LONGEST_SERVICE or not SERVICE_NAME.match(serving)) and NAME.match(name):
        yield (
            f"{where}: InferenceService {serving!r} must begin with a letter and be of lower case letters, digits "
            f"and - with at most {LONGEST_SERVICE} characters; give another serving.name"
        )
    if NAME.match(name) or raw.get("product"):
        yield from faults_of_host(f"{where}: product", str(raw.get("product") or name), tenant)
    backend = str(raw.get("backend") or name)
    if NAME.match(name) and not SYSTEM_NAME.match(backend):
        yield f"{where}: backend {backend!r} must be of at least two letters, digits, - and _"


def _complete(raw: Mapping[str, Any], plans: Mapping[str, Entry]) -> Entry:
    name = str(raw["name"])
    served = bool(raw.get("source"))
    serving = {"name": name, "runtime": DEFAULT_RUNTIMES[raw["task"]], **given(raw.get("serving"))}
    card = {"model_id": serving["name"] if served else name, **(raw.get("card") or {})}
    return {
        "name": name,
        "title": raw.get("title") or name,
        "description": raw.get("description") or "",
        "task": raw["task"],
        "source": {"revision": "main", **raw["source"]} if served else None,
        "serving": serving if served else None,
        "endpoint": raw.get("endpoint"),
        "endpoint_auth": _endpoint_auth(raw),
        "plans": [plans[plan] for plan in raw.get("plans") or []],
        "endpoints": endpoints_of_entry(raw),
        "program": program_of(raw),
        "product": raw.get("product") or name,
        "backend": raw.get("backend") or name,
        "served_name": card["model_id"],
        "card": card,
        "policies": list(raw.get("policies") or []),
        "caching": raw.get("caching"),
        "weights": raw.get("weights"),
        "count_errors": raw.get("count_errors", True),
    }


def _endpoint_auth(raw: Mapping[str, Any]) -> Entry | None:
    """The header that opens a partner's model: its key as a bearer token, or bare in a header of its own."""
    key = str(raw.get("endpoint_key") or "").strip()
    if not key:
        return None
    header = str(raw.get("endpoint_header") or "Authorization")
    return {"header": header, "value": f"Bearer {key}" if header.lower() == "authorization" else key}


def _doubles(entries: list[Entry]) -> Iterable[str]:
    """Two of one name would silently share what belongs to one of them."""
    for what, key in (
        ("name", "name"),
        ("product", "product"),
        ("backend", "backend"),
        ("InferenceService", "serving"),
    ):
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
