# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts that `up` starts, with their command lines. Data."""

from __future__ import annotations

from typing import Any

from sandbox.front.parts import Context, Part, Strings, answers, listens, says_ready
from sandbox.front.settings import HUB_TOKEN
from sandbox.hub import weights

KEYCLOAK_PATHS = {"keycloak": "/", "keycloak-legacy": "/auth"}


def _kubernetes(context: Context) -> list[str]:
    ports = ["--port", str(context.port("kubernetes")), "--counters-port", str(context.port("kubernetes-control"))]
    return ["--state", str(context.state / "kubernetes"), *ports]


def _kubelet(context: Context) -> list[str]:
    settings = context.settings
    values = {
        "ca": str(context.ca),
        "superdomain": settings.superdomain,
        "public_port": str(settings.public_port),
        "hub_url": context.http("hub") if "hub" in settings.ports else "",
        "s3_url": context.http("s3") if "s3" in settings.ports else "",
    }
    placeholders = [part for name, value in values.items() for part in ("--set", f"{name}={value}")]
    kubeconfig = ["--kubeconfig", str(context.kubeconfig("sandbox-node"))]
    return [
        *kubeconfig,
        "--state",
        str(context.state / "kubelet"),
        "--port",
        str(context.port("kubelet")),
        *placeholders,
    ]


def _names(context: Context) -> list[str]:
    return ["--kubeconfig", str(context.kubeconfig("sandbox-names")), "--port", str(context.port("names"))]


def _operators(context: Context) -> list[str]:
    config = context.state / "operators" / "config.json"
    return ["--kubeconfig", str(context.kubeconfig("sandbox-operators")), "--config", str(config)]


def _keycloak(part: str) -> Strings:
    def arguments(context: Context) -> list[str]:
        ports = ["--port", str(context.port(part)), "--management-port", str(context.port(f"{part}-management"))]
        ports += ["--counters-port", str(context.port(f"{part}-control"))]
        state = ["--state", str(context.state / part), "--ca", str(context.ca)]
        return [*ports, "--relative-path", KEYCLOAK_PATHS[part], "--admin-user", "admin", *state]

    return arguments


def keycloak_password(context: Context) -> dict[str, str]:
    """The variable by which Keycloak, and what sets it up, get the administrator's password."""
    return {"KC_BOOTSTRAP_ADMIN_PASSWORD": context.settings.secrets["keycloak_admin_password"]}


def keycloak_url(context: Context, part: str) -> str:
    """A Keycloak's base address on this machine."""
    return context.http(part) + KEYCLOAK_PATHS[part].rstrip("/")


def _keycloak_part(name: str) -> Part:
    def credentials(context: Context) -> dict[str, Any]:
        return {"username": "admin", "password": context.settings.secrets["keycloak_admin_password"]}

    return Part(
        name,
        "sandbox.keycloak",
        _keycloak(name),
        answers(name, f"{KEYCLOAK_PATHS[name].rstrip('/')}/realms/master/.well-known/openid-configuration", _is_200),
        ports=(name, f"{name}-management", f"{name}-control"),
        environment=keycloak_password,
        url=lambda context: keycloak_url(context, name),
        control=lambda context: context.http(f"{name}-control"),
        credentials=credentials,
        estimate=25,
    )


def _is_200(status: int) -> bool:
    return status == 200


def _threescale(context: Context) -> list[str]:
    settings = context.settings
    addresses = ["--superdomain", settings.superdomain, "--public-port", str(settings.public_port), "--scheme", "https"]
    state = ["--state", str(context.state / "threescale" / "state.db"), "--ca", str(context.ca)]
    return ["--port", str(context.port("threescale")), *addresses, *state]


def _gateway(context: Context) -> list[str]:
    here, domain = context.http("threescale"), context.settings.superdomain
    # As the embedded gateways of a real installation: the master's list knows the products of every tenant.
    source = ["--admin-url", here, "--admin-host", f"master.{domain}", "--config-path", "/master/api/proxy/configs"]
    backend = ["--backend-url", here, "--backend-host", f"backend.{domain}"]
    names = ["--resolver", f"127.0.0.1:{context.port('names')}"] if "names" in context.settings.ports else []
    files = ["--policies", str(context.policies), "--ca", str(context.ca), "--state", str(context.state / "gateway")]
    # 300 s on a cluster: nobody in front of a demo waits for that.
    return ["--port", str(context.port("gateway")), "--production-cache", "5", *source, *backend, *names, *files]


def _s3(context: Context) -> list[str]:
    return ["--port", str(context.port("s3")), "--state", str(context.state / "s3")]


def _hub(context: Context) -> list[str]:
    return ["--port", str(context.port("hub")), "--repos", str(weights.folder())]


def _router(context: Context) -> list[str]:
    listen = ["--port", str(context.settings.public_port)]
    files = ["--table", str(context.state / "router-table.json"), "--state", str(context.state / "router")]
    kubeconfig = ["--kubeconfig", str(context.kubeconfig("sandbox-router"))]
    return [*listen, "--superdomain", context.settings.superdomain, *kubeconfig, *files]


def _kubernetes_credentials(context: Context) -> dict[str, Any]:
    return {
        "kubeconfig": str(context.kubeconfig("admin")),
        "automation_kubeconfig": str(context.kubeconfig("automation")),
    }


PARTS: dict[str, Part] = {
    part.name: part
    for part in (
        Part(
            "kubernetes",
            "sandbox.kubernetes",
            _kubernetes,
            says_ready("kubernetes"),
            ports=("kubernetes", "kubernetes-control"),
            url=lambda context: f"https://127.0.0.1:{context.port('kubernetes')}",
            control=lambda context: context.http("kubernetes-control"),
            credentials=_kubernetes_credentials,
            estimate=8,
        ),
        Part(
            "kubelet",
            "sandbox.kubernetes.kubelet",
            _kubelet,
            says_ready("kubelet"),
            needs=("kubernetes",),
            ports=("kubelet",),
            url=lambda context: f"https://127.0.0.1:{context.port('kubelet')}",
        ),
        Part(
            "names",
            "sandbox.names",
            _names,
            says_ready("names"),
            needs=("kubernetes",),
            ports=("names",),
            url=lambda context: f"dns://127.0.0.1:{context.port('names')}",
        ),
        _keycloak_part("keycloak"),
        _keycloak_part("keycloak-legacy"),
        Part(
            "threescale",
            "sandbox.threescale",
            _threescale,
            answers("threescale", "/_sandbox/counters"),
            ports=("threescale",),
            environment=lambda context: {"MASTER_ACCESS_TOKEN": context.settings.secrets["master_token"]},
            url=lambda context: context.http("threescale"),
            credentials=lambda context: {"master_token": context.settings.secrets["master_token"]},
        ),
        Part(
            "s3",
            "sandbox.s3",
            _s3,
            answers("s3", "/"),
            ports=("s3",),
            url=lambda context: context.http("s3"),
        ),
        Part(
            "hub",
            "sandbox.hub",
            _hub,
            answers("hub", "/"),
            ports=("hub",),
            url=lambda context: context.http("hub"),
            credentials=lambda _context: {"token": HUB_TOKEN},
        ),
        Part(
            "operators",
            "sandbox.operators",
            _operators,
            says_ready("operators"),
            needs=("kubernetes",),
        ),
        Part(
            "gateway",
            "sandbox.gateway",
            _gateway,
            listens(lambda context: context.port("gateway")),
            needs=("threescale",),
            ports=("gateway",),
            environment=lambda context: {"SANDBOX_GATEWAY_TOKEN": context.settings.secrets["master_token"]},
            url=lambda context: context.http("gateway"),
        ),
        Part(
            "router",
            "sandbox.router",
            _router,
            listens(lambda context: context.settings.public_port),
            needs=("kubernetes",),
            url=lambda context: f"https://127.0.0.1{context.settings.port_suffix}",
        ),
    )
}
OPTIONAL = ("keycloak-legacy",)


def chosen(names: list[str], sso_generation: str) -> list[str]:
    """The parts for `up NAME…` with all that they need, in an order in which each comes after its needs.

    Without names: everything; the generation of single sign-on decides which Keycloak. Raises KeyError for a name that
    is no part.
    """
    wanted = list(names) or [name for name in PARTS if name not in OPTIONAL]
    if not names and sso_generation in ("rhsso", "both"):
        wanted.append("keycloak-legacy")
    if not names and sso_generation == "rhsso":
        wanted.remove("keycloak")
    found: list[str] = []

    def add(name: str) -> None:
        for need in PARTS[name].needs:
            add(need)
        if name not in found:
            found.append(name)

    for name in wanted:
        add(name)
    return found
