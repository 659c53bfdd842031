# SPDX-License-Identifier: GPL-3.0-or-later
"""Users of developer accounts, and the one who is signed in."""

from __future__ import annotations

from typing import Any

from ...store import Row
from ..abilities import can_create_application_of
from ..templating.drop import Collection, Drop, attribute
from .rows import Errors, FieldedDrop, RowDrop
from .world import World


class UserDrop(FieldedDrop):
    """A user of a developer account; without an `id` one that signs up, SSO when by single sign-on."""

    target = "User"
    dom_name = "user"
    param = "user"
    columns = frozenset({"username", "email", "first_name", "last_name", "title", "job_role"})

    def __init__(
        self, world: World, row: Row, errors: Errors | None = None, param: str = "user", sso: bool = False
    ) -> None:
        super().__init__(world, row, errors)
        self.param, self.sso = param, sso

    def __eq__(self, other: object) -> bool:
        """The signed-in user is one of the users too."""
        return isinstance(other, UserDrop) and other.row.get("id") == self.row.get("id")

    def __hash__(self) -> int:
        return hash(("User", self.row.get("id")))

    @attribute()
    def id(self) -> str:  # noqa: A003
        return str(self.row.get("id", ""))

    @attribute()
    def username(self) -> Any:
        return self.row.get("username") or ""

    @attribute()
    def email(self) -> Any:
        return self.row.get("email") or ""

    @attribute()
    def name(self) -> str:
        return " ".join(str(self.row[part]) for part in ("first_name", "last_name") if self.row.get(part))

    @attribute()
    def display_name(self) -> Any:
        return self.name() or self.username()

    @attribute()
    def informal_name(self) -> Any:
        return self.row.get("first_name") or self.row.get("last_name") or self.username()

    @attribute()
    def authentication_id(self) -> Any:
        known = self._authorizations()
        return known[-1]["uid"] if known else self.row.get("authentication_id")

    @attribute()
    def account(self) -> Any:
        row = self.world.db.get("accounts", self.row.get("account_id"))
        from .account import AccountDrop

        return AccountDrop(self.world, row) if row else None

    @attribute()
    def role(self) -> str:
        return str(self.row.get("role") or "admin")

    @attribute()
    def admin_p(self) -> bool:
        return self.role() == "admin"

    def _authorizations(self) -> list[Row]:
        return self.world.db.where("sso_authorizations", user_id=self.row["id"]) if "id" in self.row else []

    @attribute()
    def oauth2_p(self) -> bool:
        return self.sso or bool(self._authorizations())

    @attribute()
    def using_password_p(self) -> bool:
        return bool(self.row.get("password_digest"))

    @attribute()
    def password_required_p(self) -> bool:
        return not self.oauth2_p() and not self.using_password_p()

    @attribute()
    def email_unverified_p(self) -> bool:
        return self.row.get("state") == "email_unverified"

    @attribute()
    def sections(self) -> list[str]:
        return []

    @attribute()
    def roles_collection(self) -> list[RoleDrop]:
        return [RoleDrop("admin", "Admin (all access)"), RoleDrop("member", "Member")]

    @attribute()
    def url(self) -> str:
        return f"/admin/account/users/{self.row.get('id')}"

    @attribute()
    def edit_url(self) -> str:
        return f"/admin/account/users/{self.row.get('id')}/edit"

    @attribute()
    def can(self) -> Drop:
        return UserCan(self.world, self.row)


class RoleDrop(Drop):
    """A role that a user may have."""

    ruby_name = "User::Role"

    def __init__(self, name: str, words: str) -> None:
        self.role, self.words = name, words

    @attribute()
    def name(self) -> str:
        return self.role

    @attribute()
    def description(self) -> str:
        return self.words


class UserCan(Drop):
    """What the signed-in user may do with a user."""

    ruby_name = "User::Can"

    def __init__(self, world: World, row: Row) -> None:
        self.world, self.row = world, row

    @attribute("be_managed?", "be_update_role?")
    def be_managed(self) -> bool:
        return bool(self.world.user and self.world.user["role"] == "admin")

    @attribute()
    def be_destroyed_p(self) -> bool:
        return self.be_managed() and bool(self.world.user and self.world.user["id"] != self.row.get("id"))


class SsoAuthorizationDrop(RowDrop):
    """A sign-in provider's knowledge of the user."""

    ruby_name = "SSOAuthorization"

    @attribute()
    def authentication_provider_system_name(self) -> Any:
        row = self.world.db.get("authentication_providers", self.row["authentication_provider_id"])
        return row["system_name"] if row else None

    @attribute()
    def id_token(self) -> Any:
        return self.row["id_token"]


class CurrentUserDrop(UserDrop):
    """The signed-in user."""

    @attribute()
    def can(self) -> Drop:
        return CurrentUserCan(self.world, self.row)

    @attribute()
    def sso_authorizations(self) -> Collection:
        return Collection(SsoAuthorizationDrop(self.world, row) for row in self._authorizations())


class CurrentUserCan(Drop):
    """What the signed-in user may do; nothing about being managed, unlike for the users of a list."""

    ruby_name = "CurrentUser::Can"

    def __init__(self, world: World, row: Row) -> None:
        self.world, self.row = world, row

    @attribute()
    def invite_users_p(self) -> bool:
        return self.row["role"] == "admin" and self.world.visible("multiple_users")

    @attribute()
    def create_application_p(self) -> bool:
        return any(can_create_application_of(self.world, service) for service in self.world.services())


class InvitationDrop(Drop):
    """An invitation that is to be written: there is no mail here to send any with."""

    ruby_name = "Invitation"

    @attribute()
    def email(self) -> str:
        return ""

    @attribute("accepted?")
    def accepted(self) -> bool:
        return False
