# SPDX-License-Identifier: GPL-3.0-or-later
"""Applications with their keys."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from ...rules.contracts import KEYS_MOST
from ...store import Row
from ..templating.drop import Collection, Drop, attribute
from .alerts import AlertDrop
from .contracts import ContractDrop
from .page import UrlDrop
from .plans import ApplicationPlanDrop
from .rows import Errors, FieldedDrop, RowDrop
from .service import ServiceDrop
from .world import World


class ApplicationKeyDrop(RowDrop):
    """A key of an application."""

    @attribute()
    def id(self) -> Any:  # noqa: A003
        return self.row["id"]

    @attribute()
    def value(self) -> Any:
        return self.row["value"]

    @attribute()
    def url(self) -> str:
        return f"/admin/applications/{self.row['application_id']}/keys/{quote(self.row['value'], safe='')}"

    @attribute()
    def application(self) -> Any:
        row = self.world.db.get("applications", self.row["application_id"])
        return ApplicationDrop(self.world, row) if row else None


class ReferrerFilterDrop(RowDrop):
    """A referrer from which an application may be used."""

    @attribute()
    def id(self) -> Any:  # noqa: A003
        return self.row.get("id")

    @attribute()
    def value(self) -> Any:
        return self.row.get("value")

    @attribute()
    def delete_url(self) -> str:
        return f"/admin/applications/{self.row['application_id']}/referrer_filters/{self.row['id']}"

    @attribute()
    def application(self) -> Any:
        row = self.world.db.get("applications", self.row["application_id"])
        return ApplicationDrop(self.world, row) if row else None


class ApplicationDrop(ContractDrop, FieldedDrop):
    """An application; without an `id` one that a form is to make."""

    ruby_name = "Application"
    dom_name = "cinstance"
    target = "Cinstance"
    columns = frozenset({"name", "description", "redirect_url"})

    def __init__(self, world: World, row: Row, errors: Errors | None = None, param: str = "application") -> None:
        super().__init__(world, row, errors)
        self.param = param

    def _path(self, rest: str = "") -> UrlDrop:
        return UrlDrop(self.world, f"/admin/applications/{self.row.get('id')}{rest}")

    def service_row(self) -> Row | None:
        """The product, known once the application is made."""
        return self.world.db.get("services", self.row.get("service_id"))

    def _version(self) -> str:
        service = self.service_row()
        return str(service["backend_version"]) if service else "1"

    def key_rows(self) -> list[Row]:
        """The application's keys by id."""
        return self.world.db.where("application_keys", application_id=self.row["id"]) if "id" in self.row else []

    @attribute()
    def name(self) -> Any:
        return self.row.get("name")

    @attribute()
    def description(self) -> Any:
        return self.row.get("description")

    @attribute()
    def admin_url(self) -> str:
        host = self.world.tenant["self_domain"]
        return self.world.sandbox.config.url(host) + f"/apiconfig/applications/{self.row.get('id')}"

    @attribute("url", "path")
    def url(self) -> UrlDrop:
        return self._path()

    @attribute()
    def edit_url(self) -> UrlDrop:
        return self._path("/edit")

    @attribute()
    def update_user_key_url(self) -> UrlDrop:
        return self._path("/user_key")

    @attribute()
    def alerts_url(self) -> UrlDrop:
        return self._path("/alerts")

    @attribute()
    def purge_alerts_url(self) -> UrlDrop:
        return self._path("/alerts/purge")

    @attribute()
    def mark_alerts_as_read_url(self) -> UrlDrop:
        return self._path("/alerts/all_read")

    @attribute()
    def application_keys_url(self) -> UrlDrop:
        return self._path("/keys")

    @attribute()
    def change_plan_url(self) -> str:
        service = self.service_row()
        return f"/admin/services/{service['id'] if service else ''}/plans_widget"

    @attribute()
    def plan(self) -> Any:
        row = self.plan_row()
        return ApplicationPlanDrop(self.world, row) if row else None

    @attribute()
    def service(self) -> ServiceDrop:
        return ServiceDrop(self.world, self.service_row())

    @attribute()
    def pending_p(self) -> bool:
        return self.row.get("state") == "pending"

    @attribute()
    def user_key(self) -> Any:
        return self.row.get("user_key")

    @attribute()
    def application_id(self) -> Any:
        return None if self._version() == "1" else self.row.get("application_id")

    @attribute()
    def key(self) -> Any:
        return self.row.get("user_key") if self._version() == "1" else self.row.get("application_id")

    @attribute()
    def keys(self) -> list[str]:
        return [row["value"] for row in self.key_rows()]

    @attribute()
    def application_keys(self) -> Collection:
        return Collection(ApplicationKeyDrop(self.world, row) for row in self.key_rows())

    @attribute()
    def keys_limit(self) -> int:
        return 1 if self._version() == "oauth" else KEYS_MOST

    @attribute()
    def user_key_mode_p(self) -> bool:
        return self._version() == "1"

    @attribute()
    def app_id_mode_p(self) -> bool:
        return self._version() == "2"

    @attribute()
    def oauth_mode_p(self) -> bool:
        return self._version() == "oauth"

    @attribute()
    def redirect_url(self) -> Any:
        return self.row.get("redirect_url")

    @attribute()
    def rejection_reason(self) -> Any:
        return self.row.get("rejection_reason")

    @attribute()
    def filters_limit(self) -> int:
        return 5

    @attribute()
    def referrer_filters(self) -> Collection:
        rows = self.world.db.where("referrer_filters", application_id=self.row.get("id")) if "id" in self.row else []
        return Collection(ReferrerFilterDrop(self.world, row) for row in rows)

    @attribute()
    def alerts(self) -> Collection:
        told = ((self.service_row() or {}).get("notification_settings") or {}).get("web_buyer") or []
        rows = self.world.db.where("alerts", application_id=self.row["id"]) if "id" in self.row else []
        kept = [row for row in reversed(rows) if row["level"] in told and row["state"] != "deleted"]
        return Collection(AlertDrop(self.world, row) for row in kept)

    @attribute()
    def buyer_alerts_enabled_p(self) -> bool:
        service = self.service_row()
        levels = (service["notification_settings"] or {}) if service else {}
        return bool(levels.get("web_buyer") or levels.get("email_buyer"))

    @attribute()
    def can(self) -> ApplicationCan:
        return ApplicationCan(self)

    @attribute()
    def oauth(self) -> OauthDrop:
        return OauthDrop(self)


class ApplicationCan(Drop):
    """What the signed-in user may do with an application."""

    ruby_name = "Application::Can"

    def __init__(self, application: ApplicationDrop) -> None:
        self.application = application

    def _service(self) -> Row:
        return self.application.service_row() or {}

    @attribute("be_updated?", "be_destroyed?")
    def be_updated(self) -> bool:
        return bool(self._service().get("buyers_manage_apps"))

    @attribute()
    def regenerate_user_key_p(self) -> bool:
        return self.be_updated() and bool(self._service().get("buyer_key_regenerate_enabled"))

    @attribute()
    def regenerate_oauth_secret_p(self) -> bool:
        return bool(self._service().get("buyer_key_regenerate_enabled"))

    @attribute()
    def manage_keys_p(self) -> bool:
        return self.be_updated() and bool(self._service().get("buyers_manage_keys"))

    @attribute()
    def add_application_keys_p(self) -> bool:
        return len(self.application.key_rows()) < self.application.keys_limit()

    @attribute()
    def add_referrer_filters_p(self) -> bool:
        return len(self.application.referrer_filters()) < self.application.filters_limit()

    @attribute()
    def delete_key_p(self) -> bool:
        needed = self._service().get("mandatory_app_key") and self.application._version() != "1"
        return not needed or len(self.application.key_rows()) > 1


class OauthDrop(Drop):
    """Addresses for the client secret of an OpenID Connect application."""

    ruby_name = "Application::Oauth"

    def __init__(self, application: ApplicationDrop) -> None:
        self.application = application

    @attribute()
    def create_secret_url(self) -> str:
        return f"/admin/applications/{self.application.row['id']}/keys"

    @attribute()
    def regenerate_secret_url(self) -> str:
        first = (self.application.keys() or [""])[0]
        return f"/admin/applications/{self.application.row['id']}/keys/{quote(first, safe='')}/regenerate"
