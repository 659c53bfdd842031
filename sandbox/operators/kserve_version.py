# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between the versions of KServe that OpenShift AI has: 0.12 in 2.16, 0.14 up to 2.22, then 0.15. Pure."""

from __future__ import annotations

import copy
from typing import Any

Object = dict[str, Any]
VERSIONS = ("0.12", "0.14", "0.15")
#: the strictest one with all fields: what it takes, all later ones take
DEFAULT = "0.14"
SERVICES = "inferenceservices.serving.kserve.io"
NAME_FORM = "[a-z]([-a-z0-9]*[a-z0-9])?"
CLASS = "'serving.kserve.io/autoscalerClass'"
MODE = "'serving.kserve.io/deploymentMode'"
#: expressions: the annotations, and whether one of them is there
NOTES = "object.metadata.annotations"
NOTED = "has(object.metadata.annotations) && {} in object.metadata.annotations"
NAME_WORDS = (
    "'the InferenceService \"' + object.metadata.name + '\" is invalid: a InferenceService name must consist of lower "
    "case alphanumeric characters or \\'-\\', and must start with alphabetical character.'"
)


def autoscaler_classes(version: str) -> list[str]:
    """The values of annotation ``serving.kserve.io/autoscalerClass`` that the webhook takes."""
    return ["hpa", "external", "keda", "none"] if version == "0.15" else ["hpa", "external"]


def validations(version: str) -> list[Object]:
    """The webhook's refusals as expressions of an admission policy, each with the webhook's words."""
    classes = autoscaler_classes(version)
    raw = f"{NOTED.format(MODE)} && {NOTES}[{MODE}] == 'RawDeployment'"
    found: list[Object] = [
        {
            "expression": "size(object.metadata.name) <= 53",
            "message": "InferenceService name is too long. The name exceeds the maximum length of 53 characters",
        },
        {"expression": f"object.metadata.name.matches('^{NAME_FORM}$')", "messageExpression": NAME_WORDS},
        {
            "expression": "!(object.metadata.namespace in ['redhat-ods-applications', 'opendatahub'])",
            "message": "specified namespace is protected",
        },
        {
            "expression": "!has(object.spec.predictor.model) || !has(object.spec.predictor.model.name)"
            " || object.spec.predictor.model.name == ''",
            "message": "the 'name' field is not allowed in standard predictor",
        },
        {
            "expression": f"!({NOTED.format(CLASS)}) || {NOTES}[{CLASS}] in {classes}",
            "messageExpression": f"'[' + {NOTES}[{CLASS}] + '] is not a supported autoscaler class type'",
        },
    ]
    if version != "0.12":
        found.append(
            {
                "expression": f"!has(object.spec.predictor.deploymentStrategy) || ({raw})",
                "message": "customizing deploymentStrategy is only supported for raw deployment mode",
            }
        )
    return found


def definition(version: str, found: Object) -> Object:
    """The definition of a kind as this version has it: 0.12 knows no ``deploymentStrategy`` and drops it."""
    if version != "0.12" or found["metadata"]["name"] != SERVICES:
        return found
    older = copy.deepcopy(found)
    for entry in older["spec"]["versions"]:
        spec = entry["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
        spec["predictor"]["properties"].pop("deploymentStrategy", None)
    return older
