# SPDX-License-Identifier: GPL-3.0-or-later
"""Content of the CMS: files and pages at their paths. Any verb is answered as GET, but not at `/`."""

from __future__ import annotations

import re
from urllib.parse import quote

from ...store import Row
from ..answers import Answer, NotThereError
from ..files import storage_path
from ..object_storage import file_url
from ..rendering import Rendering
from ..visit import Visit

STORAGE = "/system/"


def show(visit: Visit) -> Answer:
    """The file or the published page at the path; both must lie in public sections."""
    path = _normal(visit.path)
    if path == "/" and visit.method not in ("GET", "HEAD"):
        raise NotThereError
    visit.page.controller, visit.page.action, visit.page.menus = "new_content", "show", {"main_menu": "portal"}
    if path.startswith(STORAGE):
        return _stored(visit, path)
    own = {"provider_id": visit.tenant["id"], "path": path}
    file = visit.db.first("cms_files", **own)
    if file is not None:
        return _download(visit, file)
    row = next((row for row in visit.db.where("cms_templates", **own) if row["type"] == "page"), None)
    if row is None or row["published"] is None or not is_public(visit, row["section_id"]):
        raise NotThereError
    return Answer(200, Rendering(visit).page(row).encode(), row["content_type"] or "text/html")


def _normal(path: str) -> str:
    return re.sub(r"^/+", "/", path.rstrip("/")) or "/"


def is_public(visit: Visit, section_id: int | None) -> bool:
    """Whether a section and all above it are public: groups of developers, who may see others, have no API."""
    seen: set[int] = set()
    while section_id is not None and section_id not in seen:
        section = visit.db.get("cms_sections", section_id)
        if section is None or not section["public"]:
            return False
        seen.add(section_id)
        section_id = section["parent_id"]
    return True


def _download(visit: Visit, file: Row) -> Answer:
    if not is_public(visit, file["section_id"]):
        raise NotThereError
    if visit.sandbox.config.files == "s3":
        headers = {
            "Location": file_url(visit.sandbox, visit.tenant, file, visit.scope),
            "Cache-Control": "public, max-age=3600",
        }
        return Answer(302, b"", file["attachment_content_type"], headers, charset=False)
    name = file["attachment_file_name"] or "file"
    plain = name.encode("ascii", "replace").decode().replace('"', "'")
    kind = "attachment" if file["downloadable"] else "inline"
    headers = {
        "Content-Disposition": f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}",
        "Cache-Control": visit.sandbox.config.release.files_cache,
        "Content-Transfer-Encoding": "binary",
    }
    return Answer(200, file["attachment"], file["attachment_content_type"], headers, charset=False)


def _stored(visit: Visit, path: str) -> Answer:
    """The bytes at their storage address, which whoever knows it may read."""
    cache = visit.sandbox.config.release.files_cache
    for file in visit.db.where("cms_files", provider_id=visit.tenant["id"]):
        if storage_path(visit.tenant, file).partition("?")[0] == path:
            return Answer(
                200, file["attachment"], file["attachment_content_type"], {"Cache-Control": cache}, charset=False
            )
    raise NotThereError
