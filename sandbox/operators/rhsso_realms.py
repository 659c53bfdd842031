# SPDX-License-Identifier: GPL-3.0-or-later
"""The RH-SSO operator's realms (made once, never changed) and clients."""

from __future__ import annotations

from sandbox.operators.kube import (
    RHSSO,
    RHSSO_CLIENT,
    RHSSO_REALM,
    SECRET,
    Key,
    Object,
    encoded,
    owned,
    selector_text,
)
from sandbox.operators.rhsso import RhssoOperator
from sandbox.operators.runtime import Wait, Watch

FINALIZER = "realm.cleanup"


class RhssoRealms(RhssoOperator):
    """KeycloakRealm: ready also where its selector finds no Keycloak, as the real one."""

    name = "rh-sso realm"
    watches = (Watch(RHSSO_REALM),)

    async def reconcile(self, key: Key) -> float | None:
        """Make the realm in each Keycloak that the selector finds."""
        body = await self.kube.get(RHSSO_REALM, key.namespace, key.name)
        if body is None or not await self.runs(key.namespace):
            return None if body is None else 2.0
        meta, realm = body["metadata"], body["spec"]["realm"]
        finalizers = meta.get("finalizers") or []
        if meta.get("deletionTimestamp"):
            if FINALIZER in finalizers:
                await self.admin().delete_realm(realm["realm"])
                left = [name for name in finalizers if name != FINALIZER]
                await self.kube.patch(RHSSO_REALM, key, {"metadata": {"finalizers": left}})
            return None
        if FINALIZER not in finalizers:
            await self.kube.patch(RHSSO_REALM, key, {"metadata": {"finalizers": [*finalizers, FINALIZER]}})
        login = ""
        for server in await self.kube.list(RHSSO, "", selector_text(body["spec"].get("instanceSelector"))):
            if not (server.get("status") or {}).get("ready"):
                await self._write(body, False, "failing", "keycloak is not ready", login)
                return 2.0
            try:
                await self.admin().create_realm({"enabled": True, **realm})
            except OSError as error:
                await self._write(body, False, "failing", str(error), login)
                return 5.0
            login = f"{(server['status'].get('externalURL') or '')}/auth/realms/{realm['realm']}/account"
        await self._write(body, True, "reconciling", "", login)
        return None

    async def _write(self, body: Object, ready: bool, phase: str, message: str, login: str) -> None:
        status = {"ready": ready, "phase": phase, "message": message, "loginURL": login}
        await self.kube.status(RHSSO_REALM, body, status)


class RhssoClients(RhssoOperator):
    """KeycloakClient: made and updated; its Secret is written on each look."""

    name = "rh-sso client"
    watches = (Watch(RHSSO_CLIENT),)

    async def reconcile(self, key: Key) -> float | None:
        """Make the client in each realm that the selector finds."""
        body = await self.kube.get(RHSSO_CLIENT, key.namespace, key.name)
        if body is None or body["metadata"].get("deletionTimestamp"):
            return None
        if not await self.runs(key.namespace):
            return 2.0
        wanted = body["spec"]["client"]
        try:
            for realm in await self.kube.list(RHSSO_REALM, "", selector_text(body["spec"]["realmSelector"])):
                secret = await self.admin().ensure_client(realm["spec"]["realm"]["realm"], wanted)
                await self._secret(key, body, wanted["clientId"], secret)
        except (OSError, Wait) as error:
            status = {"ready": False, "phase": "failing", "message": str(error)}
            await self.kube.status(RHSSO_CLIENT, body, status)
            return 5.0
        await self.kube.status(RHSSO_CLIENT, body, {"ready": True, "phase": "reconciling", "message": ""})
        return None

    async def _secret(self, key: Key, body: Object, client: str, secret: str) -> None:
        meta = {"name": f"keycloak-client-secret-{key.name}", "namespace": key.namespace}
        data = encoded({"CLIENT_ID": client, "CLIENT_SECRET": secret})
        full = {"metadata": {**meta, "ownerReferences": owned(RHSSO_CLIENT, body)}, "type": "Opaque", "data": data}
        await self.kube.apply(SECRET, full)
