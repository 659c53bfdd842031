# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Roles that a role or a group holds: named by people, sent by id. Keycloak takes and gives them as lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Call,
    Change,
    Field,
    Find,
    Later,
    Ref,
    RefusalError,
)
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.session import Session, realm_path, segment

ROLE_FIELDS = {"name": Field(required=True), "client_id": Field()}


@dataclass(frozen=True)
class Owned:
    """A role by its names; ``client`` is empty for a role of the realm."""

    name: str
    client: str = ""

    def label(self) -> str:
        """The role for people."""
        return f"{self.client} / {self.name}" if self.client else self.name


def asked(items: Iterable[Mapping[str, Any]]) -> list[Owned]:
    """The roles that an option names."""
    return [Owned(str(item["name"]), str(item.get("client_id") or "")) for item in items]


def owned(roles: Iterable[Owned]) -> list[dict[str, str]]:
    """Roles as the options of modules name them, in a stable order."""
    ordered = sorted(roles, key=lambda role: (role.client, role.name))
    return [{"name": role.name, **({"client_id": role.client} if role.client else {})} for role in ordered]


class Roles:
    """The roles of a realm, looked up by their names. A client that is not there is refused, but in check mode."""

    def __init__(self, session: Session, realm: str) -> None:
        self.session, self.realm = session, realm
        self.parents = {"realm": Ref("realm", realm, segment(realm))}
        self._clients: dict[str, Ref] = {}
        self._names: dict[str, str] = {}

    def client(self, client_id: str, option: str) -> Ref:
        """A client by the name that applications send."""
        if client_id not in self._clients:
            found = self.session.below_realm(self.realm, "clients", {"clientId": client_id}) or []
            raw = next((item for item in found if item.get("clientId") == client_id), None)
            if raw is None and not self.session.check:
                raise RefusalError(f"{option}: realm '{self.realm}' has no client '{client_id}'. Create it first.")
            self._clients[client_id] = Ref("client", client_id, raw["id"] if raw else None)
            if raw:
                self._names[raw["id"]] = client_id
        return self._clients[client_id]

    def path(self, role: Owned, option: str) -> tuple[str, dict[str, Ref]]:
        """The list that holds a role, and what its path names."""
        if not role.client:
            return "/admin/realms/{realm}/roles", self.parents
        refs = {**self.parents, "client": self.client(role.client, option)}
        return "/admin/realms/{realm}/clients/{client}/roles", refs

    def read(self, role: Owned, option: str) -> Mapping[str, Any] | None:
        """A role as the server has it; None where it is not there."""
        base = realm_path(self.realm)
        if role.client:
            owner = self.client(role.client, option)
            if owner.id is None:
                return None
            base += f"/clients/{owner.id}"
        found: Mapping[str, Any] | None = self.session.read(f"{base}/roles/{segment(role.name)}")
        return found

    def ref(self, role: Owned, option: str) -> Ref:
        """A role by reference: it may be made in this run, so it is looked up when its id is needed."""
        path, refs = self.path(role, option)
        find = Find(path, refs, "", "", {"name": role.name})
        return Ref("role", role.label(), None, find)

    def later(self, role: Owned, option: str) -> Later:
        """The id of a role that this run makes: the answer to its creation doesn't tell it."""
        path, refs = self.path(role, option)
        return Later(path + "/{role}", {**refs, "role": Ref("role", role.label(), segment(role.name))}, "id")

    def named(self, raw: Iterable[Mapping[str, Any]]) -> dict[Owned, Any]:
        """Roles of an answer by their names, with their ids."""
        return {Owned(str(item["name"]), self._client_of(item)): item["id"] for item in raw}

    def _client_of(self, item: Mapping[str, Any]) -> str:
        if not item.get("clientRole"):
            return ""
        owner = str(item["containerId"])
        if owner not in self._names:
            client = self.session.read(f"{realm_path(self.realm)}/clients/{owner}") or {}
            self._names[owner] = str(client.get("clientId") or owner)
        return self._names[owner]


def changes(
    roles: Roles, wanted: Iterable[Owned], now: Mapping[Owned, Any], path: Any, of: str, option: str, prune: bool
) -> list[Change]:
    """The requests by which roles are added to, and with ``prune`` taken from, what ``of`` names.

    ``path`` gives path and references of the request for a role. One request for each, so that each is shown.
    """
    asked_for = list(dict.fromkeys(wanted))
    found = []
    for role in asked_for:
        if role not in now:
            found.append(_change("create", "POST", role, roles.ref(role, option), path(role), of, option))
    for role, number in now.items():
        if prune and role not in asked_for:
            gone = Ref("role", role.label(), number)
            found.append(_change("delete", "DELETE", role, gone, path(role), of, option))
            found[-1].unlisted, found[-1].group = len(now), f"{option} of {of}"
    return found


def _change(
    action: str, method: str, role: Owned, ref: Ref, place: tuple[str, dict[str, Ref]], of: str, option: str
) -> Change:
    body: Any = [{"id": ref, "name": role.name}]
    side = {"name": role.name, **({"client_id": role.client} if role.client else {})}
    call = Call(method, *place, body)
    before, after = (side, None) if action == "delete" else (None, side)
    return Change(action, option, f"{of} / {role.label()}", before, after, call, lane=f"roles of {of}")
