# SPDX-License-Identifier: GPL-3.0-or-later
"""Command lines of the four components. Pure: paths and ports in, lists of arguments out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SERVICE_RANGE = "10.96.0.0/16"
# The node's address and its health are the process kubelet's business; the endpoint controllers would only retry for
# ever, since the server refuses loopback addresses in EndpointSlices (the sandbox's DNS looks at the Pods instead).
DISABLED_CONTROLLERS = (
    "node-lifecycle-controller",
    "node-ipam-controller",
    "cloud-node-lifecycle-controller",
    "endpoints-controller",
    "endpointslice-controller",
    "endpointslice-mirroring-controller",
)
# Requests of people, tests and the automation are counted; those of the sandbox's own parts are not.
AUDIT_POLICY = """\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted, Panic]
rules:
  - level: Metadata
    users: [admin]
  - level: Metadata
    userGroups: ["system:serviceaccounts:rhai-maas"]
  - level: None
"""


@dataclass(frozen=True)
class Layout:
    """Where one control plane keeps its things and on which ports of 127.0.0.1 it listens."""

    state: Path
    port: int
    etcd_port: int
    controllers_port: int
    scheduler_port: int

    @property
    def server(self) -> str:
        """The API server's address."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def ca(self) -> Path:
        """The certificate that the API server makes for itself: its own bundle, right for every client."""
        return self.state / "pki" / "apiserver.crt"

    @property
    def signing_key(self) -> Path:
        """Signs and checks the service accounts' tokens."""
        return self.state / "sa.key"

    @property
    def tokens(self) -> Path:
        """The users' tokens."""
        return self.state / "tokens.csv"

    @property
    def audit_policy(self) -> Path:
        """What the API server writes into the audit log."""
        return self.state / "audit-policy.yml"

    @property
    def audit_log(self) -> Path:
        """One JSON line for each counted request."""
        return self.state / "audit.log"

    def kubeconfig(self, name: str) -> Path:
        """A user's kubeconfig."""
        return self.state / f"{name}.kubeconfig"


def etcd(program: Path, layout: Layout) -> list[str]:
    """The store."""
    url = f"http://127.0.0.1:{layout.etcd_port}"
    return [str(program), "etcd", f"--data={layout.state / 'etcd'}", f"--client-url={url}"]


def apiserver(program: Path, layout: Layout) -> list[str]:
    """The API server; every token and key stands in a file."""
    flags = {
        "etcd-servers": f"http://127.0.0.1:{layout.etcd_port}",
        "bind-address": "127.0.0.1",
        "secure-port": str(layout.port),
        "cert-dir": str(layout.state / "pki"),
        "service-account-issuer": "https://kubernetes.default.svc",
        "service-account-key-file": str(layout.signing_key),
        "service-account-signing-key-file": str(layout.signing_key),
        "service-cluster-ip-range": SERVICE_RANGE,
        "token-auth-file": str(layout.tokens),
        "authorization-mode": "RBAC",
        "disable-admission-plugins": "TaintNodesByCondition",
        "kubelet-preferred-address-types": "InternalIP",
        "endpoint-reconciler-type": "none",
        "audit-policy-file": str(layout.audit_policy),
        "audit-log-path": str(layout.audit_log),
        "audit-log-maxsize": "1000",
        "shutdown-delay-duration": "0s",
    }
    return [str(program), "apiserver", *_flags(flags)]


def controllers(program: Path, layout: Layout) -> list[str]:
    """The controller manager."""
    flags = {
        "kubeconfig": str(layout.kubeconfig("sandbox-control-plane")),
        "controllers": ",".join(["*", *(f"-{name}" for name in DISABLED_CONTROLLERS)]),
        "service-account-private-key-file": str(layout.signing_key),
        "root-ca-file": str(layout.ca),
        "leader-elect": "false",
        "bind-address": "127.0.0.1",
        "secure-port": str(layout.controllers_port),
        "cert-dir": str(layout.state / "pki-controllers"),
        "kube-api-qps": "200",
        "kube-api-burst": "400",
        "use-service-account-credentials": "false",
    }
    return [str(program), "controller-manager", *_flags(flags)]


def scheduler(program: Path, layout: Layout) -> list[str]:
    """The scheduler."""
    flags = {
        "kubeconfig": str(layout.kubeconfig("sandbox-control-plane")),
        "leader-elect": "false",
        "bind-address": "127.0.0.1",
        "secure-port": str(layout.scheduler_port),
        "cert-dir": str(layout.state / "pki-scheduler"),
    }
    return [str(program), "scheduler", *_flags(flags)]


def _flags(values: dict[str, str]) -> list[str]:
    return [f"--{name}={value}" for name, value in values.items()]
