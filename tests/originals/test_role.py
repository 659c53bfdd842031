# SPDX-License-Identifier: GPL-3.0-or-later
"""The role against the real KServe: it serves, again without a change, and what changes runs when the run ends."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.originals.pair import Pair
from tests.sandbox.operators.cluster import Cluster, Object
from tests.sandbox.operators.test_storage import s3_of
from tests.support.playbook import Run, run_playbook

NAMESPACE = "llm-hosting"
PLAYBOOK = "tests/originals/serve.yml"
MODEL: dict[str, Any] = {
    "name": "granite",
    "title": "Granite",
    "task": "chat",
    "source": {"huggingface": "org/model"},
    "plans": ["basic"],
}
RUNTIME: dict[str, Any] = {
    "title": "vLLM",
    "image": "quay.io/modh/vllm:rhoai-2.25",
    "args": ["--port=8080", "--model=/mnt/models"],
    "model_format": "vLLM",
    "name_flag": "--served-model-name",
    "length_flag": "--max-model-len",
}


@dataclass(frozen=True)
class Role:
    """The role with an inventory of its own."""

    kube: Cluster
    folder: Path
    variables: dict[str, Any]

    def run(self, *options: str, serving: Object | None = None, runtime: Object | None = None, **more: Any) -> Run:
        """``ansible-playbook``; `serving` and `runtime` are laid over the model's and its runtime's."""
        model = {**MODEL, "serving": {"max_model_len": 512, **(serving or {})}}
        host = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
        own = {"maas_models": [model], "model_serving_runtimes": {"vllm": {**RUNTIME, **(runtime or {})}}}
        inventory = self.folder / "inventory.yml"
        values = {**self.variables, **own, **more}
        inventory.write_text(yaml.safe_dump({"all": {"hosts": {"localhost": host}, "vars": values}}))
        return run_playbook(inventory, PLAYBOOK, "--diff", *options)

    def container(self) -> Object:
        """The server of each Pod that runs; fails when they are not alike."""
        pods = self.kube.list("Pod", NAMESPACE, "serving.kserve.io/inferenceservice=granite")
        found = [pod["spec"]["containers"][0] for pod in pods if not pod["metadata"].get("deletionTimestamp")]
        assert found and all(one["args"] == found[0]["args"] for one in found)
        return {**found[0], "count": len(found)}


@pytest.fixture(scope="module")
def role(both: Pair, tmp_path_factory: pytest.TempPathFactory) -> Role:
    kube, s3 = both.real, s3_of(both.real)
    s3.create_bucket(Bucket="served")
    s3.put_object(Bucket="served", Key="org/model/config.json", Body=b'{"max_position_embeddings": 1024}')
    bucket = {"endpoint": kube.config["s3"]["url"], "bucket": "served"}
    variables = {
        "test_kubeconfig": str(kube.kubeconfig),
        "maas_plans": [{"name": "basic", "title": "Basic"}],
        "model_serving_namespace_labels": {"pod-security.kubernetes.io/enforce": "restricted"},
        "model_serving_import": False,
        "model_serving_bucket_claim": "",
        "model_serving_s3": {**bucket, "access_key_id": "a", "secret_access_key": "b"},
        "model_serving_timeout": 300,
    }
    made = Role(kube, tmp_path_factory.mktemp("role"), variables)
    first = made.run()
    assert first.code == 0, first.output[-4000:]
    return made


def test_a_second_run_changes_nothing(role: Role) -> None:
    again = role.run()
    assert again.code == 0 and again.recap["changed"] == 0, again.output[-4000:]
    checked = role.run("--check")
    assert checked.code == 0 and checked.recap["changed"] == 0, checked.output[-4000:]


def test_a_change_is_rolled_out_when_the_run_ends(role: Role) -> None:
    slower = {"args": [*RUNTIME["args"], "--token-delay=0.01"]}
    for changes, arg in (
        ({"serving": {"max_model_len": 256}}, "--max-model-len=256"),
        ({"runtime": slower}, "--token-delay=0.01"),
    ):
        run = role.run(**changes)
        assert run.code == 0, run.output[-4000:]
        assert arg in role.container()["args"]


def test_as_many_replicas_as_the_catalogue_says(role: Role) -> None:
    for replicas in (2, 1):
        run = role.run(serving={"replicas": replicas, "gpus": 1})
        assert run.code == 0, run.output[-4000:]
        assert role.container()["count"] == replicas
