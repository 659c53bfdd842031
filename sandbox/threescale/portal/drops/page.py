# SPDX-License-Identifier: GPL-3.0-or-later
"""What every page has: addresses, request, flash, menu, dates, pages of lists."""

from __future__ import annotations

import datetime
from typing import Any
from urllib.parse import urlsplit

from ..templating.drop import Drop, TextDrop, attribute
from .rows import RowDrop
from .world import Page, World


class UrlDrop(TextDrop):
    """An address that knows whether the current page is it."""

    def __init__(self, world: World, url: str, title: str = "") -> None:
        self.world, self.url, self.named = world, url, title

    @attribute()
    def title(self) -> str:
        return self.named

    @attribute()
    def current_p(self) -> bool:
        return self.world.page.path == urlsplit(self.url).path

    @attribute()
    def current_or_subpath_p(self) -> bool:
        return self.world.page.path.startswith(urlsplit(self.url).path)

    @attribute()
    def active_p(self) -> bool:
        page = self.world.page
        if not page.has_view:
            return False
        submenu = page.menus.get("submenu", "")
        return self.current_p() or bool(self.named) and submenu == self.named.lower().replace(" ", "_")

    def to_text(self) -> str:
        return self.url


# name: (path, absolute, title)
_URLS: dict[str, tuple[str, bool, str]] = {
    "login": ("/login", True, ""),
    "logout": ("/logout", True, ""),
    "signup": ("/signup", True, ""),
    "forgot_password": ("/admin/account/password/new", True, ""),
    "new_application": ("/admin/applications/new", True, ""),
    "service_subscription": ("/admin/service_contracts/new", True, ""),
    "search": ("/search", True, ""),
    "compose_message": ("/admin/messages/sent/new", True, ""),
    "messages_new": ("/admin/messages/new", True, ""),
    "messages_outbox": ("/admin/messages/sent", True, ""),
    "messages_trash": ("/admin/messages/trash", True, ""),
    "messages_inbox": ("/admin/messages/received", True, "Messages"),
    "empty_messages_trash": ("/admin/messages/trash", False, ""),
    "credit_card_terms": ("/terms", True, ""),
    "credit_card_privacy": ("/privacy", True, ""),
    "credit_card_refunds": ("/refunds", True, ""),
    "personal_details": ("/admin/account/personal_details", True, "Personal Details"),
    "access_details": ("/admin/access_details", True, ""),
    "new_invitation": ("/admin/account/invitations/new", True, ""),
    "invitations": ("/admin/account/invitations", True, "Invitations"),
    "dashboard": ("/admin", False, "Overview"),
    "applications": ("/admin/applications", False, "Applications"),
    "api_access_details": ("/admin/access_details", False, "API Access Details"),
    "services": ("/admin/services", False, "Services"),
    "stats": ("/buyer/stats", False, "Stats"),
    "account_overview": ("/admin/account", False, "Overview"),
    "users": ("/admin/account/users", False, "Users"),
    "account_plans": ("/admin/account/account_plans", False, "Plans"),
    "invoices": ("/admin/account/invoices", False, "Invoices"),
}


class UrlsDrop(Drop):
    """The portal's addresses by name."""

    def __init__(self, world: World) -> None:
        self.world = world

    def missing(self, name: object) -> Any:
        if name == "cas_login":
            return ""
        found = _URLS.get(str(name))
        if found is None or (name == "personal_details" and not self.world.settings["useraccountarea_enabled"]):
            return None
        path, absolute, title = found
        return UrlDrop(self.world, (self.world.page.origin if absolute else "") + path, title)


class RequestDrop(Drop):
    """The request that is answered."""

    def __init__(self, page: Page, original_url: bool = True) -> None:
        self.page, self.has_original_url = page, original_url

    @attribute()
    def path(self) -> str:
        return self.page.path

    @attribute()
    def request_uri(self) -> str:
        return self.page.url

    @attribute()
    def original_url(self) -> str | None:
        return self.page.url if self.has_original_url else None

    @attribute()
    def host(self) -> str:
        return self.page.host

    @attribute()
    def host_with_port(self) -> str:
        return self.page.host_with_port


class FlashMessageDrop(Drop):
    """A message of the last request."""

    ruby_name = "Flash::Message"
    TYPES = {"notice": "info", "alert": "danger", "error": "danger"}  # noqa: RUF012

    def __init__(self, kind: str, words: str) -> None:
        self.kind, self.words = kind, words

    @attribute()
    def type(self) -> str:  # noqa: A003
        return self.TYPES.get(self.kind, self.kind)

    @attribute()
    def text(self) -> str:
        return self.words


class FlashDrop(Drop):
    """The messages of the last request."""

    def __init__(self, messages: dict[str, str]) -> None:
        self.kept = messages

    @attribute()
    def messages(self) -> list[FlashMessageDrop]:
        return [FlashMessageDrop(kind, words) for kind, words in self.kept.items()]


class MenuDrop(Drop):
    """Which entry of the menus is active."""

    def __init__(self, menus: dict[str, str]) -> None:
        self.menus = menus

    @attribute()
    def active_menu(self) -> str | None:
        return self.menus.get("main_menu")

    @attribute()
    def active_submenu(self) -> str | None:
        return self.menus.get("submenu")

    @attribute()
    def active_sidebar(self) -> str | None:
        return self.menus.get("sidebar")


class TodayDrop(Drop):
    """The date of today (UTC); the filter `date` takes it too."""

    def __init__(self, moment: float) -> None:
        self.date = datetime.datetime.fromtimestamp(moment, datetime.timezone.utc).date()

    def moment(self) -> datetime.date:
        """The date itself, for the filter `date`."""
        return self.date

    @attribute()
    def year(self) -> int:
        return self.date.year

    @attribute()
    def month(self) -> int:
        return self.date.month

    @attribute()
    def day(self) -> int:
        return self.date.day

    @attribute()
    def beginning_of_month(self) -> datetime.date:
        return self.date.replace(day=1)


class I18nDrop(Drop):
    """Patterns for the filter `date`."""

    ruby_name = "I18n"
    PATTERNS = {
        "short_date": "%b %d",
        "long_date": "%B %d, %Y",
        "default_date": "%Y-%m-%d",  # noqa: RUF012
        "default_time": "%d %b %Y %H:%M:%S %Z",
    }

    def missing(self, name: object) -> Any:
        return self.PATTERNS.get(str(name))


class ContentOfDrop(Drop):
    """What `content_for` blocks of the page hold, by name."""

    def __init__(self, store: dict[str, str]) -> None:
        self.store = store

    def missing(self, name: object) -> Any:
        return self.store.get(str(name), "")


class PageDrop(RowDrop):
    """A page of the CMS, or a built-in one."""

    @attribute()
    def title(self) -> Any:
        from ..cms_rules import title_of

        return title_of(self.row)

    @attribute()
    def system_name(self) -> Any:
        return self.row["system_name"] or None


class ForumDrop(Drop):
    """The forum, which the server has no more."""

    @attribute()
    def enabled_p(self) -> bool:
        return False
