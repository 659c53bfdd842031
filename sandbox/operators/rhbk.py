# SPDX-License-Identifier: GPL-3.0-or-later
"""The Red Hat build of Keycloak's operator, over the one real server."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable

from sandbox.operators import rhbk_objects as build
from sandbox.operators.catalogue import Catalogue
from sandbox.operators.conditions import condition, merged, status_of
from sandbox.operators.config import Config
from sandbox.operators.keycloak_admin import KeycloakAdmin
from sandbox.operators.kube import (
    INGRESS,
    POD,
    RHBK,
    RHBK_IMPORT,
    SECRET,
    SERVICE,
    STATEFUL_SET,
    Key,
    Kube,
    Object,
    decoded,
    encoded,
    key_of,
    owned,
)
from sandbox.operators.olm import owns
from sandbox.operators.runtime import Controller, Wait, Watch, namespace_key, owner_key

PACKAGE = "rhbk-operator"
BOOTSTRAPPED = "sandbox.rhai/bootstrapped"


def _kinds(state: str, errors: str = "", waits: str = "") -> list[Object]:
    """The operator's three conditions, without the generation."""
    return [
        condition("Ready", state, "", waits),
        condition("HasErrors", bool(errors), "", errors),
        condition("RollingUpdate", False),
    ]


class _Operator(Controller):
    """Acts only where OLM has installed the operator and a server of this generation runs."""

    def __init__(self, kube: Kube, config: Config, catalogue: Catalogue) -> None:
        super().__init__(kube, config)
        self.catalogue = catalogue

    async def runs(self, namespace: str) -> bool:
        """Is there an operator for this namespace?"""
        return bool(await owns(self.kube, self.catalogue, PACKAGE, namespace))

    def admin(self) -> KeycloakAdmin:
        """The server."""
        server = self.config.keycloaks.get("rhbk")
        if server is None:
            raise Wait("the configuration has no keycloak.rhbk", 10)
        return KeycloakAdmin(server)


class Keycloaks(_Operator):
    """Keycloak → Secret, Services, StatefulSet, Ingress; Ready when Pods and the real server are."""

    name = "rhbk"
    watches = (Watch(RHBK), Watch(STATEFUL_SET, owner_key("Keycloak")))

    async def reconcile(self, key: Key) -> float | None:
        """Apply everything, then say how it stands."""
        body = await self.kube.get(RHBK, key.namespace, key.name)
        if body is None or body["metadata"].get("deletionTimestamp"):
            return None
        if not await self.runs(key.namespace):
            return 2.0
        made = await self._objects(key, body)
        trouble = build.problem(body)
        if trouble:
            text = f"Waiting for {key.namespace}/{key.name}-0 due to CrashLoopBackOff: {trouble}"
            await self._write(body, _kinds("False", text, "Waiting for more replicas"), 0)
            return None
        status = made.get("status") or {}
        wanted = (body.get("spec") or {}).get("instances", 1)
        ready = status.get("readyReplicas", 0)
        if ready < wanted or status.get("observedGeneration", 0) < made["metadata"]["generation"]:
            errors = await self._stuck(key)
            await self._write(body, _kinds("False", errors, "Waiting for more replicas"), ready)
            return 2.0
        try:
            await self._bootstrap(key, body)
        except Wait as wait:
            await self._write(body, _kinds("False", "", f"Waiting for more replicas: {wait}"), 0)
            raise
        await self._write(body, _kinds("True"), ready)
        return None

    async def _objects(self, key: Key, body: Object) -> Object:
        name = build.admin_secret(body)
        if name == f"{key.name}-initial-admin":
            meta = {"name": name, "namespace": key.namespace, "ownerReferences": owned(RHBK, body)}
            data = encoded({"username": "temp-admin", "password": secrets.token_hex(16)})
            if await self.kube.get(SECRET, key.namespace, name) is None:
                await self.kube.create(SECRET, {"metadata": meta, "type": "kubernetes.io/basic-auth", "data": data})
        for service in build.services(body):
            await self.kube.apply(SERVICE, service)
        if ((body.get("spec") or {}).get("ingress") or {}).get("enabled", True):
            await self.kube.apply(INGRESS, build.ingress(body, self.config.superdomain))
        else:
            await self.kube.delete(INGRESS, key.namespace, f"{key.name}-ingress")
        return await self.kube.apply(STATEFUL_SET, build.stateful_set(body))

    async def _stuck(self, key: Key) -> str:
        """What holds a Pod back, in the operator's words."""
        for number in range(3):
            pod = await self.kube.get(POD, key.namespace, f"{key.name}-{number}")
            for entry in ((pod or {}).get("status") or {}).get("containerStatuses") or []:
                waiting = (entry.get("state") or {}).get("waiting") or {}
                reason = waiting.get("reason", "")
                if reason in ("CrashLoopBackOff", "CreateContainerConfigError", "ImagePullBackOff", "ErrImagePull"):
                    text = f"Waiting for {key.namespace}/{key.name}-{number} due to {reason}"
                    return f"{text}: {waiting.get('message', '')}".rstrip(": ")
        return ""

    async def _bootstrap(self, key: Key, body: Object) -> None:
        """The first administrator, once: later changes of the Secret change nothing in the server."""
        admin = self.admin()
        await admin.answers()
        name = build.admin_secret(body)
        secret = await self.kube.get(SECRET, key.namespace, name)
        if secret is None:
            raise Wait(f"Secret {name} with the first administrator is missing", 2)
        if (secret["metadata"].get("annotations") or {}).get(BOOTSTRAPPED):
            return
        values = decoded(secret)
        await admin.ensure_admin(values.get("username", ""), values.get("password", ""))
        mark = {"metadata": {"annotations": {BOOTSTRAPPED: "true"}}}
        await self.kube.patch(SECRET, Key(key.namespace, name), mark)

    async def _write(self, body: Object, conditions: list[Object], instances: int) -> None:
        generation = body["metadata"]["generation"]
        wanted = [{**entry, "observedGeneration": generation} for entry in conditions]
        for entry in wanted:
            entry.setdefault("message", "")
        status = {
            "conditions": merged((body.get("status") or {}).get("conditions"), wanted),
            "observedGeneration": generation,
            "instances": instances,
            "selector": f"app=keycloak,app.kubernetes.io/instance={body['metadata']['name']}",
        }
        await self.kube.status(RHBK, body, status)


def imports_of(body: Object) -> Iterable[Key]:
    """A Keycloak wakes the imports of its namespace."""
    return namespace_key(body)


class RealmImports(_Operator):
    """KeycloakRealmImport: once, into a ready server; a realm that is there stays as it is."""

    name = "rhbk realm import"
    watches = (Watch(RHBK_IMPORT), Watch(RHBK, imports_of))

    async def reconcile(self, key: Key) -> float | None:
        """A namespace's key stands for all its imports."""
        if not key.namespace:
            for body in await self.kube.list(RHBK_IMPORT, key.name):
                await self._one(key_of(body))
            return None
        return await self._one(key)

    async def _one(self, key: Key) -> float | None:
        body = await self.kube.get(RHBK_IMPORT, key.namespace, key.name)
        if body is None or status_of(body, "Done") == "True" or not await self.runs(key.namespace):
            return None
        server = await self.kube.get(RHBK, key.namespace, body["spec"]["keycloakCRName"])
        if server is None or status_of(server, "Ready") != "True":
            text = f"Waiting for Keycloak {body['spec']['keycloakCRName']} to be ready"
            await self._write(body, done=False, started=False, waits=text)
            return 2.0
        await self._write(body, done=False, started=True)
        realm = await self._filled(key.namespace, body["spec"])
        try:
            await self.admin().create_realm(realm)
        except OSError as error:
            await self._write(body, done=False, started=True, errors=str(error))
            return 10.0
        await self._write(body, done=True, started=False)
        return None

    async def _filled(self, namespace: str, spec: Object) -> Object:
        """The realm with its placeholders ``${NAME}`` replaced by the Secrets' values."""
        text = json.dumps(spec["realm"])
        for name, source in (spec.get("placeholders") or {}).items():
            reference = source.get("secret") or {}
            values = decoded(await self.kube.get(SECRET, namespace, reference.get("name", "")))
            if reference.get("key") in values:
                text = text.replace("${" + name + "}", json.dumps(values[reference["key"]])[1:-1])
        realm: Object = json.loads(text)
        return realm

    async def _write(self, body: Object, *, done: bool, started: bool, errors: str = "", waits: str = "") -> None:
        generation = body["metadata"]["generation"]
        conditions = [
            condition("Done", done, "", waits),
            condition("Started", started),
            condition("HasErrors", bool(errors), "", errors),
        ]
        wanted = [{"message": "", **entry, "observedGeneration": generation} for entry in conditions]
        before = (body.get("status") or {}).get("conditions")
        await self.kube.status(RHBK_IMPORT, body, {"conditions": merged(before, wanted)})
