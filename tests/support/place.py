# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a row of a table is tried: a tenant or a realm of its own, a faulty line to its server, and what it holds."""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests

from tests.cases import Call, filled
from tests.support.faulty import Line, faulty_line
from tests.support.forked import Forks, Outcome
from tests.support.keycloak import ADMIN, Keycloak
from tests.support.snapshot import of_realm, of_tenant
from tests.support.standin import Standin

SECONDS = 120  # until an answer is given up: a realm takes Keycloak long on a busy machine


class Place:
    """What both systems have in common. ``line`` counts and goes wrong; ``values`` fill the texts in braces."""

    #: Values that must never be seen: what the connection takes.
    credentials: tuple[str, ...] = ()

    def __init__(self, forks: Forks, line: Line, folder: Path, **values: str) -> None:
        self.forks, self.line, self.folder = forks, line, folder
        self.values = {"folder": str(folder), **values}

    def connection(self, module: str) -> dict[str, Any]:
        """The options by which a module reaches the server, over the line."""
        raise NotImplementedError

    def holds(self) -> list[str]:
        """What the server holds here, read past the line."""
        raise NotImplementedError

    def state(self) -> list[str]:
        """What the server holds and the folder has, without what no two places share."""
        files = [
            f"file {file.relative_to(self.folder)} {file.stat().st_mode:o}"
            for file in sorted(self.folder.rglob("*"))
            if file.is_file()
        ]
        return [*self.holds(), *files]

    def run(self, call: Call, check: bool = False, **more: Any) -> Outcome:
        """Run a module here. ``more``: options of the connection."""
        module, options = call
        own = {**self.connection(module), **more.pop("connection", {})}
        return self.forks.run(module, {**own, **filled(options, self.values)}, check, **more)

    def prepare(self, calls: tuple[Call, ...]) -> None:
        """Make what a row takes for granted."""
        for call in calls:
            data = self.run(call).data
            assert not data.get("failed"), (call[0], data["msg"])


class TenantPlace(Place):
    """A tenant of the stand-in; None for the whole of a stand-in that is ours alone."""

    def __init__(self, forks: Forks, line: Line, folder: Path, standin: Standin, name: str, token: str, alone: bool):
        host = f"{line.url}/_host"
        self.standin, self.name, self.token, self.alone = standin, name, token, alone
        self.credentials = (token, standin.master_token)
        self.admin = f"{host}/{name}-admin.{standin.superdomain}"
        self.master = f"{host}/master.{standin.superdomain}"
        portal = f"{host}/{name}.{standin.superdomain}"
        super().__init__(
            forks, line, folder, master_url=self.master, master_token=standin.master_token, portal_url=portal
        )
        self.number = None if alone else _tenant(standin.dump(), f"{name}.{standin.superdomain}")

    def connection(self, module: str) -> dict[str, Any]:
        """By the tenant's token, or the master's."""
        if module in ("threescale_tenant", "threescale_tenant_info"):
            return {"master_url": self.master, "master_token": self.standin.master_token, "timeout": SECONDS}
        return {"threescale_url": self.admin, "access_token": self.token, "timeout": SECONDS}

    def holds(self) -> list[str]:
        """Rows of the tenant, with its name taken out."""
        if self.alone:  # nobody else waits for background work here
            requests.post(f"{self.standin.url}/_sandbox/purge", timeout=30).raise_for_status()
        rows: Any = self.standin.dump()
        return [row.replace(self.name, "TENANT") for row in of_tenant(rows, self.number)]


class RealmPlace(Place):
    """A realm of Keycloak, which the row or what it takes for granted makes."""

    def __init__(self, forks: Forks, line: Line, folder: Path, keycloak: Keycloak, realm: str) -> None:
        super().__init__(forks, line, folder, realm=realm)
        self.keycloak, self.realm, self.credentials = keycloak, realm, (keycloak.password,)

    def connection(self, module: str) -> dict[str, Any]:  # noqa: ARG002
        """As the administrator of the installation."""
        who = {"auth_username": ADMIN, "auth_password": self.keycloak.password}
        return {"auth_keycloak_url": self.line.url.rstrip("/"), **who, "connection_timeout": SECONDS}

    def holds(self) -> list[str]:
        """The realm with all below it."""
        with contextlib.closing(requests.Session()) as session:
            self._sign_in(session)
            rows = of_realm(lambda path: self._ask(session, path))
        return [row.replace(self.realm, "REALM") for row in rows]

    def _sign_in(self, session: requests.Session) -> None:
        form = {"grant_type": "password", "client_id": "admin-cli", "username": ADMIN}
        address = f"{self.keycloak.url}/realms/master/protocol/openid-connect/token"
        answer = session.post(address, data={**form, "password": self.keycloak.password}, timeout=30)
        session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def _ask(self, session: requests.Session, path: str) -> Any:
        method = "POST" if "partial-export" in path else "GET"
        answer = session.request(method, f"{self.keycloak.url}/admin/realms/{self.realm}{path}", timeout=30)
        return None if answer.status_code == 404 else json.loads(answer.text)


def _tenant(dump: dict[str, Any], domain: str) -> int:
    return next(int(row["id"]) for row in dump["accounts"] if row.get("domain") == domain)


def fresh_tenant(standin: Standin) -> tuple[str, str]:
    """A new tenant, complete at once; its name and token."""
    name, token = f"t{secrets.token_hex(4)}x", secrets.token_hex(32)
    seed = {"name": name, "token": token, "admin_user": "admin", "admin_password": secrets.token_hex(8)}
    address = f"{standin.url}/_sandbox/tenants"
    requests.put(address, json=seed, auth=("", standin.master_token), timeout=30).raise_for_status()
    return name, token


@contextlib.contextmanager
def tenant_place(forks: Forks, standin: Standin, folder: Path, alone: bool = False) -> Iterator[TenantPlace]:
    """A new tenant on the stand-in, or with ``alone`` the stand-in's only one."""
    folder.mkdir(parents=True, exist_ok=True)
    name, token = (standin.tenant, standin.token) if alone else fresh_tenant(standin)
    with faulty_line(standin.url) as line:
        yield TenantPlace(forks, line, folder, standin, name, token, alone)


@contextlib.contextmanager
def realm_place(forks: Forks, keycloak: Keycloak, folder: Path) -> Iterator[RealmPlace]:
    """A name for a realm that isn't there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    with faulty_line(keycloak.url) as line:
        yield RealmPlace(forks, line, folder, keycloak, f"r{secrets.token_hex(4)}x")
