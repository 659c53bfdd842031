# SPDX-License-Identifier: GPL-3.0-or-later
"""What the real KServe's webhook and definitions refuse, our play refuses, and with the same words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.originals.pair import NAMESPACE, Pair, service
from tests.sandbox.operators.cluster import Cluster, Object

Change = Callable[[Object], Any]
KSERVE = "serving.kserve.io"


def changed(name: str, change: Change) -> Object:
    """A service of the collection's form, with something about it changed."""
    body = service(name)
    change(body)
    return body


def unchanged(_body: Object) -> None:
    """The collection's own form."""


def noted(**annotations: str) -> Change:
    return lambda body: body["metadata"]["annotations"].update(
        {f"{KSERVE}/{key}": value for key, value in annotations.items()}
    )


def predictor(**fields: Any) -> Change:
    return lambda body: body["spec"]["predictor"].update(fields)


def model(**fields: Any) -> Change:
    return lambda body: body["spec"]["predictor"]["model"].update(fields)


CASES: dict[str, tuple[str, Change]] = {
    "as the collection makes it": ("plain", unchanged),
    "autoscaler none": ("none", noted(autoscalerClass="none")),
    "autoscaler external": ("external", noted(autoscalerClass="external")),
    "autoscaler bogus": ("bogus", noted(autoscalerClass="bogus")),
    "begins with a digit": ("7b-instruct", unchanged),
    "ends with a dash": ("granite-", unchanged),
    "a dot": ("granite.8b", unchanged),
    "capital letters": ("Granite", unchanged),
    "strategy in serverless mode": ("serverless", noted(deploymentMode="Serverless")),
    "unknown field of the predictor": ("unknown", predictor(modell={})),
    "unknown field of the model": ("unknown-too", model(modelUri="x")),
    "replicas as text": ("text", predictor(minReplicas="one")),
    "negative replicas": ("negative", predictor(minReplicas=-1)),
    "more at least than at most": ("crossed", predictor(minReplicas=3)),
    "no model at all": ("empty", lambda body: body["spec"]["predictor"].pop("model")),
}


def answer(kube: Cluster, body: Object) -> tuple[int, str]:
    """What the server says to a dry run: its code, and the words behind the names of webhook and policy."""
    full = {"apiVersion": f"{KSERVE}/v1beta1", "kind": "InferenceService", **body}
    query = {"fieldValidation": "Strict", "dryRun": "All"}
    found = kube.http.post(kube.path("InferenceService", NAMESPACE), json=full, params=query)
    words = "" if found.status_code == 201 else str(found.json()["message"])
    for mark in ("denied the request: ", "denied request: "):
        words = words.rpartition(mark)[2]
    return found.status_code, words.strip()


@pytest.mark.parametrize("case", CASES)
def test_refused_alike(both: Pair, case: str) -> None:
    body = both.known(changed(*CASES[case]))
    play, real = (answer(kube, body) for kube in both.clusters())
    assert (play[0] == 201) == (real[0] == 201), f"play {play}, real {real}"
    if real[0] == 403:  # the webhook's words; all else is the server's own
        assert play[1] == real[1]


@pytest.mark.parametrize("mode", ["Serverless", "RawDeployment"])
def test_mode_of_a_service_that_is_there(both: Pair, mode: str) -> None:
    codes = []
    for kube in both.clusters():
        if kube.get("InferenceService", NAMESPACE, "moded") is None:
            both.serve(kube, service("moded"))
        kube.wait("Deployment", NAMESPACE, "moded-predictor")
        if both.version == "0.15":  # earlier ones don't keep it
            kube.wait("InferenceService", NAMESPACE, "moded", lambda s: (s.get("status") or {}).get("deploymentMode"))
        change = {"metadata": {"annotations": {f"{KSERVE}/deploymentMode": mode}}}
        change["spec"] = {"predictor": {"deploymentStrategy": None}}  # type: ignore[dict-item]
        headers = {"Content-Type": "application/merge-patch+json"}
        path = kube.path("InferenceService", NAMESPACE, "moded")
        found = kube.http.patch(path, json=change, headers=headers, params={"dryRun": "All"})
        codes.append(found.status_code == 200)
    assert codes[0] == codes[1]
