# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals that on a real cluster come from webhooks, as the API server's own admission policies."""

from __future__ import annotations

from sandbox.operators import kserve_version
from sandbox.operators.kube import Kube, Object, Resource

POLICY = Resource(
    "admissionregistration.k8s.io/v1", "validatingadmissionpolicies", "ValidatingAdmissionPolicy", namespaced=False
)
BINDING = Resource(
    "admissionregistration.k8s.io/v1",
    "validatingadmissionpolicybindings",
    "ValidatingAdmissionPolicyBinding",
    namespaced=False,
)
NAME = "inferenceservice.sandbox"
RULE: Object = {
    "apiGroups": ["serving.kserve.io"],
    "apiVersions": ["*"],
    "resources": ["inferenceservices"],
    "operations": ["CREATE", "UPDATE"],
}


async def make(kube: Kube, kserve: str) -> None:
    """Apply the policy and its binding.

    :param kserve: the version whose webhook is played
    """
    spec: Object = {"failurePolicy": "Fail", "matchConstraints": {"resourceRules": [RULE]}}
    spec["validations"] = kserve_version.validations(kserve)
    await kube.apply(POLICY, {"metadata": {"name": NAME}, "spec": spec})
    binding = {"policyName": NAME, "validationActions": ["Deny"]}
    await kube.apply(BINDING, {"metadata": {"name": NAME}, "spec": binding})
