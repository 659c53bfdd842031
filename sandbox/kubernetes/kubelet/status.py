# SPDX-License-Identifier: GPL-3.0-or-later
"""A Pod's status from the states of its containers. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Object = dict[str, Any]


def now() -> str:
    """The time as Kubernetes writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Container:
    """One container's state. `state` and `last` have the API's own shape: {"waiting"|"running"|"terminated": {…}}."""

    name: str
    image: str
    sidecar: bool = False
    state: Object = field(default_factory=lambda: {"waiting": {"reason": "ContainerCreating"}})
    last: Object = field(default_factory=dict)
    ready: bool = False
    started: bool = False
    restarts: int = 0

    def waiting(self, reason: str, message: str = "") -> None:
        """Not running, with the reason."""
        if "terminated" in self.state:
            self.last = self.state
        self.state = {"waiting": {"reason": reason, **({"message": message} if message else {})}}
        self.ready = self.started = False

    def running(self) -> None:
        """Runs from now on."""
        if "terminated" in self.state:
            self.last = self.state
        self.state = {"running": {"startedAt": now()}}

    def terminated(self, code: int, reason: str = "", message: str = "") -> None:
        """Ended with an exit code."""
        begun = (self.state.get("running") or {}).get("startedAt") or now()
        detail = {"exitCode": code, "reason": reason or ("Completed" if code == 0 else "Error")}
        detail |= {"startedAt": begun, "finishedAt": now()} | ({"message": message} if message else {})
        self.state = {"terminated": detail}
        self.ready = self.started = False

    @property
    def exit_code(self) -> int | None:
        """The exit code of a container that ended."""
        return self.state["terminated"]["exitCode"] if "terminated" in self.state else None

    @property
    def settled(self) -> bool:
        """As an init container: ended well, or a sidecar that runs."""
        return self.exit_code == 0 or (self.sidecar and self.started)

    def document(self) -> Object:
        """As it stands in containerStatuses."""
        return {
            "name": self.name,
            "image": self.image,
            "imageID": f"sandbox://{self.image}",
            "containerID": f"sandbox://{self.name}-{self.restarts}",
            "state": self.state,
            "lastState": self.last,
            "ready": self.ready,
            "started": self.started,
            "restartCount": self.restarts,
        }


def phase(policy: str, inits: list[Container], containers: list[Container]) -> str:
    """Pending, Running, Succeeded or Failed, as the kubelet decides it."""
    if policy == "Never" and any(container.exit_code not in (None, 0) for container in inits):
        return "Failed"
    if not all(container.settled for container in inits):
        return "Pending"
    codes = [container.exit_code for container in containers]
    if policy != "Always" and all(code is not None for code in codes):
        if all(code == 0 for code in codes):
            return "Succeeded"
        if policy == "Never":
            return "Failed"
    never_ran = all("waiting" in container.state and not container.restarts for container in containers)
    return "Pending" if never_ran and not any(container.last for container in containers) else "Running"


def pod_status(pod: Object, pod_ip: str, inits: list[Container], containers: list[Container]) -> Object:
    """The whole status for a merge patch; what other writers put there (PodScheduled) stays."""
    policy = pod["spec"].get("restartPolicy", "Always")
    current = phase(policy, inits, containers)
    before = pod.get("status") or {}
    finished = current in ("Succeeded", "Failed")
    initialized = finished or all(container.settled for container in inits)
    ready = current == "Running" and all(container.ready for container in containers)
    idle = [container.name for container in containers if not container.ready]
    why = {"reason": "PodCompleted"} if finished else {"reason": "ContainersNotReady"}
    if not finished and idle:
        why["message"] = f"containers with unready status: [{' '.join(idle)}]"
    conditions = [
        _condition(before, "PodReadyToStartContainers", not finished, {}),
        _condition(before, "Initialized", initialized, {} if initialized else {"reason": "ContainersNotInitialized"}),
        _condition(before, "Ready", ready, {} if ready else why),
        _condition(before, "ContainersReady", ready, {} if ready else why),
    ]
    own = {condition["type"] for condition in conditions}
    conditions += [condition for condition in before.get("conditions") or [] if condition["type"] not in own]
    return {
        "phase": current,
        "conditions": conditions,
        "hostIP": "127.0.0.1",
        "hostIPs": [{"ip": "127.0.0.1"}],
        "podIP": pod_ip,
        "podIPs": [{"ip": pod_ip}],
        "startTime": before.get("startTime") or now(),
        "qosClass": before.get("qosClass") or "Burstable",
        "initContainerStatuses": [container.document() for container in inits],
        "containerStatuses": [container.document() for container in containers],
    }


def _condition(before: Object, kind: str, true: bool, why: Object) -> Object:
    status = "True" if true else "False"
    old: Object = next((entry for entry in before.get("conditions") or [] if entry["type"] == kind), {})
    changed = old.get("lastTransitionTime") if old.get("status") == status else None
    return {"type": kind, "status": status, "lastTransitionTime": changed or now(), **why}
