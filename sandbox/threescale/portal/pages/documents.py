# SPDX-License-Identifier: GPL-3.0-or-later
"""API documentation as data: published specifications, their lists, the signed-in account's keys."""

from __future__ import annotations

import json
from typing import Any

from ...rules.fields import to_integer
from ...store import Row
from ..answers import Answer, NotThereError, data
from ..routing import Routes
from ..specifications import Specification
from ..visit import Visit

routes = Routes(login=False)


def _json(value: Any) -> Answer:
    return Answer(200, json.dumps(value, ensure_ascii=False).encode(), "application/json")


def _published(visit: Visit) -> list[Row]:
    return [row for row in visit.db.where("api_docs_services", account_id=visit.tenant["id"]) if row["published"]]


def _only_json(visit: Visit) -> None:
    if visit.format not in ("json", "html"):
        raise NotThereError


@routes.on("GET", "/swagger/spec", "spec/index")
def specifications(visit: Visit) -> Answer:
    """The list of Swagger 1.2 documents, for its user interface."""
    _only_json(visit)
    wanted = [name for name in str(visit.params.get("services") or "").split(",") if name]
    apis = [
        {
            "description": row["name"] if row["description"] is None else row["description"],
            "path": f"/swagger/spec/{row['system_name']}.{{format}}",
        }
        for row in _published(visit)
        if Specification(row["body"]).version != "1.0" and (not wanted or row["system_name"] in wanted)
    ]
    return _json({"swaggerVersion": "1.2", "apis": apis, "basePath": visit.origin})


@routes.on("GET", "/swagger/spec/{name}", "spec/show")
def specification(visit: Visit) -> Answer:
    """A published document by system name or id; anybody may read it."""
    name = visit.variables["name"]
    found = next((row for row in _published(visit) if row["system_name"] == name or str(row["id"]) == name), None)
    if found is None:
        raise NotThereError
    document = Specification(found["body"]).document
    if str(document.get("swagger", "")).startswith("2") and not document.get("schemes"):
        document = {**document, "schemes": [_scheme(document)]}
    return _json(document)


def _scheme(document: dict[str, Any]) -> str:
    scheme = str(document.get("basePath", "")).partition("://")[0]
    return scheme if scheme in ("http", "https") else "http"


@routes.on("GET", "/api_docs/services", "services/index", csrf=False)
def services(visit: Visit) -> Answer:
    """The list of published documents."""
    apis = [
        {
            "name": row["name"],
            "system_name": row["system_name"],
            "description": row["description"],
            "path": f"/api_docs/services/{row['id']}.json",
        }
        for row in _published(visit)
    ]
    return _json({"host": visit.tenant["domain"], "apis": apis})


@routes.on("GET", "/api_docs/services/{id}", "services/show", csrf=False)
def service(visit: Visit) -> Answer:
    """The body of a document by id, published or not."""
    row = visit.db.get("api_docs_services", to_integer(visit.variables["id"]))
    if row is None or row["account_id"] != visit.tenant["id"]:
        raise NotThereError
    return Answer(200, row["body"].encode(), "application/json")


@routes.on("GET", "/api_docs/login", "sessions/new")
def login(visit: Visit) -> Answer:
    """Sign in and come back to the page that asked."""
    return visit.to("/login")


@routes.on("GET", "/api_docs/account_data", "account_data/show")
def account_data(visit: Visit) -> Answer:
    """The five newest live applications of the signed-in account with their keys in clear."""
    if visit.account is None:
        return data({"status": 401})
    live = [
        row
        for row in visit.db.where("applications", user_account_id=visit.account["id"])
        if row["state"] in ("live", "deprecated")
    ]
    newest = sorted(live, key=lambda row: (-row["created_at"], -row["id"]))[:5]
    results: dict[str, list[dict[str, Any]]] = {
        "app_keys": [],
        "app_ids": [],
        "user_keys": [],
        "client_ids": [],
        "client_secrets": [],
    }
    for row in newest:
        _collect(visit, row, results)
    return data({"status": 200, "results": results})


def _collect(visit: Visit, row: Row, results: dict[str, list[dict[str, Any]]]) -> None:
    service_row = visit.db.get("services", row["service_id"])
    if service_row is None:
        return
    name = f"{row['name']} - {service_row['name']}"
    if service_row["backend_version"] == "1":
        results["user_keys"].append({"name": name, "value": row["user_key"]})
        return
    key = visit.db.first("application_keys", application_id=row["id"])
    secret = key["value"] if key else ""
    for kind, value in (("app_keys", secret), ("app_ids", row["application_id"])):
        results[kind].append({"name": name, "value": value})
    if service_row["backend_version"] == "oauth":
        for kind, value in (("client_ids", row["application_id"]), ("client_secrets", secret)):
            results[kind].append({"name": name, "value": value})
