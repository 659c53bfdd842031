# SPDX-License-Identifier: GPL-3.0-or-later
"""Files between the parts (configuration of the operators, the router's table) and for people (status, facts)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from sandbox.front import processes
from sandbox.front.parts import Context
from sandbox.front.settings import HUB_TOKEN, write_json, write_private
from sandbox.front.table import PARTS, keycloak_url
from sandbox.router import table as tables

COMPANY_REALM = "company"
COMPANY_HOST = "company"


def operators_config(context: Context) -> dict[str, Any]:
    """The configuration file of the operators, see sandbox/operators/README.md. Holds secrets."""
    settings = context.settings
    found: dict[str, Any] = {
        "superdomain": settings.superdomain,
        "public_port": settings.public_port,
        "ca": str(context.ca),
        "crds": settings.crds,
        "state": str(context.state / "operators"),
        "policies": str(context.policies),
    }
    if "threescale" in settings.ports:
        token = settings.secrets["master_token"]
        found["threescale"] = {"url": context.http("threescale"), "master_token": token}
    if "s3" in settings.ports:
        host = f"s3.{settings.superdomain}"
        found["s3"] = {"url": context.http("s3"), "host": host, "port": settings.public_port}
    password = settings.secrets["keycloak_admin_password"]
    generations = {"keycloak": "rhbk", "keycloak-legacy": "rhsso"}
    found["keycloak"] = {
        generation: {
            "url": keycloak_url(context, part),
            "admin_user": "admin",
            "admin_password": password,
            "keep_realms": [COMPANY_REALM],
        }
        for part, generation in generations.items()
        if part in settings.ports
    }
    return found


def router_table(context: Context) -> dict[str, Any]:
    """The router's table, see sandbox/router/table.py: which part plays a Service, and names that have no Route."""
    ports = context.settings.ports
    played: dict[str, str] = {
        part: context.http(part) for part in ("threescale", "gateway", "keycloak", "keycloak-legacy") if part in ports
    }
    hosts: dict[str, str] = {part: context.http(part) for part in ("s3", "hub") if part in ports}
    keycloak = "keycloak-legacy" if context.settings.sso_generation == "rhsso" else "keycloak"
    if keycloak in ports:
        hosts[COMPANY_HOST] = context.http(keycloak)
    return tables.document(played, hosts, context.ca, context.ca.with_name("ca.key"))


def write_inputs(context: Context) -> None:
    """Before the parts start: what they read."""
    context.policies.mkdir(parents=True, exist_ok=True, mode=0o700)
    (context.state / "threescale").mkdir(parents=True, exist_ok=True, mode=0o700)
    write_json(context.state / "operators" / "config.json", operators_config(context))
    write_json(context.state / "router-table.json", router_table(context))


def company_credentials(context: Context) -> dict[str, str] | None:
    """What `sandbox.keycloak company` wrote about the company's realm."""
    path = context.state / "company.json"
    return json.loads(path.read_text()) if path.exists() else None


def status(context: Context) -> dict[str, Any]:
    """The document of `status --json`: every part that was started, and whether it runs and answers now."""
    parts = {}
    for name in processes.started_parts(context.state):
        part, running = PARTS[name], processes.find(context.state, name)
        entry: dict[str, Any] = {"url": part.url(context), "pid": running.pid if running else None}
        if control := part.control(context):
            entry["control"] = control
        entry["ready"] = running is not None and part.ready(context)
        entry["credentials"] = part.credentials(context)
        parts[name] = entry
    return {
        "kubeconfig": str(context.kubeconfig("admin")),
        "ca": str(context.ca),
        "superdomain": context.settings.superdomain,
        "public_port": context.settings.public_port,
        "parts": parts,
    }


def facts(context: Context) -> dict[str, Any]:
    """The variables that inventories/sandbox refers to."""
    settings = context.settings
    found: dict[str, Any] = {
        "sandbox_kubeconfig": str(context.kubeconfig("automation")),
        "sandbox_admin_kubeconfig": str(context.kubeconfig("admin")),
        "sandbox_ca": str(context.ca),
        "sandbox_superdomain": settings.superdomain,
        "sandbox_public_port": settings.public_port,
        "sandbox_hub_url": context.http("hub") if "hub" in settings.ports else "",
        "sandbox_hub_token": HUB_TOKEN,
    }
    if company := company_credentials(context):
        found |= {
            "sandbox_company_oidc_url": company["issuer"],
            "sandbox_company_oidc_client_id": company["client_id"],
            "sandbox_company_oidc_client_secret": company["client_secret"],
            "sandbox_company_user": company["user"],
            "sandbox_company_password": company["password"],
        }
    return found


def write_outputs(context: Context, path: Path) -> None:
    """After the start: status.json and the inventory's facts. Both hold secrets."""
    write_json(context.state / "status.json", status(context))
    head = "# SPDX-License-Identifier: GPL-3.0-or-later\n# Written by `bin/sandbox up`; changes are lost.\n---\n"
    write_private(path, head + str(yaml.safe_dump(facts(context), sort_keys=False)))
