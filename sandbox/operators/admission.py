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
POD_NAME = "inferenceservice.pods.sandbox"
WEBHOOK = "inferenceservice.kserve-webhook-server.pod-mutator"


def _rule(group: str, kind: str, *operations: str) -> Object:
    return {"apiGroups": [group], "apiVersions": ["*"], "resources": [kind], "operations": list(operations)}


async def make(kube: Kube, kserve: str) -> None:
    """Apply the policies and their bindings.

    :param kserve: the version whose webhook is played
    """
    rule = _rule("serving.kserve.io", "inferenceservices", "CREATE", "UPDATE")
    await _policy(kube, NAME, rule, kserve_version.validations(kserve))
    refusal = f"object.metadata.annotations['{kserve_version.REFUSAL}']"
    said = f"'admission webhook \"{WEBHOOK}\" denied the request: ' + {refusal}"
    marked = f"has(object.metadata.annotations) && '{kserve_version.REFUSAL}' in object.metadata.annotations"
    rules: list[Object] = [{"expression": f"!({marked})", "messageExpression": said}]
    await _policy(kube, POD_NAME, _rule("", "pods", "CREATE"), rules)


async def _policy(kube: Kube, name: str, rule: Object, validations: list[Object]) -> None:
    spec: Object = {"failurePolicy": "Fail", "matchConstraints": {"resourceRules": [rule]}, "validations": validations}
    await kube.apply(POLICY, {"metadata": {"name": name}, "spec": spec})
    await kube.apply(BINDING, {"metadata": {"name": name}, "spec": {"policyName": name, "validationActions": ["Deny"]}})
