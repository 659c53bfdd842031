# SPDX-License-Identifier: GPL-3.0-or-later
"""The role's own pages in a portal of this process: made as the role makes them, and laid into the store."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from tests.sandbox.portal.visitors import D, Portal

ROOT = Path(__file__).resolve().parents[3]
ROLE = ROOT / "roles" / "portal_content"
sys.path.append(subprocess.run([ROOT / "tools" / "tree"], capture_output=True, text=True, check=True).stdout.strip())

from ansible_collections.rhai.maas.plugins.module_utils.catalogue import entries  # noqa: E402
from ansible_collections.rhai.maas.plugins.module_utils.catalogue import portal as cards  # noqa: E402
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal import liquid as liquid  # noqa: E402
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal.tree import tree_items  # noqa: E402
from ansible_collections.rhai.maas.plugins.plugin_utils import portal_pages  # noqa: E402

#: 120 characters of what pages must show as it is; a filter would make 8 of it
ODD = ("\"><script>alert(1)</script>'{{ 7 | plus: 1 }}{% raw %}[[ x ]]🦜&amp;" + "long" * 20)[:120]
PLANS: list[dict[str, Any]] = [
    {
        "name": "standard",
        "title": ODD,
        "limits": [{"requests": 60, "per": "minute"}, {"tokens": 100000, "per": "day"}],
        "prices": [{"metric": "total_tokens", "cost_per_unit": 0.002}],
        "cost_per_month": 5,
    }
]
SETTINGS: dict[str, Any] = {
    "theme": {},
    "name": "",
    "currency": "€",
    "legal": {"terms": "<h2>Terms {{ 7 | plus: 1 }}</h2>"},
    "trust": "-----BEGIN CERTIFICATE-----",
    "key_prefix": "sk-maas-",
    "password_sign_up": False,
    "invitations": False,
    "single_sign_out": True,
    "identity_provider": "",
    "language": "en",
}


def life(number: int) -> dict[str, Any]:
    """When a model came, changed and goes."""
    changes = [{"date": f"2026-0{month}-01", "text": ODD} for month in (2, 3)]
    return {"since": "2026-01-01", "changes": changes, "leaves": "2030-12-31" if number % 2 else None, "preview": True}


def models(count: int) -> list[dict[str, Any]]:
    """So many models of a catalogue, of all tasks, with texts that mean something to HTML and to Liquid."""
    tasks = ["chat", "embedding", "rerank", "completion", "transcription"]
    return [
        {
            "name": f"model-{number}",
            "title": ODD,
            "description": ODD,
            "task": tasks[number % len(tasks)],
            "source": {"huggingface": "owner/model"},
            "serving": {"args": ["--enable-auto-tool-choice"]},
            "card": {"licence": ODD, "model_id": ODD, "context_length": 8192, "dimensions": 768, **life(number)},
            "plans": ["standard"],
        }
        for number in range(count)
    ]


def table(language: str) -> portal_pages.Texts:
    """The texts of a language over those of English."""
    files = [ROLE / "languages" / f"{name}.yml" for name in dict.fromkeys(("en", language))]
    return portal_pages.Texts(portal_pages.merged(*(yaml.safe_load(file.read_text()) for file in files)))


def templates() -> dict[str, str]:
    """The role's templates by their names."""
    folder = ROLE / "templates" / "portal"
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.j2")}


def made_of(count: int) -> list[dict[str, Any]]:
    """The cards of COUNT models."""
    return cards.portal_models(
        entries.catalogue(models(count), PLANS, "maas"),
        {"tenant": "maas", "superdomain": D, "public_port": 443, "plans": PLANS, "products": []},
    )


def files(count: int, **changes: Any) -> dict[str, str]:
    """Everything that the role publishes for a catalogue of COUNT models, but pictures."""
    settings = {**SETTINGS, **changes}
    made = made_of(count)
    settings.setdefault("security_policy", portal_pages.security_policy(made))
    static = {
        path.relative_to(ROLE / "files" / "portal").as_posix(): path.read_text()
        for path in (ROLE / "files" / "portal").rglob("*.*")
        if path.suffix in (".css", ".js")
    }
    return static | portal_pages.pages(templates(), made, table(settings["language"]), settings)


def publish(portal: Portal, count: int, language: str, made: dict[str, str] | None = None) -> None:
    """Lay the files, or MADE, into the portal's store, as they are there after the module has written them."""
    given = made or files(count, language=language)
    titles = portal_pages.titles(made_of(count), table(language), SETTINGS["legal"])
    db = portal.server.sandbox.db
    tenant = db.first("accounts", domain=f"maas.{D}")
    assert tenant is not None
    rows = {
        (row["type"], row["system_name"] or row["path"]): row
        for row in db.where("cms_templates", provider_id=tenant["id"])
    }
    names: dict[str, Sequence[str]] = {
        kind: [name for (of, name) in rows if of == kind] for kind in ("builtin_page", "builtin_partial")
    }
    layout = rows["layout", "main_layout"]
    with db.transaction():
        for item in tree_items(given, names["builtin_page"], names["builtin_partial"], "main_layout"):
            if item["type"] in ("section", "file"):
                continue
            values = {"published": given[item["file"]], "liquid_enabled": item.get("liquid_enabled", True)}
            found = db.first("cms_templates", provider_id=tenant["id"], path=item["path"]) if "path" in item else None
            found = found or rows.get((item["type"], item.get("system_name", "")))
            if found is None:
                own = {"provider_id": tenant["id"], "tenant_id": tenant["id"], "type": item["type"]}
                found = db.insert(
                    "cms_templates", **own, system_name=item.get("system_name") or item["path"].strip("/")
                )
            values |= {name: item[name] for name in ("path", "title", "content_type") if name in item}
            if item.get("path") in titles:
                values["title"] = titles[item["path"]]
            if item["type"] == "page":
                values |= {"layout_id": layout["id"] if item["layout"] else None, "section_id": layout["section_id"]}
            db.update("cms_templates", found, **values)
