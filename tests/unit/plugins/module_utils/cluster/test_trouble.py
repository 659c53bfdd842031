# SPDX-License-Identifier: GPL-3.0-or-later
"""What ends a wait at once, and what is said about it."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.cluster.trouble import Watch, needs_events, troubles

STORAGE = (
    'Error creating: admission webhook "inferenceservice.kserve-webhook-server.pod-mutator" denied the request: '
    "specified storage key x not found in storage secret storage-config"
)


def pod(state: dict[str, Any] | None = None, scheduled: str = "", **more: Any) -> dict[str, Any]:
    status: dict[str, Any] = {
        "containerStatuses": [{"name": "server", "image": "reg/x:1", "state": state or {}, **more}]
    }
    if scheduled:
        condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": scheduled}
        status = {"conditions": [condition]}
    owner = {"kind": "Job", "name": "granite"}
    return {"metadata": {"name": "granite-0", "uid": "u1", "ownerReferences": [owner]}, "status": status}


def event(reason: str, message: str, kind: str = "Pod", uid: str = "u1", name: str = "granite") -> dict[str, Any]:
    return {"reason": reason, "message": message, "involvedObject": {"kind": kind, "name": name, "uid": uid}}


def refused(replica_set: str, message: str = STORAGE) -> dict[str, Any]:
    return event("FailedCreate", message, "ReplicaSet", name=replica_set)


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    return {"waiting": {"reason": reason, "message": message}}


def ended(message: str, reason: str = "Error") -> dict[str, Any]:
    return {"lastState": {"terminated": {"exitCode": 1, "reason": reason, "message": message}}}


@pytest.mark.parametrize(
    ("pods", "events", "said"),
    [
        (
            [pod(waiting("CrashLoopBackOff"), **ended("boom"))],
            [],
            ["container server", "boom", "Its last lines say why"],
        ),
        (
            [pod(waiting("CrashLoopBackOff"), **ended("Runtime compute cap 86 is not compatible"))],
            [],
            ["Runtime compute cap 86", "built for this GPU"],
        ),
        (
            [pod(waiting("CrashLoopBackOff"), **ended("error: unrecognized arguments: --x"))],
            [],
            ["--x. Remove the argument, or use a newer image."],
        ),
        ([pod(waiting("CrashLoopBackOff"), **ended("", "OOMKilled"))], [], ["OOMKilled", "Raise the memory limit"]),
        ([pod(waiting("ImagePullBackOff", 'Back-off pulling image "x"'))], [], ['pulling image "x"', "pull secret"]),
        ([pod(waiting("CreateContainerConfigError", 'secret "a" not found'))], [], ['secret "a" not found']),
        (
            [pod(scheduled="0/3 nodes are available: 3 Insufficient nvidia.com/gpu.")],
            [],
            ["Insufficient nvidia.com/gpu"],
        ),
        (
            [pod(waiting("ContainerCreating"))],
            [event("FailedMount", 'secret "ca" not found'), event("FailedMount", "of another", uid="u2")],
            ['FailedMount: secret "ca" not found', "Create what the volume refers to"],
        ),
        (
            [],
            [event("FailedCreate", "pods is forbidden: exceeded quota: gpus", "Job")],
            ["Job granite", "exceeded quota: gpus", "Raise the quota"],
        ),
        ([], [refused("granite-5d4c")], ["ReplicaSet granite-5d4c", "storage key x", "Secret storage-config"]),
        ([], [refused("granite-predictor-5d4c")], ["ReplicaSet granite-predictor-5d4c", "storage key x"]),
        ([], [refused("granite-8b-predictor-5d4c")], []),
        (
            [
                {
                    **pod(),
                    "metadata": {"name": "p", "ownerReferences": [{"kind": "ReplicaSet", "name": "granite-8b-5d"}]},
                }
            ],
            [refused("granite-predictor-5d4c", "pods is forbidden: exceeded quota: gpus")],
            ["exceeded quota: gpus", "Raise the quota"],
        ),
        ([pod(waiting("ErrImagePull"))], [], []),
        ([pod(waiting("ContainerCreating"))], [], []),
        ([pod({"running": {}}, **ended("boom"))], [event("FailedMount", "long ago")], []),
        ([pod({"running": {}})], [event("FailedCreate", "exceeded quota", "Job")], []),
        ([], [event("FailedCreate", "Internal error occurred: failed calling webhook", "Job")], []),
    ],
)
def test_what_does_not_go_away_by_waiting(pods: list[Any], events: list[Any], said: list[str]) -> None:
    found = Watch({"FailedMount": 0, "CreateContainerConfigError": 0, "FailedCreate": 0}).lasting(
        troubles(pods, events, ["granite"]), 0
    )
    assert bool(found) == bool(said)
    text = " ".join(item.sentence() for item in found)
    assert [part for part in said if part not in text] == []
    assert len(found) <= 1


def test_a_pod_that_goes_away_counts_no_more() -> None:
    going = pod(waiting("CrashLoopBackOff"))
    going["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    assert troubles([going]) == [] and needs_events([going], ["granite"])


def test_some_troubles_count_only_when_they_last() -> None:
    watch, stuck = Watch({"Unschedulable": 60}), troubles([pod(scheduled="no room")])
    mount = troubles([pod(waiting("ContainerCreating"))], [event("FailedMount", "not yet")])
    assert watch.lasting([*stuck, *mount], 100) == []
    assert watch.lasting([*stuck, *mount], 125) == mount
    assert watch.lasting(mount, 140) == mount
    assert watch.lasting(stuck, 165) == [], "it was gone meanwhile"
    assert watch.lasting(stuck, 225) == stuck


def test_the_log_says_more_than_the_status() -> None:
    [found] = troubles([pod(waiting("CrashLoopBackOff"), **ended("Error"))])
    assert found.restarted and (found.pod, found.container) == ("granite-0", "server")
    assert "ValueError: max seq len" in found.sentence("ValueError: max seq len\n")
    assert "Lower serving.max_model_len" in found.sentence("ValueError: max seq len\n")


def test_a_refusal_counts_when_it_is_said_again() -> None:
    def said(version: str, uid: str = "e1") -> dict[str, Any]:
        return {**refused("granite-predictor-5d4c"), "metadata": {"uid": uid, "resourceVersion": version}}

    watch = Watch()
    job = {**event("FailedCreate", "exceeded quota", "Job"), "metadata": {"uid": "j", "resourceVersion": "1"}}
    assert watch.fresh([said("1"), job]) == [job]
    assert watch.fresh([said("1")]) == []
    assert watch.fresh([said("2")]) == [said("2")] and watch.fresh([said("1", "e2")]) == [said("1", "e2")]
