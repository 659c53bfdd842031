# SPDX-License-Identifier: GPL-3.0-or-later
"""What an APIManager's status says, and what the operator writes into its specification. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.operators.conditions import condition, merged
from sandbox.operators.kube import Object
from sandbox.operators.threescale_parts import parts


@dataclass
class Look:
    """What one look at the installation found."""

    version: str
    expected: list[str]
    ready: list[str] = field(default_factory=list)
    starting: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    missing_secrets: list[str] = field(default_factory=list)
    missing_storage: bool = False
    routes: dict[str | None, bool] = field(default_factory=dict)
    wanted_routes: list[str] = field(default_factory=list)
    seeded: bool = False

    def waiting(self, spec: Object, wave: int) -> bool:
        """Is a part of this wave not up yet?"""
        return any(part.wave == wave and part.name not in self.ready for part in parts(spec))

    def expect_routes(self, spec: Object) -> None:
        """The six hosts without which ``Available`` stays False: those of the default product are among them."""
        tenant, domain = spec.get("tenantName") or "3scale", spec["wildcardDomain"]
        names = [f"backend-{tenant}", f"api-{tenant}-apicast-production", f"api-{tenant}-apicast-staging"]
        self.wanted_routes = [f"{name}.{domain}" for name in [*names, "master", tenant, f"{tenant}-admin"]]

    @property
    def all_ready(self) -> bool:
        """Every Deployment is up."""
        return set(self.expected) == set(self.ready)

    @property
    def done(self) -> bool:
        """Is there nothing left to do? Deployments, Routes and Secrets that change wake the controller."""
        return self.all_ready and self.seeded

    @property
    def available(self) -> bool:
        """The condition of that name."""
        secrets = not self.missing_secrets or self.version == "2.15"
        return self.all_ready and secrets and all(self.routes.get(host) for host in self.wanted_routes)


def status(before: Object, look: Look) -> Object:
    """The whole status. There is no observedGeneration in it."""
    reason, message = "", ""
    if look.missing_secrets and look.version != "2.15":
        reason, message = "MissingWatchedSecrets", f"secrets not found: {', '.join(look.missing_secrets)}"
    passed = "All requirements for the current version are met"
    conditions = [
        condition("Available", look.available, reason, message),
        condition("Preflights", True, "PreflightsPass", passed),
        condition("Warning", False),
    ]
    missing = sorted(set(look.expected) - set(look.ready) - set(look.stopped))
    deployments: Object = {"ready": sorted(look.ready)}
    if missing:
        deployments["starting"] = missing
    if look.stopped:
        deployments["stopped"] = sorted(look.stopped)
    return {
        "conditions": merged(before.get("conditions"), conditions),
        # A merge patch keeps what is not named: lists that became empty are taken out by null.
        "deployments": {"starting": None, "stopped": None, **deployments}
        if (before.get("deployments") or {}) != deployments
        else deployments,
    }


def defaults(body: Object, version: str, operator: str, secret_uids: list[str]) -> Object:
    """A merge patch with what is missing: defaults in the spec, versions in annotations, watched Secrets in labels."""
    spec, meta = body["spec"], body["metadata"]
    apicast = spec.get("apicast") or {}
    wanted: Object = {
        "appLabel": "3scale-api-management",
        "tenantName": "3scale",
        "resourceRequirementsEnabled": True,
        "apicast": {
            "managementAPI": "status",
            "openSSLVerify": False,
            "responseCodes": True,
            "registryURL": "http://apicast-staging:8090/policies",
        },
    }
    patch: Object = {key: value for key, value in wanted.items() if key != "apicast" and key not in spec}
    inner = {key: value for key, value in wanted["apicast"].items() if key not in apicast}
    if inner:
        patch["apicast"] = inner
    annotations = {
        "apps.3scale.net/apimanager-threescale-version": version,
        "apps.3scale.net/threescale-operator-version": operator,
        "apps.3scale.net/apimanager-confirmed-requirements-version": operator,
    }
    have = meta.get("annotations") or {}
    labels = {f"secret.apimanager.apps.3scale.net/{uid}": "true" for uid in secret_uids}
    result: Object = {"spec": patch} if patch else {}
    head: Object = {}
    if any(have.get(key) != value for key, value in annotations.items()):
        head["annotations"] = annotations
    if any((meta.get("labels") or {}).get(key) != value for key, value in labels.items()):
        head["labels"] = labels
    return {**result, "metadata": head} if head else result
