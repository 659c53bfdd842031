# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals that on a real cluster come from webhooks, as the API server's own admission policies."""

from __future__ import annotations

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
ISVC_RULE = {"apiGroups": ["serving.kserve.io"], "apiVersions": ["*"], "resources": ["inferenceservices"]}
RULES: dict[str, tuple[Object, list[Object]]] = {
    "inferenceservice.sandbox": (
        {**ISVC_RULE, "operations": ["CREATE", "UPDATE"]},
        [
            {
                "expression": "size(object.metadata.name) <= 53",
                "message": "InferenceService name is too long. The name exceeds the maximum length of 53 characters",
            },
            {
                "expression": "!(object.metadata.namespace in ['redhat-ods-applications', 'opendatahub'])",
                "message": "specified namespace is protected",
            },
            {
                "expression": "!has(object.spec.predictor.model) || !has(object.spec.predictor.model.name)"
                " || object.spec.predictor.model.name == ''",
                "message": "the 'name' field is not allowed in standard predictor",
            },
        ],
    ),
}


async def make(kube: Kube) -> None:
    """Apply the policies and their bindings."""
    for name, (rule, validations) in RULES.items():
        spec = {"failurePolicy": "Fail", "matchConstraints": {"resourceRules": [rule]}, "validations": validations}
        await kube.apply(POLICY, {"metadata": {"name": name}, "spec": spec})
        binding = {"policyName": name, "validationActions": ["Deny"]}
        await kube.apply(BINDING, {"metadata": {"name": name}, "spec": binding})
