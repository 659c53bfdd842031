# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to be done once a part answers, before it counts as ready: definitions, the company's realm."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import httpx

from sandbox.crds.load import Definitions
from sandbox.crds.load import load as load_definitions
from sandbox.front.documents import COMPANY_HOST, COMPANY_REALM
from sandbox.front.parts import Context
from sandbox.front.table import KEYCLOAK_PATHS, keycloak_password, keycloak_url
from sandbox.kubernetes.rest import ApiError, Client, Object

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
AT_ONCE = 8
ESTABLISH_SECONDS = 60.0


class AfterError(Exception):
    """A part runs, but can't be set up; the text says what was tried and what came back."""


def work(part: str, context: Context) -> None:
    """The part's own work; nothing for most. Raises AfterError."""
    if part == "kubernetes":
        folder = Path(context.settings.crds) if context.settings.crds else None
        try:
            asyncio.run(_definitions(context, load_definitions(folder)))
        except (ApiError, httpx.HTTPError, OSError) as error:
            raise AfterError(f"the definitions can't be loaded: {error}") from error
    elif part in KEYCLOAK_PATHS and part == company_part(context):
        _company(context, part)


def company_part(context: Context) -> str:
    """The Keycloak that holds the company's realm."""
    return "keycloak-legacy" if context.settings.sso_generation == "rhsso" else "keycloak"


async def _definitions(context: Context, definitions: Definitions) -> None:
    client = Client(context.kubeconfig("sandbox-control-plane"))
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(definition: Object) -> None:
        async with slots:
            await _load(client, definition)

    try:
        await asyncio.gather(*(one(definition) for definition in definitions.of("platform")))
    finally:
        await client.close()


async def _load(client: Client, definition: Object) -> None:
    """Creates or replaces one definition and waits until the server serves it."""
    path = f"{DEFINITIONS}/{definition['metadata']['name']}"
    known = await client.find(path)
    if known is None:
        await client.request("POST", DEFINITIONS, definition)
    else:
        version = {"resourceVersion": known["metadata"]["resourceVersion"]}
        await client.request("PUT", path, {**definition, "metadata": {**definition["metadata"], **version}})
    deadline = asyncio.get_running_loop().time() + ESTABLISH_SECONDS
    while not _established(await client.get(path)):
        if asyncio.get_running_loop().time() > deadline:
            raise AfterError(f"{definition['metadata']['name']} is not Established after {ESTABLISH_SECONDS:.0f} s")
        await asyncio.sleep(0.1)


def _established(definition: Object) -> bool:
    conditions = definition.get("status", {}).get("conditions") or []
    return any(entry["type"] == "Established" and entry["status"] == "True" for entry in conditions)


def _company(context: Context, part: str) -> None:
    public = context.settings.url(COMPANY_HOST) + KEYCLOAK_PATHS[part].rstrip("/")
    command = [sys.executable, "-m", "sandbox.keycloak", "company", "--url", keycloak_url(context, part)]
    command += ["--public-url", public, "--realm", COMPANY_REALM, "--admin-user", "admin"]
    command += ["--credentials", str(context.state / "company.json")]
    # Where the broker comes back to is decided by whoever installs single sign-on, later; Keycloak knows no pattern for
    # "any host below our domain".
    command += ["--redirect-uri", "*"]
    environment = {**os.environ, **keycloak_password(context)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AfterError(f"the company's realm can't be made: {done.stderr.strip() or done.stdout.strip()}")
