# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""What keeps Pods from their work and does not go away by waiting. Pure, no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Object = Mapping[str, Any]

#: seconds for which a trouble of this reason has to last: what a Pod needs may be made in these moments
SETTLES = {"FailedMount": 20.0, "CreateContainerConfigError": 20.0, "FailedCreate": 10.0}

_PULL = ("ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull")
_START = ("CreateContainerConfigError", "CreateContainerError", "RunContainerError", "StartError")
_REFUSED = re.compile(r"exceeded quota|failed quota|is forbidden|violates PodSecurity|denied the request")

_TO_DO = {
    "CrashLoopBackOff": "Its last lines say why it ends; correct that and run again.",
    "ImagePullBackOff": "Is the image's name right, can the cluster reach its registry, is there a pull secret for it?",
    "Unschedulable": "Add a node or free one, or ask for less; where nodes come by themselves, wait longer for them.",
    "FailedMount": "Create what the volume refers to.",
    "FailedCreate": "Raise the quota of the namespace, or ask for less.",
    "OOMKilled": "Raise the memory limit.",
}
_START_TO_DO = "Create what the container's environment refers to, or correct its command."
#: what servers say at their end, and the setting that mends it
_SAID = (
    (re.compile(r"max seq len|max_model_len|KV cache", re.I), "Lower serving.max_model_len of the model."),
    (re.compile(r"compute cap", re.I), "Use an image that is built for this GPU (images in model_serving_runtimes)."),
    (
        re.compile(r"no CUDA-capable device|nvidia-smi.*not found|no NVIDIA", re.I),
        "Give the model a GPU (serving.gpus), or use an image for CPUs.",
    ),
    (re.compile(r"unrecognized arguments|invalid argument", re.I), "Remove the argument, or use a newer image."),
    (re.compile(r"CUDA out of memory|OutOfMemoryError", re.I), "Give it more GPUs (serving.gpus), or a smaller model."),
    (re.compile(r"No model found in"), "Is the model in the bucket, under this path? Run its import again."),
    (
        re.compile(r"storage (secret|key|type)|requires a bucket"),
        "KServe reads the connection from Secret storage-config, which OpenShift AI makes of the connection's Secret: "
        "is that there, with its labels and its type?",
    ),
)
#: reasons under which the message holds what the server or an admission webhook said
_TELLING = ("CrashLoopBackOff", "OOMKilled", "FailedCreate")


@dataclass(frozen=True)
class Trouble:
    """Why a Pod will not work: where, in Kubernetes' own word, in what it says, and what helps."""

    what: str
    reason: str
    message: str
    container: str = ""
    restarted: bool = False
    pod: str = ""

    def sentence(self, lines: str = "") -> str:
        """One sentence each for what happens, what was said last, and what to do.

        :param lines: the end of the container's log, where the status has none
        """
        said = lines.strip() or self.message
        advice = next((text for pattern, text in _SAID if pattern.search(said)), "")
        if self.reason not in _TELLING:
            advice = ""
        advice = (
            advice or _TO_DO.get(self.reason) or (_TO_DO["ImagePullBackOff"] if self.reason in _PULL else _START_TO_DO)
        )
        return f"{self.what}: {self.reason}: {said.rstrip('.')}. {advice}"


def troubles(pods: Sequence[Object], events: Sequence[Object] = (), owners: Iterable[str] = ()) -> list[Trouble]:
    """The troubles of these Pods, and of what should have made more of them.

    :param events: warnings of the same namespace, for what no status tells
    :param owners: names of the objects that should have Pods
    """
    live = [pod for pod in pods if not pod["metadata"].get("deletionTimestamp")]
    found = [trouble for pod in live for trouble in _of_pod(pod)]
    return found + list(_of_events(live, events, _without_pods(live, owners)))


def _maker(kind: str, name: str) -> str:
    """Who asked for a Pod: a ReplicaSet bears its Deployment's name with a hash behind it."""
    return name.rpartition("-")[0] if kind == "ReplicaSet" else name


def _without_pods(pods: Sequence[Object], owners: Iterable[str]) -> list[str]:
    """Names of those that should have Pods and have none; an InferenceService's are made for NAME-predictor."""
    references = [item for pod in pods for item in pod["metadata"].get("ownerReferences") or []]
    makers = {_maker(str(item.get("kind")), str(item.get("name"))) for item in references}
    wanted = [(owner, f"{owner}-predictor") for owner in owners]
    return [name for names in wanted if makers.isdisjoint(names) for name in names]


class Watch:
    """Troubles over time: some of them go away by themselves, and count only when they last.

    :param patience: seconds by reason, in place of the usual ones
    """

    def __init__(self, patience: Mapping[str, float] | None = None) -> None:
        self._patience = {**SETTLES, **(patience or {})}
        self._since: dict[tuple[str, str], float] = {}
        self._before: dict[str, str] | None = None

    def fresh(self, events: Sequence[Object]) -> list[Object]:
        """Without what was said of ReplicaSets before the first look, and not again: events outlive what they tell of.

        A ReplicaSet that is refused its Pods tries again after moments, then after minutes, and each time says so.
        """
        now = {str(event["metadata"].get("uid")): str(event["metadata"].get("resourceVersion")) for event in events}
        if self._before is None:
            self._before = now
        before = self._before
        return [
            event
            for event in events
            if (event.get("involvedObject") or {}).get("kind") != "ReplicaSet"
            or before.get(str(event["metadata"].get("uid"))) != str(event["metadata"].get("resourceVersion"))
        ]

    def lasting(self, found: Iterable[Trouble], now: float) -> list[Trouble]:
        """Those that were there for so long, each once.

        :param found: what was seen at this look
        :param now: seconds of any clock that only goes forward
        """
        seen = {(trouble.what, trouble.reason): trouble for trouble in found}
        self._since = {key: self._since.get(key, now) for key in seen}
        return [item for key, item in seen.items() if now - self._since[key] >= self._patience.get(key[1], 0.0)]


def needs_events(pods: Sequence[Object], owners: Iterable[str] = ()) -> bool:
    """Is there something that only events explain: one that has no Pod, or a Pod whose volumes don't come?"""
    live = [pod for pod in pods if not pod["metadata"].get("deletionTimestamp")]
    return bool(_without_pods(live, owners)) or any(_creating(pod) for pod in live)


def _statuses(pod: Object) -> list[Mapping[str, Any]]:
    status = pod.get("status") or {}
    return [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]


def _creating(pod: Object) -> bool:
    waiting = [(item.get("state") or {}).get("waiting") or {} for item in _statuses(pod)]
    return any(item.get("reason") in ("ContainerCreating", "PodInitializing") for item in waiting)


def _of_pod(pod: Object) -> Iterable[Trouble]:
    own = str(pod["metadata"]["name"])
    name = f"Pod {own}"
    for item in (pod.get("status") or {}).get("conditions") or []:
        if (
            item.get("type") == "PodScheduled"
            and item.get("reason") == "Unschedulable"
            and item.get("status") == "False"
        ):
            yield Trouble(name, "Unschedulable", str(item.get("message", "")))
    for item in _statuses(pod):
        waiting = (item.get("state") or {}).get("waiting") or {}
        last = ((item.get("lastState") or {}).get("terminated")) or {}
        reason, container = str(waiting.get("reason", "")), str(item.get("name", ""))
        where = f"{name}, container {container}"
        if reason == "CrashLoopBackOff":
            why = "OOMKilled" if last.get("reason") == "OOMKilled" else reason
            code = f"it exited with code {last['exitCode']}" if "exitCode" in last else "it ends again and again"
            yield Trouble(
                where, why, str(last.get("message") or code).strip(), container, True, pod["metadata"]["name"]
            )
        elif reason in _PULL or reason in _START:
            yield Trouble(where, reason, str(waiting.get("message") or item.get("image") or ""), container)


def _of_events(pods: Sequence[Object], events: Sequence[Object], bare: Sequence[str]) -> Iterable[Trouble]:
    creating = {pod["metadata"].get("uid") for pod in pods if _creating(pod)}
    for event in events:
        what, message = event.get("involvedObject") or {}, str(event.get("message", ""))
        where = f"{what.get('kind')} {what.get('name')}"
        if event.get("reason") == "FailedMount" and what.get("uid") in creating:
            yield Trouble(where, "FailedMount", message)
        elif event.get("reason") == "FailedCreate" and is_refused(message) and _of(what) in bare:
            yield Trouble(where, "FailedCreate", message)


def _of(what: Mapping[str, Any]) -> str:
    return _maker(str(what.get("kind")), str(what.get("name")))


def is_refused(message: str) -> bool:
    """Does a message say that Pods are refused by a quota, by rights, by Pod Security or by a webhook's own check?"""
    return bool(_REFUSED.search(message))
