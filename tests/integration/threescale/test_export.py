# SPDX-License-Identifier: GPL-3.0-or-later
"""A tenant written to files: the modules take them, change nothing where they came from and make the same elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.threescale.conftest import Runner, Step
from tests.support.standin import Standin, running_standin

SECRET = "a-secret-of-a-policy-0123456789"
PASSWORD = "a-password-of-a-developer"


MADE: list[tuple[str, dict[str, Any]]] = [
    ("threescale_backend", {
        "system_name": "granite", "private_endpoint": "http://granite.llm-hosting.svc:8080",
        "methods": [{"system_name": "chat", "friendly_name": "Chat"}],
        "mapping_rules": [{"http_method": "POST", "pattern": "/v1/chat/completions", "metric": "chat"}],
    }),
    ("threescale_product", {
        "system_name": "granite", "name": "Granite", "description": "Two lines\nof {{ text }}",
        "backend_usages": [{"backend": "granite", "path": "/"}],
        "methods": [{"system_name": "models"}],
        "mapping_rules": [{"http_method": "GET", "pattern": "/v1/models", "metric": "models"}],
        "application_plans": [{
            "system_name": "standard", "published": True,
            "limits": [{"metric": "hits", "period": "minute", "value": 60},
                       {"metric": "chat", "backend": "granite", "period": "day", "value": 1000}],
        }],
        "service_plans": [{"name": "Default", "published": True}],
    }),
    ("threescale_account", {
        "username": "team-a", "org_name": "Team A", "email": "team-a@example.com", "password": PASSWORD,
        "state": "approved",
    }),
    ("threescale_service_subscription", {"accounts": ["team-a"], "products": ["granite"]}),
    ("threescale_application", {
        "account": "team-a", "product": "granite", "plan": "standard", "name": "bot", "user_key": "0123456789abcdef",
    }),
    ("threescale_active_doc", {
        "system_name": "granite", "product": "granite", "published": True,
        "body": {"openapi": "3.0.3", "info": {"title": "API", "version": "1"}, "paths": {}},
    }),
]  # fmt: skip
IMPORTS = {
    "backends": ("threescale_backend", "backends"),
    "products": ("threescale_product", "products"),
    "accounts": ("threescale_account", "accounts"),
    "applications": ("threescale_application", "applications"),
    "active_docs": ("threescale_active_doc", "active_docs"),
}


def portal_step(standin: Standin, image: Path) -> Step:
    page = {"type": "page", "path": "/models", "title": "Models", "layout": "main_layout", "liquid_enabled": True}
    style = {"type": "page", "path": "/css/own.css", "title": "own.css", "layout": "", "content_type": "text/css"}
    content = [
        {"type": "section", "system_name": "pictures", "title": "Pictures", "parent": "root"},
        {**page, "content": "<h1>{{ provider.name }}</h1>\n"},
        {**style, "content": "h1 { color: red }\n"},
        {"type": "partial", "system_name": "shared/note", "content": "a note\n"},
        {"type": "file", "path": "/pictures/dot.png", "section": "pictures", "src": str(image)},
    ]
    return Step("threescale_portal", {"content": content, "portal_url": standin.portal_url})


@pytest.fixture(scope="module")
def filled(standin: Standin, tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """A tenant as somebody may have clicked it together."""
    folder = tmp_path_factory.mktemp("filled")
    (folder / "dot.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff")
    run = Runner(standin, folder)
    run.done(
        *(Step(module, options) for module, options in MADE),
        portal_step(standin, folder / "dot.png"),
    )
    return run


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Standin]:
    """Another fresh tenant."""
    with running_standin() as server:
        yield server


def export(standin: Standin, folder: Path) -> Step:
    return Step("threescale_export", {"path": str(folder), "portal_url": standin.portal_url})


def texts(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def imports(standin: Standin, folder: Path) -> list[Step]:
    """The calls that take the files, each as it is."""
    steps = [
        Step(module, {option: yaml.safe_load((folder / f"{name}.yml").read_text())})
        for name, (module, option) in IMPORTS.items()
    ]
    subscribed = yaml.safe_load((folder / "service_subscriptions.yml").read_text())
    steps[3:3] = [Step("threescale_service_subscription", entry) for entry in subscribed]
    provider = yaml.safe_load((folder / "provider.yml").read_text())
    items = yaml.safe_load((folder / "portal.yml").read_text())
    content = [{**item, "src": str(folder / item["src"])} if "src" in item else item for item in items]
    steps.append(Step("threescale_portal", {"content": content, "portal_url": standin.portal_url}))
    return [Step("threescale_provider", provider), *steps]


def test_export_writes_each_part_without_secrets(standin: Standin, filled: Runner, tmp_path: Path) -> None:
    folder = tmp_path / "exported"
    (check,) = filled.done(Step("threescale_export", export(standin, folder).options, True))
    assert check.changed and not folder.exists()
    real, again = filled.done(export(standin, folder), export(standin, folder))
    assert real.changed and real.actions == check.actions and not again.changed
    files = texts(folder)
    assert set(files) == set(real.data["files"])
    assert files["portal/models.html.liquid"] == b"<h1>{{ provider.name }}</h1>\n"
    assert files["portal/css/own.css"] == b"h1 { color: red }\n"
    assert files["portal/shared/_note.html.liquid"] == b"a note\n"
    assert files["portal/pictures/dot.png"] == b"\x89PNG\r\n\x1a\n\x00\xff"
    whole = b"".join(files.values())
    for secret in (PASSWORD, "0123456789abcdef", standin.token):
        assert secret.encode() not in whole
    products = {product["system_name"]: product for product in yaml.safe_load(files["products.yml"])}
    assert products["granite"]["application_plans"][0]["limits"][0] == {
        "metric": "chat", "backend": "granite", "period": "day", "value": 1000
    }  # fmt: skip
    account = next(item for item in yaml.safe_load(files["accounts.yml"]) if item["username"] == "team-a")
    assert account["email"] == "team-a@example.com" and account["state"] == "approved"


def test_an_import_changes_nothing_where_the_files_came_from(standin: Standin, filled: Runner, tmp_path: Path) -> None:
    filled.done(export(standin, tmp_path))
    for step, result in zip(imports(standin, tmp_path), filled.done(*imports(standin, tmp_path))):
        assert not result.changed, (step.module, result.actions, result.diff)


def test_an_import_elsewhere_makes_the_same(
    standin: Standin, filled: Runner, elsewhere: Standin, tmp_path: Path
) -> None:
    there, here = tmp_path / "there", tmp_path / "here"
    there.mkdir()
    filled.done(export(standin, here))
    run = Runner(elsewhere, tmp_path)
    assert all(result.changed for result in run.done(*imports(elsewhere, here)[1:4]))
    run.done(*imports(elsewhere, here), export(elsewhere, there))
    first, second = texts(here), texts(there)
    assert {name for name in first | second if first.get(name) != second.get(name)} == set()


def test_what_is_gone_from_the_portal_goes_from_the_files(standin: Standin, filled: Runner, tmp_path: Path) -> None:
    own = tmp_path / "portal" / "notes.txt"
    filled.done(export(standin, tmp_path))
    own.write_text("not the export's")
    gone = {"type": "partial", "system_name": "shared/note"}
    removed = Step("threescale_portal", {"content": [{**gone, "state": "absent"}]})
    back = Step("threescale_portal", {"content": [{**gone, "content": "a note\n"}]})
    _removed, exported, _back = filled.done(removed, export(standin, tmp_path), back)
    assert exported.actions == ["update file portal.yml", "delete file portal/shared/_note.html.liquid"]
    assert own.exists() and not (tmp_path / "portal/shared/_note.html.liquid").exists()


def test_secrets_of_policies_are_hidden_and_named(standin: Standin, filled: Runner, tmp_path: Path) -> None:
    policy = {"name": "headers", "version": "builtin", "enabled": True, "configuration": {"client_secret": SECRET}}
    chain = {"system_name": "granite", "policies": [policy, {"name": "apicast", "version": "builtin"}]}
    only = {"path": str(tmp_path), "parts": ["products"]}
    filled.done(Step("threescale_product", chain), Step("threescale_export", only))
    assert SECRET not in (tmp_path / "products.yml").read_text()
    assert "products.granite.policies.headers.configuration.client_secret is a secret" in " ".join(
        filled.output.split()
    )
    assert [path.name for path in tmp_path.iterdir()] == ["products.yml"]


def test_wrong_folders_give_one_sentence(filled: Runner, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    steps = [
        Step("threescale_export", {"path": f"{tmp_path}/{name}", "parts": ["backends"]})
        for name in ("file", "file/below")
    ]
    wrong, below = filled(*steps)
    assert "name a folder for the export" in wrong.message
    assert "can't write" in below.message


def test_secrets_of_policies_stay_behind(run: Runner) -> None:
    """They are in no export, and what stands in their place is refused on import, by its option."""
    chain = [
        {
            "name": "headers",
            "configuration": {
                "request": [
                    {"op": "set", "header": "Authorization", "value_type": "plain", "value": "Bearer hush-hush-1"}
                ]
            },
        },
        {
            "name": "token_introspection",
            "configuration": {
                "auth_type": "client_id+client_secret",
                "client_id": "gateway",
                "client_secret": "hush-hush-2",
                "introspection_url": "https://gateway:hush-hush-3@sso.example.com/introspect",
            },
        },
        {"name": "apicast"},
    ]
    product = {"system_name": "quiet", "policies": chain, "promotion": "none"}
    _made, told = run.done(
        Step("threescale_product", product),
        Step("threescale_product_info", {"products": ["quiet"], "export": True}),
    )
    assert "hush-hush" not in json.dumps(told.data)
    policies = told.data["products"][0]["policies"]
    assert policies[1]["configuration"]["introspection_url"] == "https://(secret)@sso.example.com/introspect"
    (refused,) = run(Step("threescale_product", {**product, "policies": policies}))
    assert "policies[0].configuration.request[0].value: an export left out a secret here" in refused.message
    assert refused.writes == 0 and "hush-hush" not in run.output


def test_export_comes_back_unchanged(run: Runner) -> None:
    """What threescale_product_info exports is what threescale_product takes: importing it changes nothing."""
    wanted = {
        "system_name": "export-me",
        "description": "to be exported",
        "metrics": [{"system_name": "tokens", "unit": "token"}],
        "methods": [{"system_name": "chat"}],
        "mapping_rules": [{"http_method": "POST", "pattern": "/chat", "metric": "chat"}],
        "features": [{"system_name": "fast"}],
        "application_plans": [
            {
                "system_name": "basic",
                "limits": [{"metric": "tokens", "period": "day", "value": 5}],
                "pricing_rules": [{"metric": "tokens", "cost_per_unit": 0.5}],
                "features": ["fast"],
            }
        ],
        "promotion": "none",
    }
    _made, exported = run.done(
        Step("threescale_product", wanted),
        Step("threescale_product_info", {"products": ["export-me"], "export": True}),
    )
    (tree,) = exported.data["products"]
    assert tree["application_plans"][0]["limits"] == [{"metric": "tokens", "period": "day", "value": 5}]
    assert tree["mapping_rules"][0]["metric"] == "chat"
    assert "secret_token" not in tree["proxy"]
    back, usage = run.done(
        Step("threescale_product", {"products": [{**tree, "prune": True, "promotion": "none"}]}),
        Step("threescale_usage_info", {"products": ["export-me"], "metrics": ["hits"], "period": "month"}),
    )
    assert not back.changed, back.actions
    assert [(entry["metric"], entry["total"]) for entry in usage.data["usage"]] == [("hits", 0)]
