# SPDX-License-Identifier: GPL-3.0-or-later
"""Pure parts of the node: paths, variables, the image table, a Pod's phase."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sandbox.common.golang import parse_go_version
from sandbox.kubernetes.kubelet import images, podspec
from sandbox.kubernetes.kubelet.__main__ import TABLE
from sandbox.kubernetes.kubelet.images import Image, TableError
from sandbox.kubernetes.kubelet.status import Container, phase

MOUNTS = {"/mnt/models": "/s/models", "/mnt": "/s/mnt", "/cache/": "/s/cache"}


@pytest.mark.parametrize(
    ("text", "moved"),
    [
        ("--model=/mnt/models", "--model=/s/models"),
        ("/mnt/models/config.json", "/s/models/config.json"),
        ("/mnt/models-old", "/s/mnt/models-old"),
        ("/mnts/models", "/mnts/models"),
        ("/mnt/other:/cache", "/s/mnt/other:/s/cache"),
        ("http://host/mnt", "http://host/mnt"),
        ("cd /cache; ls", "cd /s/cache; ls"),
        ("", ""),
    ],
)
def test_mount_paths_move_as_whole_parts(text: str, moved: str) -> None:
    assert podspec.move_paths(text, MOUNTS) == moved


@pytest.mark.parametrize(
    "image",
    [
        "ghcr.io/ggml-org/llama.cpp:server-b10068",
        "ghcr.io/huggingface/text-embeddings-inference:cpu-1.9",
        "registry.redhat.io/rhaiis/vllm-cuda-rhel9:3.2.5",
        "docker.io/kserve/storage-initializer:v0.15.2",
        "registry.access.redhat.com/ubi9/python-312:1",
        "docker.io/library/python:3.12",
    ],
)
def test_an_image_is_the_same_by_tag_and_by_digest(image: str) -> None:
    table = images.load(TABLE)
    by_tag = images.find(table, image)
    assert by_tag is not None and by_tag.does == "run"
    assert images.find(table, image.rpartition(":")[0] + "@sha256:" + 32 * "6a") == by_tag


@pytest.mark.parametrize(("text", "value"), [("$(A)-$(B)", "1-$(B)"), ("$$(A)", "$(A)"), ("$A", "$A")])
def test_variables_expand_as_kubernetes_does(text: str, value: str) -> None:
    assert podspec.expand(text, {"A": "1"}) == value


def test_command_line_takes_the_containers_lists_and_labels() -> None:
    image = Image(re.compile("x"), "run", ("{python}", "--name={label:app.kubernetes.io/name}", "{args}"))
    labels = {"app.kubernetes.io/name": "n"}
    assert images.command_line(image, ["c"], ["-a", "b"], {"python": "py"}, labels) == ["py", "--name=n", "-a", "b"]
    with pytest.raises(TableError, match="nothing is called"):
        images.render("{oops}", {"python": "py"}, {})


@pytest.mark.parametrize(
    "row",
    [{"match": "a"}, {"match": "a", "run": ["x"], "ready": True}, {"match": "(", "ready": True}, {"ready": True}, "a"],
)
def test_wrong_rows_of_the_image_table_are_named(row: Any) -> None:
    with pytest.raises(TableError, match="entry 1"):
        images.parse({"images": [row]})


def ended(code: int) -> Container:
    container = Container("c", "i")
    container.running()
    container.terminated(code)
    return container


def running() -> Container:
    container = Container("c", "i")
    container.running()
    return container


@pytest.mark.parametrize(
    ("policy", "inits", "containers", "wanted"),
    [
        ("Always", [], [Container("c", "i")], "Pending"),
        ("Always", [], [running()], "Running"),
        ("Always", [Container("i", "i")], [Container("c", "i")], "Pending"),
        ("Never", [ended(1)], [Container("c", "i")], "Failed"),
        ("OnFailure", [ended(1)], [Container("c", "i")], "Pending"),
        ("Never", [], [ended(0), ended(0)], "Succeeded"),
        ("Never", [], [ended(0), ended(2)], "Failed"),
        ("Never", [], [ended(0), running()], "Running"),
        ("OnFailure", [], [ended(2)], "Running"),
        ("Always", [], [ended(0)], "Running"),
    ],
)
def test_phase(policy: str, inits: list[Container], containers: list[Container], wanted: str) -> None:
    assert phase(policy, inits, containers) == wanted


@pytest.mark.parametrize(
    ("text", "version"),
    [("go version go1.26.8 linux/amd64", (1, 26, 8)), ("go version go1.24rc1 linux", (1, 24)), ("gcc 12", None)],
)
def test_go_version(text: str, version: tuple[int, ...] | None) -> None:
    assert parse_go_version(text) == version
