# SPDX-License-Identifier: GPL-3.0-or-later
"""The RH-SSO 7.6 operator (``keycloak.org/v1alpha1``), over the one real server under ``/auth``."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from sandbox.operators import rhsso_objects as build
from sandbox.operators.catalogue import Catalogue
from sandbox.operators.config import Config
from sandbox.operators.keycloak_admin import KeycloakAdmin
from sandbox.operators.kube import (
    CLAIM,
    DEPLOYMENT,
    RHSSO,
    ROUTE,
    SECRET,
    SERVICE,
    STATEFUL_SET,
    Key,
    Kube,
    Object,
    decoded,
    encoded,
    owned,
)
from sandbox.operators.olm import owns
from sandbox.operators.pods import available
from sandbox.operators.runtime import Controller, Wait, Watch, owner_key

PACKAGE = "rhsso-operator"
BOOTSTRAPPED = "sandbox.rhai/bootstrapped"
VERSION = "7.6.12"


class RhssoOperator(Controller):
    """Acts only where OLM has installed the operator and a server of this generation runs."""

    def __init__(self, kube: Kube, config: Config, catalogue: Catalogue) -> None:
        super().__init__(kube, config)
        self.catalogue = catalogue

    async def runs(self, namespace: str) -> bool:
        """Is there an operator for this namespace?"""
        return bool(await owns(self.kube, self.catalogue, PACKAGE, namespace))

    def admin(self) -> KeycloakAdmin:
        """The server."""
        server = self.config.keycloaks.get("rhsso")
        if server is None:
            raise Wait("the configuration has no keycloak.rhsso", 10)
        return KeycloakAdmin(server)


def _owner(body: Object) -> Iterable[Key]:
    return owner_key("Keycloak")(body)


class RhssoServers(RhssoOperator):
    """Keycloak → database, Secrets, Services, StatefulSet, Route; ``ready`` with phase ``reconciling``."""

    name = "rh-sso"
    watches = (Watch(RHSSO), Watch(STATEFUL_SET, _owner), Watch(DEPLOYMENT, _owner), Watch(ROUTE, _owner))

    async def reconcile(self, key: Key) -> float | None:
        """Apply everything, then say how it stands."""
        body = await self.kube.get(RHSSO, key.namespace, key.name)
        if body is None:
            await self._forget()
            return None
        if body["metadata"].get("deletionTimestamp"):
            return None
        if not await self.runs(key.namespace):
            return 2.0
        if (body.get("spec") or {}).get("unmanaged"):
            return None
        if ((body.get("spec") or {}).get("externalAccess") or {}).get("host"):
            text = "Setting Host in External Access on OpenShift is prohibited"
            await self._write(key, body, "failing", text)
            return None
        if not (body.get("status") or {}).get("phase"):
            await self._write(key, body, "initialising", "")
            return self.config.pace
        return await self._serve(key, body)

    async def _serve(self, key: Key, body: Object) -> float | None:
        server, database = await self._objects(key, body)
        wanted = (body.get("spec") or {}).get("instances", 1)
        ready = (server.get("status") or {}).get("readyReplicas", 0) >= wanted
        if not ready or (database is not None and not available(database)):
            await self._write(key, body, "reconciling", "")
            return 2.0
        host = ""
        if ((body.get("spec") or {}).get("externalAccess") or {}).get("enabled"):
            route = await self.kube.apply(ROUTE, build.route(body))
            host = route["spec"].get("host") or ""
            if not host:
                return 0.5
        try:
            await self._bootstrap(key)
        except Wait:
            await self._write(key, body, "reconciling", "")
            raise
        await self._write(key, body, "reconciling", "", ready=True, host=host)
        return None

    async def _objects(self, key: Key, body: Object) -> tuple[Object, Object | None]:
        values = {"ADMIN_USERNAME": "admin"}
        known = self.config.keycloaks.get("rhsso")
        if known and known.user == "admin":
            values["ADMIN_PASSWORD"] = known.password  # the server has this administrator already
        await self._fill(key, body, f"credential-{key.name}", values, "ADMIN_PASSWORD")
        for service in build.services(body):
            await self.kube.apply(SERVICE, service)
        database = None
        if not ((body.get("spec") or {}).get("externalDatabase") or {}).get("enabled"):
            values = {"POSTGRES_USERNAME": "keycloak", "POSTGRES_DATABASE": "root", "POSTGRES_SUPERUSER": "true"}
            await self._fill(key, body, "keycloak-db-secret", values, "POSTGRES_PASSWORD")
            if await self.kube.get(CLAIM, key.namespace, "keycloak-postgresql-claim") is None:
                await self.kube.create(CLAIM, build.claim(body))
            database = await self.kube.apply(DEPLOYMENT, build.database(body))
        await self._fill(key, body, build.CERTIFICATE, {"tls.crt": "", "tls.key": ""})
        return await self.kube.apply(STATEFUL_SET, build.stateful_set(body)), database

    async def _fill(self, key: Key, body: Object, name: str, values: dict[str, str], password: str = "") -> None:
        """A Secret whose missing keys alone are filled: one that the user made before is respected."""
        wanted = dict(values)
        if password and password not in wanted:
            wanted[password] = secrets.token_urlsafe(12)
        found = await self.kube.get(SECRET, key.namespace, name)
        if found is None:
            meta: Object = {"name": name, "namespace": key.namespace, "ownerReferences": owned(RHSSO, body)}
            meta["labels"] = {"app": "keycloak"}
            await self.kube.create(SECRET, {"metadata": meta, "type": "Opaque", "data": encoded(wanted)})
            return
        missing = {name: value for name, value in wanted.items() if name not in (found.get("data") or {})}
        if missing:
            await self.kube.patch(SECRET, Key(key.namespace, name), {"data": encoded(missing)})

    async def _bootstrap(self, key: Key) -> None:
        """The administrator, once."""
        admin = self.admin()
        await admin.answers()
        where = Key(key.namespace, f"credential-{key.name}")
        secret = await self.kube.get(SECRET, where.namespace, where.name)
        if secret is None or (secret["metadata"].get("annotations") or {}).get(BOOTSTRAPPED):
            return
        values = decoded(secret)
        await admin.ensure_admin(values["ADMIN_USERNAME"], values["ADMIN_PASSWORD"])
        await self.kube.patch(SECRET, where, {"metadata": {"annotations": {BOOTSTRAPPED: "true"}}})

    async def _write(
        self, key: Key, body: Object, phase: str, message: str, ready: bool = False, host: str = ""
    ) -> None:
        status = {
            "phase": phase,
            "message": message,
            "ready": ready,
            "version": VERSION,
            "credentialSecret": f"credential-{key.name}",
            "internalURL": f"https://keycloak.{key.namespace}.svc:8443",
            "externalURL": f"https://{host}{self.config.port_suffix}" if host else "",
        }
        await self.kube.status(RHSSO, body, status)

    async def _forget(self) -> None:
        """The last Keycloak went, and with it the database with all realms that it held."""
        server = self.config.keycloaks.get("rhsso")
        if server is None or await self.kube.list(RHSSO):
            return
        admin = KeycloakAdmin(server)
        for realm in await admin.realms():
            if realm != "master" and realm not in server.keep_realms:
                await admin.delete_realm(realm)
