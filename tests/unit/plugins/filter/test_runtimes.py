# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of runtimes with a site's images and OpenShift AI's templates, and the objects that come of it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.entries import catalogue
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.images import image_wishes
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.runtimes import serving_runtimes
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.serving import faults, serving_objects

NAME = "--served-model-name={{.Name}}"
TABLE: dict[str, Any] = {
    "vllm": {
        "image": "vllm:1",
        "command": ["ours"],
        "args": ["--port=8080", "--model=/other", "--usage"],
        "env": {"HF_HOME": "/ours", "MORE": "1"},
        "model_format": "vLLM",
        "name_flag": "--served-model-name",
    },
    "tei": {"images": {"cpu": "tei:cpu", "any": "tei:any"}, "model_format": "sbert"},
}
SERVER = {
    "name": "kserve-container",
    "image": "${IMAGE}",
    "command": ["theirs"],
    "args": ["--model=/mnt/models", NAME],
    "env": [{"name": "HF_HOME", "value": "/theirs"}],
    "livenessProbe": {"tcpSocket": {"port": 8080}},
}


def template(name: str, *containers: dict[str, Any], **spec: Any) -> dict[str, Any]:
    runtime = {"kind": "ServingRuntime", "metadata": {"name": name}, "spec": {"containers": list(containers), **spec}}
    parameters = [{"name": "IMAGE", "value": "theirs@sha256:1"}]
    return {"metadata": {"name": name}, "objects": [{"kind": "Other"}, runtime], "parameters": parameters}


FOUND = [template("t", SERVER, supportedModelFormats=[{"name": "vLLM"}]), template("none", {"name": "x"})]


def models(**serving: Any) -> Any:
    entry = {"name": "mm", "task": "chat", "source": {"huggingface": "a/m"}, "plans": ["pp"], "serving": serving}
    return catalogue([entry], [{"name": "pp"}], "maas")


def settings(images: dict[str, Any], wanted: dict[str, str], found: Any = FOUND) -> dict[str, Any]:
    templates = {"wanted": wanted, "found": found, "namespace": "ods"}
    table = serving_runtimes(TABLE, images, templates)
    return {
        "runtimes": table,
        "gpu_resource": "nvidia.com/gpu",
        "namespace": "n",
        "connection": "c",
        "deployment_mode": "R",
    }


@pytest.mark.parametrize(
    ("images", "wanted", "serving", "image"),
    [
        ({}, {}, {}, "vllm:1"),
        ({"vllm": "mine@sha256:2"}, {}, {}, "mine@sha256:2"),
        ({"vllm": {"any": "mine:any"}}, {}, {}, "mine:any"),
        ({}, {}, {"runtime": "tei"}, "tei:any"),
        ({"tei": {"any": "mine:any"}}, {}, {"runtime": "tei"}, "mine:any"),
        ({"tei": {"any": "mine:any"}}, {}, {"runtime": "tei", "gpus": 0}, "tei:cpu"),
        ({}, {"vllm": "t"}, {}, "theirs@sha256:1"),
        ({"vllm": "mine:3"}, {"vllm": "t"}, {}, "mine:3"),
    ],
)
def test_image(images: dict[str, Any], wanted: dict[str, str], serving: dict[str, Any], image: str) -> None:
    given = settings(images, wanted)
    (runtime,) = serving_objects(models(**serving), given)["runtimes"]
    assert runtime["spec"]["containers"][0]["image"] == image
    name = serving.get("runtime", "vllm")
    table = "model_serving_images" if name in images else "model_serving_runtimes"
    assert image_wishes(models(**serving), {**given, "import_image": "i", "workbench_image": ""}) == [
        {"image": image, "variable": f"{table}.{name}"},
        {"image": "i", "variable": "model_serving_import_image"},
    ]


def test_what_a_template_says_stays_and_what_it_leaves_out_is_ours() -> None:
    (runtime,) = serving_objects(models(), settings({}, {"vllm": "t"}))["runtimes"]
    server = runtime["spec"]["containers"][0]
    assert runtime["metadata"]["annotations"]["opendatahub.io/template-name"] == "t"
    assert server["command"] == ["theirs"] and server["livenessProbe"]
    assert server["args"] == ["--model=/mnt/models", NAME, "--port=8080", "--usage"]
    assert server["env"] == [{"name": "HF_HOME", "value": "/theirs"}, {"name": "MORE", "value": "1"}]
    assert server["readinessProbe"]["httpGet"]["path"] == "/health"
    assert server["volumeMounts"] == [{"mountPath": "/dev/shm", "name": "shm"}] and runtime["spec"]["volumes"]


@pytest.mark.parametrize(
    ("images", "wanted", "found", "said"),
    [
        ({}, {"vllm": "gone"}, FOUND, "there is no Template gone in namespace ods, which has t"),
        ({}, {"vllm": "none"}, FOUND, "Template none holds no ServingRuntime with a container kserve-container"),
        ({}, {"vllm": "t"}, False, "Template t can't be read in namespace ods"),
        ({"vlm": "x"}, {}, FOUND, "model_serving_images names 'vlm', which is not in"),
        ({"tei": "x"}, {"tei": "t"}, FOUND, ""),
    ],
)
def test_what_can_not_be_had_is_told(images: dict[str, Any], wanted: dict[str, str], found: Any, said: str) -> None:
    told = faults(models(), settings(images, wanted, found))
    assert said in " ".join(told) and len(told) == bool(said)
