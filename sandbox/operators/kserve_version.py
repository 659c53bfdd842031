# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between the versions of KServe that OpenShift AI has: 0.12 in 2.16, 0.14 up to 2.22, then 0.15. Pure."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]
VERSIONS = ("0.12", "0.14", "0.15")
#: the strictest one with all fields: what it takes, all later ones take
DEFAULT = "0.14"
#: annotation: what KServe's webhook would answer to a Pod of this template; an admission policy says it in its place
REFUSAL = "sandbox.kserve/refusal"
NAME_FORM = "[a-z]([-a-z0-9]*[a-z0-9])?"
CLASS = "'serving.kserve.io/autoscalerClass'"
MODE = "'serving.kserve.io/deploymentMode'"
#: expressions: the annotations, and whether one of them is there
NOTES = "object.metadata.annotations"
NOTED = "has(object.metadata.annotations) && {} in object.metadata.annotations"
P = "object.spec.predictor"
KINDS = "SKLearn, XGBoost, Tensorflow, PyTorch, Triton, ONNX, HuggingFace, PMML, LightGBM, Paddle, Model"


def autoscaler_classes(version: str) -> list[str]:
    """The values of annotation ``serving.kserve.io/autoscalerClass`` that the webhook takes."""
    return ["hpa", "external", "keda", "none"] if version == "0.15" else ["hpa", "external"]


def validations(version: str) -> list[Object]:
    """The webhook's refusals as expressions of an admission policy, each with the webhook's words."""
    return [*_of_names(version), *_of_predictor(version), *_of_scaling(version)]


def _of_names(version: str) -> list[Object]:
    begin = "The" if version == "0.12" else "the"
    words = (
        f"'{begin} InferenceService \"' + object.metadata.name + '\" is invalid: a InferenceService name must consist "
        "of lower case alphanumeric characters or \\'-\\', and must start with alphabetical character. "
        f'(e.g. "my-name" or "abc-123", regex used for validation is \\\'{NAME_FORM}\\\')\''
    )
    return [
        {
            "expression": "size(object.metadata.name) <= 53",
            "message": "InferenceService name is too long. The name exceeds the maximum length of 53 characters",
        },
        {"expression": f"object.metadata.name.matches('^{NAME_FORM}$')", "messageExpression": words},
        {
            "expression": "!(object.metadata.namespace in ['redhat-ods-applications', 'opendatahub'])",
            "message": "specified namespace is protected",
        },
    ]


def _of_predictor(version: str) -> list[Object]:
    begin = "Exactly" if version == "0.12" else "exactly"
    kinds = f"{KINDS}, PodSpec" if version == "0.12" else f"{KINDS}, WorkerSpec, PodSpec"
    # 0.15 takes a transformer's container beside the model
    both = "||" if version == "0.15" else "!="
    return [
        {
            "expression": f"has({P}.model) {both} (has({P}.containers) && size({P}.containers) > 0)",
            "message": f"{begin} one of [{kinds}] must be specified in PredictorSpec",
        },
        {
            # since OpenShift AI 3.5; what an older one takes, a sandbox need not
            "expression": f"!has({P}.model) || !has({P}.model.name) || {P}.model.name == ''",
            "message": "the 'name' field is not allowed in standard predictor",
        },
    ]


def _of_scaling(version: str) -> list[Object]:
    classes, quote = autoscaler_classes(version), "" if version == "0.12" else "'"
    full_stop = "." if version == "0.12" else ""
    raw = f"{NOTED.format(MODE)} && {NOTES}[{MODE}] == 'RawDeployment'"
    least, most = f"(has({P}.minReplicas) ? {P}.minReplicas : 1)", f"(has({P}.maxReplicas) ? {P}.maxReplicas : 0)"
    found: list[Object] = [
        {
            "expression": f"!({NOTED.format(CLASS)}) || {NOTES}[{CLASS}] in {classes}",
            "messageExpression": f"'[' + {NOTES}[{CLASS}] + '] is not a supported autoscaler class type{full_stop}'",
        },
        {
            "expression": f"{least} >= 0",
            "message": f"{quote}MinReplicas{quote} cannot be less than 0{full_stop}",
        },
        {
            "expression": f"{most} >= 0",
            "message": f"{quote}MaxReplicas{quote} cannot be less than 0{full_stop}",
        },
        {
            "expression": f"{least} <= {most} || {most} == 0",
            "message": f"{quote}MinReplicas{quote} cannot be greater than MaxReplicas{full_stop}",
        },
        {
            "expression": f"!has({P}.deploymentStrategy) || ({raw})",
            "message": "customizing deploymentStrategy is only supported for raw deployment mode",
        },
    ]
    if version == "0.15":
        found.append(
            {
                "expression": f"oldObject == null || !has(oldObject.status) || !has(oldObject.status.deploymentMode)"
                f" || !({NOTED.format(MODE)}) || {NOTES}[{MODE}] == oldObject.status.deploymentMode",
                "messageExpression": "'update rejected: deploymentMode cannot be changed from \\'' + "
                f"oldObject.status.deploymentMode + '\\' to \\'' + {NOTES}[{MODE}] + '\\''",
            }
        )
    return found


def replicas(version: str, scaled_by: str, wanted: int) -> int | None:
    """The number of Pods that KServe writes into a Deployment; None where it leaves it to whoever scales.

    :param scaled_by: the autoscaler's class
    """
    return wanted if version == "0.15" and scaled_by == "none" else None


def removes_autoscaler(version: str) -> bool:
    """Does an autoscaler go when its service is given another class? In 0.12 it stays and goes on scaling."""
    return version != "0.12"


def stops(version: str) -> bool:
    """Does the annotation that stops a service mean anything?"""
    return version == "0.15"


def mounts_token(version: str) -> bool:
    """Do Pods get their ServiceAccount's token where nothing is said about it?"""
    return version != "0.15"
