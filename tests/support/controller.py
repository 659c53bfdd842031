# SPDX-License-Identifier: GPL-3.0-or-later
"""A small stand-in for the REST API of the automation controller: what awx.awx 24 asks of it, and what AWX refuses.

From AWX's public sources and from the requests of awx.awx's modules. It runs in the test's own process. As part of the
automation platform (2.5 and later) it answers below /api/controller, and organizations and teams are made elsewhere.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support import controller_refusals as refusals
from tests.support.survey import refused

HIDDEN = "$encrypted$"
TOKEN = "token-of-the-controller"
PLATFORM_VERSION = "4.6.0"  # of the controller in 2.5 and 2.6
_CHECKS = {"diff_mode": False, "allow_simultaneous": False, "ask_variables_on_launch": False, "survey_enabled": False}
_JOB = {"organization": None, "execution_environment": None, "job_type": "run", "timeout": 0, **_CHECKS}
_SCM = {"scm_type": "", "scm_url": "", "scm_branch": "", "scm_update_on_launch": False, "scm_revision": "1"}
_SOURCE = {"source_project": None, "source_path": "", "overwrite": False, "overwrite_vars": False}
_WORKFLOW = {"organization": None, "allow_simultaneous": False, "webhook_service": ""}
_APPROVAL = "workflow_approval_template"
_NODE = "workflow_job_template_node"
_NOTIFICATION = "name organization notification_type notification_configuration"
_IMAGE = {"organization": None, "pull": "", "credential": None}
_INVENTORY = {"kind": "", "host_filter": None, "variables": ""}
_UPDATED = {**_SOURCE, "update_on_launch": False, "credential": None}
#: endpoint: (type, required fields, other fields with their defaults, roles)
KINDS: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "organizations": ("organization", "name", {}, "admin execute read approval"),
    "teams": ("team", "name organization", {}, "admin member read"),
    "credential_types": ("credential_type", "name kind", {"inputs": {}, "injectors": {}, "managed": False}, ""),
    "credentials": ("credential", "name credential_type organization", {"inputs": {}}, "use admin read"),
    "notification_templates": ("notification_template", _NOTIFICATION, {"messages": None}, ""),
    "execution_environments": ("execution_environment", "name image", _IMAGE, ""),
    "projects": ("project", "name organization", {**_SCM, "credential": None}, "use update admin read"),
    "inventories": ("inventory", "name organization", _INVENTORY, "use admin read"),
    "inventory_sources": ("inventory_source", "name inventory source", _UPDATED, ""),
    "job_templates": ("job_template", "name project inventory playbook", _JOB, "execute admin read"),
    "workflow_job_templates": ("workflow_job_template", "name", _WORKFLOW, "execute approval admin read"),
    "workflow_job_template_nodes": (_NODE, "identifier workflow_job_template", {"unified_job_template": None}, ""),
    "workflow_approval_templates": (_APPROVAL, "name", {"timeout": 0}, ""),
    "schedules": ("schedule", "name unified_job_template rrule", {"enabled": True}, ""),
}
REFUSALS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "credential_types": refusals.credential_type,
    "execution_environments": refusals.execution_environment,
    "inventory_sources": refusals.inventory_source,
    "notification_templates": refusals.notification_template,
    "schedules": refusals.schedule,
}
_UNIFIED = ("job_templates", "workflow_job_templates", "projects", "inventory_sources")
_ASSOCIATED = {
    "job_templates": {"credentials"},
    "workflow_job_template_nodes": {"success_nodes", "always_nodes", "failure_nodes"},
    "roles": {"teams"},
}


class RefusalError(Exception):
    """An answer other than 2xx: status and body."""


class Controller:
    """The objects, and how often something was written. ``playbooks``: files of every project.

    ``platform``: whether it is a part of the automation platform.
    """

    def __init__(self, playbooks: list[str], platform: bool = False) -> None:
        self.url, self.playbooks, self.writes, self.platform = "", playbooks, 0, platform
        self.base = "/api/controller/v2" if platform else "/api/v2"
        self.objects: dict[str, dict[int, dict[str, Any]]] = {endpoint: {} for endpoint in (*KINDS, "roles")}
        self.linked: dict[tuple[str, int, str], list[int]] = {}
        self.surveys: dict[int, dict[str, Any]] = {}
        self._last = 0
        vault = {"fields": [{"id": "vault_password", "secret": True}]}
        self._store("credential_types", {"name": "Vault", "kind": "vault", "inputs": vault, "managed": True})

    def named(self, endpoint: str, name: str) -> dict[str, Any]:
        """The one object of a name (or identifier)."""
        held = self.objects[endpoint].values()
        return next(item for item in held if name in (item.get("name"), item.get("identifier")))

    def elsewhere(self, endpoint: str, **body: Any) -> dict[str, Any]:
        """An object that somebody made beside this API, on the automation platform."""
        return self._store(endpoint, body)

    def names(self, endpoint: str, number: int, association: str) -> list[str]:
        """Names of what is associated with an object."""
        of = {"success_nodes": "workflow_job_template_nodes"}.get(association, association)
        of = "notification_templates" if of.startswith("notification_templates") else of
        found = (self.objects[of][item] for item in self.linked.get((endpoint, number, association), []))
        return sorted(item.get("name") or item["identifier"] for item in found)

    def answer(self, method: str, path: str, query: dict[str, str], body: dict[str, Any]) -> tuple[int, Any]:
        """Status and body for a request; ``path`` without the base."""
        parts = path.strip("/").split("/")
        endpoint, number = parts[0], int(parts[1]) if len(parts) > 1 else 0
        if method != "GET":
            self.writes += 1
        if number and number not in self.objects.get(endpoint, {}):
            raise RefusalError(404, {"detail": "Not found."})
        if len(parts) == 3:
            return self._below(method, endpoint, number, parts[2], body)
        if method == "GET":
            return 200, self._shown(endpoint, self.objects[endpoint][number]) if number else self._list(endpoint, query)
        if self.platform and method == "POST" and endpoint in ("organizations", "teams"):
            raise RefusalError(403, {"detail": refusals.SHARED})
        if method == "POST" and endpoint in KINDS:
            return 201, self._shown(endpoint, self._store(endpoint, body))
        if method == "PATCH":
            return 200, self._shown(endpoint, self._store(endpoint, body, self.objects[endpoint][number]))
        raise RefusalError(405, {"detail": f'Method "{method}" not allowed.'})

    def _below(self, method: str, endpoint: str, number: int, what: str, body: dict[str, Any]) -> tuple[int, Any]:
        if what == "survey_spec":
            if method == "GET":
                return 200, self.surveys.get(number, {})
            if why := refused(body):
                raise RefusalError(400, {"error": why})
            self.surveys[number] = body
            return 200, {}
        if what == "create_approval_template":
            made = self._store("workflow_approval_templates", body)
            self.objects[endpoint][number]["unified_job_template"] = made["id"]
            return 201, self._shown("workflow_approval_templates", made)
        if what not in _ASSOCIATED.get(endpoint, set()) and not re.fullmatch("notification_templates_.*", what):
            raise RefusalError(404, {"detail": "Not found."})
        held = self.linked.setdefault((endpoint, number, what), [])
        if method == "GET":
            return 200, {"count": len(held), "next": None, "results": [{"id": item} for item in held]}
        if body.get("disassociate"):
            held.remove(body["id"])
            return 204, None
        if what == "credentials":
            kinds = [self.objects["credentials"][item]["credential_type"] for item in held]
            kind = self.objects["credentials"][body["id"]]["credential_type"]
            if kind in kinds:
                name = self.objects["credential_types"][kind]["name"]
                raise RefusalError(400, {"error": f"Cannot assign multiple {name} credentials."})
        held.append(body["id"])
        return 204, None

    def _list(self, endpoint: str, query: dict[str, str]) -> dict[str, Any]:
        of = _UNIFIED if endpoint == "unified_job_templates" else (endpoint,)
        found = []
        for name in of:
            if name not in KINDS:
                raise RefusalError(404, {"detail": "Not found."})
            for item in self.objects[name].values():
                if all(str("" if item.get(key) is None else item[key]) == value for key, value in query.items()):
                    found.append(self._shown(name, item))
        return {"count": len(found), "next": None, "results": found}

    def _store(self, endpoint: str, body: dict[str, Any], old: dict[str, Any] | None = None) -> dict[str, Any]:
        kind, needed, more, roles = KINDS[endpoint]
        required, more = needed.split(), {"description": "", **more}
        body = {key: value for key, value in body.items() if key != "type"}
        wrong: dict[str, Any] = {key: ["No such field."] for key in body if key not in required and key not in more}
        item = {**(old or more), **body}
        if endpoint == "job_templates" and item.get("project") in self.objects["projects"]:  # not to be chosen
            item["organization"] = self.objects["projects"][item["project"]].get("organization")
        wrong |= {key: ["This field is required."] for key in required if item.get(key) in (None, "")}
        wrong |= {} if wrong else self._refused(endpoint, item, old)
        same = [other for other in self.objects[endpoint].values() if other is not old and endpoint != "schedules"]
        keys = [key for key in ("name", "identifier", "organization", "workflow_job_template") if key in item]
        if any(all(other.get(key) == item[key] for key in keys) for other in same):
            wrong["__all__"] = [f"{kind} with this name already exists."]
        if wrong:
            raise RefusalError(400, wrong)
        if old:
            old.update(item)
            return old
        self._last += 1
        item = self.objects[endpoint][self._last] = {**item, "id": self._last}
        item["roles"] = {}
        for role in roles.split():
            self._last += 1
            self.objects["roles"][self._last] = {"id": self._last}
            item["roles"][f"{role}_role"] = {"id": self._last}
        return item

    def _refused(self, endpoint: str, item: dict[str, Any], old: dict[str, Any] | None) -> dict[str, Any]:
        """What AWX refuses beyond missing fields."""
        if endpoint == "job_templates":
            return refusals.job_template(item, self.playbooks)
        if endpoint == "credentials":
            return refusals.credential(item, self._fields(item))
        if endpoint == "credential_types" and old and old["inputs"] != item["inputs"]:
            used = [one for one in self.objects["credentials"].values() if one["credential_type"] == old["id"]]
            if used:
                text = "Modifications to inputs are not allowed for credential types that are in use"
                raise RefusalError(403, {"detail": text})
        return REFUSALS[endpoint](item) if endpoint in REFUSALS else {}

    def _fields(self, credential: dict[str, Any]) -> list[dict[str, Any]]:
        kind = self.objects["credential_types"][credential["credential_type"]]
        return list(kind["inputs"]["fields"])

    def _shown(self, endpoint: str, item: dict[str, Any]) -> dict[str, Any]:
        """An object as the API tells it: no secrets."""
        number, kind = item["id"], KINDS[endpoint][0]
        url = f"{self.base}/{endpoint}/{number}/"
        shown = {key: value for key, value in item.items() if key != "roles"}
        related = {"survey_spec": f"{url}survey_spec/"}
        if endpoint == "credentials":
            secret = {field["id"] for field in self._fields(item) if field.get("secret")}
            shown["inputs"] = {key: HIDDEN if key in secret else value for key, value in item["inputs"].items()}
        if endpoint == "notification_templates":
            given = item["notification_configuration"].items()
            hidden = {key: HIDDEN if key == "token" else value for key, value in given}
            shown["notification_configuration"] = hidden
        if endpoint == "workflow_job_template_nodes" and item["unified_job_template"]:
            related["unified_job_template"] = f"{self.base}/workflow_approval_templates/{item['unified_job_template']}/"
        summary = {"object_roles": item["roles"]}
        return {**shown, "type": kind, "url": url, "related": related, "summary_fields": summary}


class _Handler(BaseHTTPRequestHandler):
    controller: Controller

    def _do(self) -> None:
        parts = urlsplit(self.path)
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                raise RefusalError(401, {"detail": "Authentication credentials were not provided."})
            if not parts.path.startswith(f"{self.controller.base}/"):
                raise RefusalError(404, {"detail": "Not found."})
            path = parts.path.removeprefix(self.controller.base)
            status, body = self.controller.answer(
                self.command, path, dict(parse_qsl(parts.query)), json.loads(text or "{}")
            )
        except RefusalError as refusal:
            status, body = refusal.args
        answer = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        name = "Red Hat Ansible Automation Platform" if self.controller.platform else "AWX"
        self.send_header("X-API-Product-Name", name)
        self.send_header("X-API-Product-Version", PLATFORM_VERSION if self.controller.platform else "24.6.1")
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PATCH = _do  # noqa: N815

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@contextmanager
def controller(playbooks: list[str], platform: bool = False) -> Iterator[Controller]:
    """A running controller on a free port."""
    made = Controller(playbooks, platform)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"controller": made}))
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
