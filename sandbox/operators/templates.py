# SPDX-License-Identifier: GPL-3.0-or-later
"""The serving runtimes that OpenShift AI's dashboard offers, as Templates in its namespace. Pure."""

from __future__ import annotations

from sandbox.operators.kube import Object

NAMESPACE = "redhat-ods-applications"
VLLM = "registry.redhat.io/rhoai/odh-vllm-{}-rhel9:v2.25"


def templates() -> list[Object]:
    """vLLM for NVIDIA's GPUs and for processors alone."""
    return [
        _template(
            "vllm-cuda-runtime-template", "vLLM NVIDIA GPU ServingRuntime for KServe", _vllm("cuda", "nvidia.com/gpu")
        ),
        _template("vllm-cpu-runtime-template", "vLLM CPU ServingRuntime for KServe", _vllm("cpu", "")),
    ]


def _template(name: str, title: str, runtime: Object) -> Object:
    metadata = {
        "name": name,
        "namespace": NAMESPACE,
        "labels": {"opendatahub.io/dashboard": "true", "opendatahub.io/ootb": "true"},
        "annotations": {"openshift.io/display-name": title, "opendatahub.io/modelServingSupport": '["single"]'},
    }
    return {"metadata": metadata, "objects": [runtime]}


def _vllm(kind: str, accelerator: str) -> Object:
    """As the real ones: no probes, no /dev/shm, the name of the InferenceService as the model's."""
    server: Object = {
        "name": "kserve-container",
        "image": VLLM.format(kind),
        "command": ["python", "-m", "vllm.entrypoints.openai.api_server"],
        "args": ["--port=8080", "--model=/mnt/models", "--served-model-name={{.Name}}"],
        "env": [{"name": "HF_HOME", "value": "/tmp/hf_home"}],
        "ports": [{"containerPort": 8080, "protocol": "TCP"}],
    }
    annotations = {"opendatahub.io/recommended-accelerators": f'["{accelerator}"]' if accelerator else "[]"}
    spec: Object = {
        "annotations": {
            "opendatahub.io/kserve-runtime": "vllm",
            "prometheus.io/port": "8080",
            "prometheus.io/path": "/metrics",
        },
        "containers": [server],
        "multiModel": False,
        "supportedModelFormats": [{"autoSelect": True, "name": "vLLM"}],
    }
    metadata = {
        "name": f"vllm-{kind}-runtime",
        "annotations": annotations,
        "labels": {"opendatahub.io/dashboard": "true"},
    }
    return {"apiVersion": "serving.kserve.io/v1alpha1", "kind": "ServingRuntime", "metadata": metadata, "spec": spec}
