# SPDX-License-Identifier: GPL-3.0-or-later
"""The snippets of a model's page, run as they are copied from it, with a developer's key in the environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
import requests
import yaml

from tests.clients.conftest import NODE, node_folder
from tests.clients.service import TASKS, Service

CHAT = ["curl", "python", "javascript", "stream", "tools", "json", "langchain", "environment"]
CALLS = [("granite", name) for name in CHAT]
CALLS += [("nomic", name) for name in ("curl", "python", "javascript", "langchain", "environment")]
CALLS += [("starcoder", name) for name in ("curl", "python", "javascript", "environment")]
CALLS += [("bge", name) for name in ("curl", "python", "javascript")]
#: what is not run here: litellm is too large a package for a test; the others are a file, and a container
UNTRIED = {"granite": {"litellm", "continue", "open_webui"}, "nomic": {"litellm", "continue"}}
#: what of a task's answer stands in what a snippet prints
SAID = {"starcoder": "def fibonacci", "bge": "relevance_score"}
#: what a program that reads the variables of OpenAI does after `environment`
READER = 'import os, openai\nprint([m.id for m in openai.OpenAI().models.list()] == [os.environ["OPENAI_MODEL"]])'
# the sandbox's gateway has no certificate, so its addresses here differ from those of the page by scheme and port
PUBLIC = "https://{product}-maas-apicast-production.apps.localhost"


class Snippets(HTMLParser):
    """The texts of a page's snippets by their names, as a browser copies them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: dict[str, str] = {}
        self._name = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = dict(attrs).get("id") or ""
        self._name = own.rpartition("-")[2] if tag == "code" and own.startswith("snippet-") else ""

    def handle_endtag(self, tag: str) -> None:
        self._name = "" if tag == "code" else self._name

    def handle_data(self, data: str) -> None:
        if self._name:
            self.texts[self._name] = self.texts.get(self._name, "") + data


@pytest.fixture(scope="module")
def pages(service: Service) -> dict[str, dict[str, str]]:
    """The snippets of each model's page."""
    service.publish()
    found = {}
    for product in TASKS:
        answer = requests.get(f"{service.portal}/models/{product}", timeout=30)
        assert answer.status_code == 200, answer.text
        public = PUBLIC.format(product=product)
        texts = Snippets(answer.text).texts
        # no snippet leads anywhere else
        assert all(public in text for text in texts.values()), texts
        found[product] = {name: text.replace(public, service.address(product)) for name, text in texts.items()}
    return found


def command(name: str, text: str, folder: Path) -> list[str]:
    """How a snippet is run: in a shell, by Python, or by Node beside its packages."""
    if name == "javascript":
        place = folder / "node"
        place.mkdir()
        (place / "node_modules").symlink_to(node_folder() / "node_modules")
        (place / "snippet.mjs").write_text(text)
        return [str(NODE), str(place / "snippet.mjs")]
    if name in ("curl", "environment", "open_webui"):
        after = f"\nexec {sys.executable} -c '{READER}'" if name == "environment" else ""
        (folder / "snippet.sh").write_text(text + after)
        return ["bash", "-eu", str(folder / "snippet.sh")]
    (folder / "snippet.py").write_text(text)
    return [sys.executable, str(folder / "snippet.py")]


def run(name: str, text: str, folder: Path, **variables: str) -> str:
    """What a snippet prints."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **variables}
    done = subprocess.run(
        command(name, text, folder), env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.parametrize(("product", "name"), CALLS)
def test_a_call(service: Service, pages: dict[str, dict[str, str]], product: str, name: str, tmp_path: Path) -> None:
    said = run(name, pages[product][name], tmp_path, MAAS_API_KEY=service.key)
    if name == "environment":
        assert said.strip() == "True"
    elif name == "curl":
        told, place = json.loads(said), {"nomic": "data", "bge": "results"}.get(product, "choices")
        assert told["usage"]["total_tokens"] > 0 and told[place]
    elif product in SAID:
        assert SAID[product] in said
    elif product == "nomic":
        assert said.count(",") == 4, "the first five numbers of a vector"
    else:
        words = {"tools": "weather_of {", "json": "{'", "stream": " tokens"}
        assert words.get(name, "haiku") in said


def test_every_snippet_of_a_page_is_tried(pages: dict[str, dict[str, str]]) -> None:
    for product, texts in pages.items():
        tried = {name for of, name in CALLS if of == product}
        assert set(texts) == tried | UNTRIED.get(product, set()), product


def test_programs_are_told_what_they_read(service: Service, pages: dict[str, dict[str, str]], tmp_path: Path) -> None:
    for product, roles in (("granite", ["chat", "edit", "apply"]), ("nomic", ["embed"])):
        told = yaml.safe_load(pages[product]["continue"])
        (model,) = told.pop("models")
        assert told == {"name": "models", "version": "1.0.0", "schema": "v1"}
        assert model["apiBase"] == f"{service.address(product)}/v1" and model["roles"] == roles
        assert (model["provider"], model["model"]) == ("openai", product)
        assert model["apiKey"] == "${{ secrets.MAAS_API_KEY }}"
    docker = tmp_path / "docker"
    docker.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    docker.chmod(0o755)
    said = run("open_webui", pages["granite"]["open_webui"], tmp_path, MAAS_API_KEY="a key", PATH=f"{tmp_path}:/bin")
    words = said.splitlines()
    assert words[0] == "run" and words[-1].startswith("ghcr.io/open-webui/")
    assert {"OPENAI_API_KEY=a key", f"OPENAI_API_BASE_URL={service.address('granite')}/v1"} <= set(words)
