# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages from templates: the tenant's own, where errors stand in the text; built-in ones, where they end in a 500."""

from __future__ import annotations

import logging
import re
from typing import Any

from ..store import Row
from .answers import BROKEN, Answer, RefusalError, data, html
from .content import default_partial, default_text
from .drops.account import AccountDrop
from .drops.page import (
    ContentOfDrop,
    FlashDrop,
    ForumDrop,
    I18nDrop,
    MenuDrop,
    PageDrop,
    RequestDrop,
    TodayDrop,
    UrlsDrop,
)
from .drops.provider import NewSignupDrop, ProviderDrop, SiteDrop
from .drops.users import CurrentUserDrop
from .language import LIQUID
from .markup import marked_up
from .object_storage import file_url
from .templating import TemplateError
from .templating.html import button, input_button
from .visit import Visit

log = logging.getLogger("sandbox.threescale.portal")
# the types of the suffixes that the server's framework knows
_TYPES = {
    **dict.fromkeys(("jpg", "jpeg", "jpe", "pjpeg"), "image/jpeg"),
    **{name: f"image/{name}" for name in ("png", "gif", "bmp")},
    **dict.fromkeys(("tif", "tiff"), "image/tiff"),
    **{name: f"font/{name}" for name in ("otf", "ttf", "woff", "woff2")},
    **{name: f"application/{name}" for name in ("pdf", "zip")},
    **{name: f"text/{name}" for name in ("css", "csv", "vtt")},
    **dict.fromkeys(("gz", "gzip"), "application/gzip"),
    **dict.fromkeys(("yaml", "yml"), "application/x-yaml"),
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "ics": "text/calendar",
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "webm": "video/webm",
}
_CONTENT_TAG = re.compile(r"\{%\s*content\s*%\}")


class Rendering:
    """The templates of one request: they share `content_for` and what they were given."""

    def __init__(self, visit: Visit) -> None:
        self.visit, self.world = visit, visit.world()
        self.content_for: dict[str, str] = {}

    def _template(self, kinds: tuple[str, ...], name: str) -> Row | None:
        for kind in kinds:
            found = self.visit.db.first(
                "cms_templates", provider_id=self.visit.tenant["id"], type=kind, system_name=name
            )
            if found is not None:
                return found
        return None

    def _partial(self, name: str) -> str | None:
        found = self._template(("partial", "builtin_partial"), name)
        return found["published"] if found is not None else default_partial(name)

    def _file_url(self, path: str) -> str | None:
        tenant = self.visit.tenant
        found = self.visit.db.first("cms_files", provider_id=tenant["id"], path=path)
        return file_url(self.visit.sandbox, tenant, found, self.visit.scope) if found is not None else None

    def _no_store(self) -> None:
        self.visit.answer_headers.update(
            {
                "Cache-Control": self.visit.sandbox.config.release.no_store,
                "Pragma": "no-cache",
                "Expires": "Mon, 01 Jan 1990 00:00:00 GMT",
            }
        )

    def variables(self) -> dict[str, Any]:
        """What every template gets."""
        world, page = self.world, self.visit.page
        provider, menu = ProviderDrop(world), MenuDrop(page.menus)
        found: dict[str, Any] = {
            "provider": provider,
            "site_account": provider,
            "site": SiteDrop(world),
            "request": RequestDrop(page, self.visit.sandbox.config.release.original_url),
            "urls": UrlsDrop(world),
            "forum": ForumDrop(),
            "today": TodayDrop(self.visit.sandbox.now()),
            "i18n": I18nDrop(),
            "content_of": ContentOfDrop(self.content_for),
            "flash": FlashDrop(self.visit.session.messages()),
            "model": NewSignupDrop(world),
            "menu": menu,
            "_menu": menu,
        }
        if world.user is not None and world.account is not None:
            found["current_user"] = CurrentUserDrop(world, world.user)
            found["current_account"] = AccountDrop(world, world.account)
        return found

    def _registers(self) -> dict[str, Any]:
        return {
            "world": self.world,
            "csrf": self.visit.session.token,
            "button": button if self.visit.sandbox.config.release.button_elements else input_button,
            "content_for": self.content_for,
            "partials": self._partial,
            "file_url": self._file_url,
            "no_store": self._no_store,
            "flash": self.visit.session.messages(),
        }

    def _text(self, source: str, drops: dict[str, Any], raising: bool) -> str:
        template = LIQUID.template(source)
        return template.text({**self.variables(), **drops}, self._registers(), raising=raising)

    # -- the tenant's own pages

    def page(self, row: Row) -> str:
        """A page of the CMS with its layout."""
        drops = {"page": PageDrop(self.world, row), "page_title": row["title"]}
        text = self._cms_text(row, drops)
        layout = self.visit.db.get("cms_templates", row["layout_id"])
        return text if layout is None else self._cms_text(layout, {**drops, "content": text})

    def _cms_text(self, row: Row, drops: dict[str, Any]) -> str:
        source = row["published"] or ""
        if row["liquid_enabled"]:
            text = self._text(source, drops, raising=False)
        else:
            self.visit.session.messages()
            content = str(drops.get("content", ""))
            text = _CONTENT_TAG.sub(lambda _match: content, source) if row["type"] == "layout" else source
        return marked_up(row["handler"], text)

    # -- built-in pages

    def builtin(self, name: str, drops: dict[str, Any], layout: str | None = None) -> str:
        """A built-in page in its own layout, else in the one that is named, else in the main one."""
        row = self._template(("builtin_page",), name)
        source = row["published"] if row is not None else default_text(f"pages/builtin/{name}.liquid")
        text = self._text(source or "", drops, raising=True)
        own = self.visit.db.get("cms_templates", row["layout_id"]) if row is not None else None
        found = own or self._template(("layout",), layout or "main_layout")
        around = (found["published"] or "") if found else default_text(f"layouts/{layout or 'main_layout'}.liquid")
        return self._text(around, {**drops, "content": text}, raising=True)


def show(visit: Visit, name: str, drops: dict[str, Any] | None = None, status: int = 200) -> Answer:
    """A built-in page; the static page of status 500 when one of its templates fails."""
    visit.page.has_view = True
    try:
        return html(Rendering(visit).builtin(name, drops or {}), status)
    except Exception as error:  # noqa: BLE001 - a template of the tenant's fails in any way it likes
        return _broken(name, error)


def refused(visit: Visit, refusal: RefusalError) -> Answer:
    """The answer of a refusal, in the format that the path asks for."""
    if visit.format == "json":
        return data({"status": refusal.title}, refusal.status)
    if visit.format == "xml":
        return Answer(refusal.status, b"", "application/xml")
    if visit.format != "html":
        return Answer(refusal.status, refusal.title.encode(), _type_of_errors(visit))
    name, visit.page.has_view = f"errors/{refusal.kind}", True
    rendering = Rendering(visit)
    row = visit.db.first("cms_templates", provider_id=visit.tenant["id"], type="builtin_page", system_name=name)
    drops = {"page": PageDrop(rendering.world, row)} if row is not None else {}
    try:
        return html(rendering.builtin(name, drops, "error"), refusal.status)
    except Exception as error:  # noqa: BLE001
        return _broken(name, error)


def _type_of_errors(visit: Visit) -> str:
    """The type of a text in a format that has no page of errors."""
    suffix = visit.path.rpartition(".")[2]
    return "text/plain" if visit.sandbox.config.release.plain_error_type else _TYPES.get(suffix, "text/plain")


def _broken(name: str, error: Exception) -> Answer:
    known = isinstance(error, TemplateError)
    log.warning("built-in page %s failed: %s", name, error, exc_info=None if known else error)
    return BROKEN
