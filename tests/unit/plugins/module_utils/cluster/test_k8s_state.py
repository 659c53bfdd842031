# SPDX-License-Identifier: GPL-3.0-or-later
"""What the status of each kind means: one table."""

from __future__ import annotations

import base64
import itertools
import json
from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.cluster.state import holds, judge
from ansible_collections.rhai.maas.plugins.module_utils.cluster.wait import Outcome, judge_all, pauses, seen, sentence


def thing(kind: str, status: Any = None, spec: Any = None, api: str = "v1", **metadata: Any) -> dict[str, Any]:
    """An object as the API server returns it."""
    return {
        "apiVersion": api,
        "kind": kind,
        "metadata": {"name": "x", **metadata},
        "spec": spec or {},
        "status": status,
    }


def conditions(**states: Any) -> dict[str, Any]:
    """A status with these conditions; a tuple adds reason and message."""
    items = []
    for kind, state in states.items():
        status, *rest = state if isinstance(state, tuple) else (state,)
        items.append({"type": kind, "status": status, **dict(zip(("reason", "message"), rest))})
    return {"conditions": items}


EXTERNAL = "cannot continue with the installation. External databases are required to be set in the APIManager"
STRAY = "constraints not satisfiable: clusterserviceversion a.v1 exists and is not referenced by a subscription, b"
UNSCHEDULABLE = ("False", "Unschedulable", "0/1 nodes are available: 1 Insufficient nvidia.com/gpu")
NO_RUNTIME = {"reason": "NoSupportingRuntime", "message": "?"}
CASES: list[tuple[str, dict[str, Any], bool, bool, str]] = [
    ("namespace", thing("Namespace", {"phase": "Active"}), True, False, ""),
    (
        "namespace on its way out",
        thing("Namespace", {"phase": "Active"}, deletionTimestamp="now"),
        False,
        True,
        "deleted",
    ),
    ("claim bound", thing("ObjectBucketClaim", {"phase": "Bound"}), True, False, ""),
    ("claim without a status", thing("ObjectBucketClaim"), False, False, "not set yet"),
    ("claim failed", thing("ObjectBucketClaim", {"phase": "Failed"}), False, True, "Failed"),
    ("job complete", thing("Job", conditions(SuccessCriteriaMet="True", Complete="True")), True, False, ""),
    ("job on its way to fail", thing("Job", conditions(FailureTarget="True")), False, False, ""),
    (
        "job failed",
        thing("Job", conditions(Failed=("True", "BackoffLimitExceeded", "limit"))),
        False,
        True,
        "BackoffLimit",
    ),
    ("operator", thing("ClusterServiceVersion", {"phase": "Succeeded"}), True, False, ""),
    (
        "operator that asks too much",
        thing("ClusterServiceVersion", {"phase": "Failed", "reason": "UnsupportedOperatorGroup", "message": "no"}),
        False,
        True,
        "UnsupportedOperatorGroup: no",
    ),
    ("subscription", thing("Subscription", {"state": "AtLatestKnown", "installedCSV": "a"}), True, False, ""),
    ("subscription at latest, nothing installed", thing("Subscription", {"state": "AtLatestKnown"}), False, False, ""),
    (
        "subscription of a package that is not there",
        thing("Subscription", conditions(ResolutionFailed=("True", "ConstraintsNotSatisfiable", "no operators found"))),
        False,
        True,
        "no operators found",
    ),
    (
        "subscription that waits for approval",
        thing("Subscription", {"state": "UpgradePending"}, {"installPlanApproval": "Manual"}),
        False,
        False,
        "waits for approval",
    ),
    (
        "subscription whose version somebody deleted",
        thing("Subscription", {"state": "UpgradePending", "installedCSV": "a", "currentCSV": "a"}),
        False,
        True,
        "a was deleted, and is not installed again while its Subscription is there: delete that too, then run again",
    ),
    (
        "subscription beside a version that nobody refers to",
        thing("Subscription", conditions(ResolutionFailed=("True", "ConstraintsNotSatisfiable", STRAY))),
        False,
        True,
        "delete ClusterServiceVersion a.v1 (custom resources stay), then run again",
    ),
    (
        "subscription with a newer version that waits for approval",
        thing("Subscription", {"state": "UpgradePending", "installedCSV": "a", "currentCSV": "b"}),
        True,
        False,
        "",
    ),
    (
        "subscription whose plan can't go on",
        thing("Subscription", conditions(InstallPlanPending=("True", "Installing", "no operator group found"))),
        False,
        False,
        "no operator group found",
    ),
    (
        "subscription of a catalogue that is not there",
        thing("Subscription", conditions(CatalogSourcesUnhealthy=("True", "Unhealthy", "catalogsource a missing"))),
        False,
        False,
        "catalogsource a missing",
    ),
    ("definition", thing("CustomResourceDefinition", conditions(Established="True")), True, False, ""),
    (
        "model ready",
        thing("InferenceService", conditions(Ready="True", PredictorReady="True"), generation=1),
        True,
        False,
        "",
    ),
    (
        "model ready, its Deployment of a lower generation",
        thing("InferenceService", {**conditions(Ready="True"), "observedGeneration": 1}, generation=2),
        True,
        False,
        "",
    ),
    (
        "model slow to load",
        thing("InferenceService", conditions(Ready="False", PredictorReady=("False", "ProgressDeadlineExceeded"))),
        False,
        False,
        "ProgressDeadlineExceeded",
    ),
    (
        "model of no runtime",
        thing("InferenceService", {"modelStatus": {"transitionStatus": "InvalidSpec", "lastFailureInfo": NO_RUNTIME}}),
        False,
        True,
        "NoSupportingRuntime: ?",
    ),
    (
        "model that had no runtime at first",
        thing(
            "InferenceService",
            {
                **conditions(Ready="True"),
                "modelStatus": {"transitionStatus": "UpToDate", "lastFailureInfo": NO_RUNTIME},
            },
        ),
        True,
        False,
        "",
    ),
    (
        "deployment rolled out",
        thing(
            "Deployment",
            {"observedGeneration": 3, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1},
            generation=3,
        ),
        True,
        False,
        "1 of 1",
    ),
    (
        "deployment whose old replica still answers",
        thing(
            "Deployment",
            {"observedGeneration": 3, "replicas": 2, "updatedReplicas": 1, "availableReplicas": 2},
            generation=3,
        ),
        False,
        False,
        "",
    ),
    (
        "deployment not looked at yet",
        thing("Deployment", {"observedGeneration": 2, "updatedReplicas": 1, "availableReplicas": 1}, generation=3),
        False,
        False,
        "",
    ),
    (
        "pod without a node",
        thing("Pod", conditions(PodScheduled=UNSCHEDULABLE)),
        False,
        False,
        "Insufficient nvidia.com/gpu",
    ),
    ("APIManager", thing("APIManager", conditions(Available="True")), True, False, ""),
    (
        "APIManager that starts",
        thing("APIManager", {**conditions(Available="False"), "deployments": {"starting": ["zync"], "ready": ["a"]}}),
        False,
        False,
        "starting: zync",
    ),
    (
        "APIManager without its databases",
        thing("APIManager", conditions(Preflights=("False", "PreflightsError", EXTERNAL))),
        False,
        True,
        "External databases",
    ),
    ("policy definition", thing("CustomPolicyDefinition", conditions(Ready="True")), True, False, ""),
    (
        "policy definition refused",
        thing("CustomPolicyDefinition", conditions(Invalid="True", Ready="True")),
        False,
        True,
        "",
    ),
    (
        "Keycloak of today",
        thing("Keycloak", conditions(Ready="True", HasErrors="False"), api="k8s.keycloak.org/v2alpha1"),
        True,
        False,
        "",
    ),
    (
        "Keycloak of today with a boolean",
        thing("Keycloak", conditions(Ready=True, HasErrors=False), api="k8s.keycloak.org/v2alpha1"),
        True,
        False,
        "",
    ),
    (
        "older Keycloak",
        thing("Keycloak", {"ready": True, "phase": "reconciling"}, api="keycloak.org/v1alpha1"),
        True,
        False,
        "",
    ),
    (
        "older Keycloak in need",
        thing("Keycloak", {"ready": False, "phase": "failing", "message": "no class"}, api="keycloak.org/v1alpha1"),
        False,
        True,
        "no class",
    ),
    ("route", thing("Route", {"ingress": [conditions(Admitted="True")]}), True, False, ""),
    (
        "route of another",
        thing("Route", {"ingress": [conditions(Admitted=("False", "HostAlreadyClaimed", "other"))]}),
        False,
        True,
        "HostAlreadyClaimed",
    ),
    ("anything else", thing("ConfigMap"), True, False, ""),
]


@pytest.mark.parametrize(
    ("resource", "ready", "failed", "told"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_verdicts(resource: dict[str, Any], ready: bool, failed: bool, told: str) -> None:
    verdict = judge(resource)
    assert (verdict.ready, verdict.failed) == (ready, failed)
    assert told in verdict.message


def secret(**values: str) -> dict[str, Any]:
    """A Secret as read."""
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    return {"kind": "Secret", "metadata": {"name": "s"}, "data": data}


@pytest.mark.parametrize(
    ("wanted", "ready", "told"),
    [
        ({"models": None}, True, ""),
        ({"other": None}, False, "key other is not there yet"),
        ({"models": {"bucket": "b"}}, True, ""),
        ({"models": {"bucket": "c", "type": "s3"}}, False, "another bucket"),
        ({"text": {"bucket": "c"}}, False, "not JSON"),
        ({"text": "hello"}, True, ""),
        ({"text": "bye"}, False, "another value"),
    ],
)
def test_what_a_secret_must_hold(wanted: dict[str, Any], ready: bool, told: str) -> None:
    verdict = holds(secret(models=json.dumps({"bucket": "b", "type": "s3"}), text="hello"), wanted)
    assert verdict.ready is ready and told in verdict.message


def named(name: str, phase: str) -> dict[str, Any]:
    """A claim of that name and phase."""
    return {"kind": "ObjectBucketClaim", "metadata": {"name": name}, "status": {"phase": phase}}


@pytest.mark.parametrize(
    ("resources", "names", "count", "outcome", "told"),
    [
        ([], ["a"], 0, (False, False), "not there yet: a"),
        ([named("a", "Bound")], ["a"], 0, (True, False), "1 of 1 ready"),
        ([named("a", "Bound"), named("b", "Pending")], ["a", "b"], 0, (False, False), "1 of 2 ready; b: phase Pending"),
        ([named("a", "Bound"), named("b", "Failed")], ["a", "b"], 0, (False, True), "b: phase Failed"),
        ([named("a", "Bound"), named("b", "Failed")], ["a"], 0, (True, False), "1 of 1 ready"),
        ([], [], 0, (False, False), "0 of 1 there"),
        ([named("a", "Bound")], [], 2, (False, False), "1 of 2 there"),
    ],
)
def test_many_are_judged_together(
    resources: list[dict[str, Any]], names: list[str], count: int, outcome: tuple[bool, bool], told: str
) -> None:
    found = judge_all(resources, names, count)
    assert (found.ready, found.failed) == outcome
    assert told in found.message


def test_the_sentence_says_what_to_do() -> None:
    told = sentence("Claim models in namespace n", Outcome(False, waited=30), ["phase Pending"], "Is class x there?")
    assert told == "Claim models in namespace n did not become ready within 30 s: phase Pending. Is class x there?"
    assert sentence("Job j", Outcome(False, True), ["limit"], None) == "Job j failed: limit."


@pytest.mark.parametrize(
    ("status", "advised"),
    [
        ({"state": "UpgradePending", "installedCSV": "a", "currentCSV": "a"}, True),
        (conditions(ResolutionFailed=("True", "ConstraintsNotSatisfiable", STRAY)), True),
        (conditions(ResolutionFailed=("True", "ConstraintsNotSatisfiable", "no operators found")), False),
    ],
)
def test_a_message_that_says_what_to_do_stands_without_the_general_hint(status: Any, advised: bool) -> None:
    outcome = judge_all([{**thing("Subscription", status), "metadata": {"name": "p"}}], ["p"])
    told = sentence("Subscription p", outcome, [outcome.message], "Does the catalogue offer it?")
    assert told.endswith("run again." if advised else "Does the catalogue offer it?")


READ = [{"kind": "Job", "metadata": {"name": "a"}}, {"kind": "ConfigMap", "metadata": {"name": "a"}}]


@pytest.mark.parametrize(
    ("known", "names", "expected"),
    [
        (None, ["a"], 0),
        ({"changed": True, "objects": READ}, ["a"], 0),
        ({"changed": False, "skipped": True}, ["a"], 0),
        ({"changed": False, "objects": READ}, ["a"], 1),
        ({"changed": False, "objects": READ}, [], 1),
        ({"changed": False, "objects": READ}, ["b"], 0),
    ],
)
def test_only_what_was_found_unchanged_counts_as_read(known: Any, names: list[str], expected: int) -> None:
    assert len(seen(known, "Job", names)) == expected


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({"replicas": 2, "template": {"revision": "b", "more": 1}}, ""),
        ({"replicas": 1, "template": {"revision": "b"}}, "still has another spec.replicas"),
        ({"replicas": 2}, "still has another spec.template.revision"),
    ],
)
def test_a_part_that_is_waited_for(found: dict[str, Any], told: str) -> None:
    wanted = {"x": {"spec": {"replicas": 2, "template": {"revision": "b"}}}, "other": {"spec": {"replicas": 9}}}
    outcome = judge_all([{**thing("Secret", {}), "spec": found}], ["x"], contains=wanted)
    assert outcome.ready == (not told) and told in outcome.message


@pytest.mark.parametrize(
    ("status", "ready"),
    [
        (conditions(InstallPlanPending="True"), True),
        (conditions(InstallPlanPending="False"), False),
        ({"state": "AtLatestKnown", "installedCSV": "a"}, True),
        ({"state": "AtLatestKnown", "installedCSV": "a", **conditions(InstallPlanPending="False")}, False),
        ({"state": "UpgradePending"}, False),
    ],
)
def test_a_condition_that_is_enough(status: dict[str, Any], ready: bool) -> None:
    assert judge_all([thing("Subscription", status)], ["x"], only="InstallPlanPending").ready is ready


@pytest.mark.parametrize(
    ("longest", "first"), [(5, [1, 2, 4, 5, 5]), (3, [1, 2, 3, 3, 3]), (0.2, [0.2, 0.2, 0.2, 0.2, 0.2])]
)
def test_what_takes_long_is_asked_seldom(longest: float, first: list[float]) -> None:
    assert list(itertools.islice(pauses(longest), 5)) == first
