# SPDX-License-Identifier: GPL-3.0-or-later
"""What the real KServe makes of an InferenceService, and what it says of it, our play makes and says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.originals.pair import NAMESPACE, Pair, picture, runtime, service
from tests.originals.shape import differences, shape
from tests.sandbox.operators.cluster import Cluster, Object, condition, is_true
from tests.support.until import LIMIT, until

GPU = {"nvidia.com/gpu": "1"}
Settled = Callable[[Object], Any]


def model_is(transition: str) -> Settled:
    return lambda body: ((body.get("status") or {}).get("modelStatus") or {}).get("transitionStatus") == transition


def not_there_yet(body: Object) -> bool:
    return condition(body, "PredictorReady").get("status") == "False"


CASES: dict[str, tuple[Object, Settled]] = {
    "ready": (
        service("ready", resources={"limits": GPU, "requests": GPU}, args=["--max-model-len=512"]),
        is_true("Ready"),
    ),
    "two of it": (service("pair-hpa", replicas=2), is_true("Ready")),
    "two of it, nobody scales": (service("pair-external", scaled_by="external", replicas=2), is_true("Ready")),
    "runtime found by its format": (service("automatic", runtime=None), is_true("Ready")),
    "runtime not there": (service("absent", runtime="absent"), model_is("InvalidSpec")),
    "runtime switched off": (service("disabled", runtime="off"), model_is("InvalidSpec")),
    "format of no runtime": (service("onnx", modelFormat={"name": "onnx"}), model_is("InvalidSpec")),
    "braces of another template": (service("braced", args=["--x={{ bos_token }}"]), model_is("InvalidSpec")),
    "braces that are quoted": (
        service("quoted", args=["--name=x", "--name={{`{{`}} b }} {{.Name}}"]),
        is_true("Ready"),
    ),
    "connection not there": (service("unconnected", storage={"key": "x", "path": "org/model/"}), not_there_yet),
    "connection without a type": (service("untyped", storage={"key": "untyped", "path": "org/"}), not_there_yet),
    "nothing in the bucket": (service("nothing", storage={"key": "connection", "path": "org/none/"}), not_there_yet),
    "no such GPU": (service("large", resources={"limits": {"nvidia.com/gpu": "99"}}), not_there_yet),
}


@pytest.mark.parametrize("case", CASES)
def test_made_alike(both: Pair, case: str) -> None:
    body, settled = CASES[case]
    name = body["metadata"]["name"]
    for kube in both.clusters():
        both.serve(kube, body)
    for kube in both.clusters():
        kube.wait("InferenceService", NAMESPACE, name, settled)

    def compared() -> list[str]:
        play, real = (shape(picture(kube, name)) for kube in both.clusters())
        return differences(play, real)

    last: list[str] = []

    def alike() -> bool:
        last[:] = compared()
        return not last

    try:
        until(alike, f"{case} alike", LIMIT / 3)
    except AssertionError:
        raise AssertionError("\n".join(last)) from None
    finally:
        for kube in both.clusters():
            kube.delete("InferenceService", NAMESPACE, name)


def made_by(kube: Cluster, name: str) -> Object:
    found = kube.get("Deployment", NAMESPACE, f"{name}-predictor")
    assert found is not None
    return found


def test_words_of_a_refused_pod_are_in_the_events_of_its_replica_set(both: Pair) -> None:
    body = service("wordless", storage={"key": "x", "path": "org/model/"})
    words = "denied the request: specified storage key x not found in storage secret storage-config"
    for kube in both.clusters():
        both.serve(kube, body)

        def told(kube: Cluster = kube) -> list[str]:
            events = [e for e in kube.list("Event", NAMESPACE) if e.get("reason") == "FailedCreate"]
            mine = [e for e in events if str(e["involvedObject"]["name"]).startswith("wordless-predictor-")]
            return [str(e["message"]) for e in mine if words in str(e["message"])]

        until(told, "the event")
        kube.delete("InferenceService", NAMESPACE, "wordless")


def with_env(name: str) -> Object:
    """A runtime's containers with one more variable."""
    container = runtime("rolled")["spec"]["containers"][0]
    container["env"].append({"name": name, "value": "1"})
    return {"spec": {"containers": [container]}}


def stays_as_it_was(both: Pair, kube: Cluster, attempt: int) -> bool:
    """Change the runtime, let another service pass through KServe's queue: is the first one's Deployment untouched?"""
    before = made_by(kube, "rolled")["metadata"]["generation"]
    kube.patch("ServingRuntime", NAMESPACE, "rolled", with_env(f"NEW_{attempt}"))
    later = f"later-{attempt}"
    both.serve(kube, service(later))
    kube.wait("InferenceService", NAMESPACE, later, is_true("Ready"))
    kube.delete("InferenceService", NAMESPACE, later)
    return bool(made_by(kube, "rolled")["metadata"]["generation"] == before)


def test_a_runtime_that_changes_rolls_nothing_until_its_service_does(both: Pair) -> None:
    """So the collection writes a digest of the runtime into each service."""
    for kube in both.clusters():
        kube.create("ServingRuntime", runtime("rolled"))
        both.serve(kube, service("rolled", runtime="rolled"))
        kube.wait("InferenceService", NAMESPACE, "rolled", is_true("Ready"))
        # a look that was due anyway, because the Deployment just became ready, takes the change along
        attempt = next((number for number in range(5) if stays_as_it_was(both, kube, number)), None)
        assert attempt is not None
        kube.patch("InferenceService", NAMESPACE, "rolled", {"metadata": {"annotations": {"maas.rhai/revision": "b"}}})

        def new(kube: Cluster = kube, name: str = f"NEW_{attempt}") -> bool:
            template = made_by(kube, "rolled")["spec"]["template"]
            named = {entry["name"] for entry in template["spec"]["containers"][0]["env"]}
            return name in named and template["metadata"]["annotations"]["maas.rhai/revision"] == "b"

        until(new, "the new revision is rolled out")
        kube.delete("InferenceService", NAMESPACE, "rolled")


def test_a_failure_is_told_after_it_was_overcome(both: Pair) -> None:
    for kube in both.clusters():
        both.serve(kube, service("mended", runtime="absent"))
        kube.wait("InferenceService", NAMESPACE, "mended", model_is("InvalidSpec"))
        kube.patch("InferenceService", NAMESPACE, "mended", {"spec": {"predictor": {"model": {"runtime": "vllm"}}}})
        ready = kube.wait(
            "InferenceService", NAMESPACE, "mended", lambda s: is_true("Ready")(s) and model_is("UpToDate")(s)
        )
        assert ready["status"]["modelStatus"]["lastFailureInfo"]["reason"] == "RuntimeNotRecognized"
        kube.delete("InferenceService", NAMESPACE, "mended")
