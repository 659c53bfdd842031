# SPDX-License-Identifier: GPL-3.0-or-later
"""The configuration file: where the other parts of the sandbox are. README.md lists the keys."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.operators import kserve_version

_KEYS = {
    "superdomain",
    "public_port",
    "ca",
    "crds",
    "state",
    "pace",
    "threescale",
    "keycloak",
    "s3",
    "policies",
    "kserve",
    "originals",
    "trusts_router",
}


class ConfigError(Exception):
    """The file can't be used; the text names the key."""


@dataclass(frozen=True)
class Server:
    """A server with an administrator."""

    url: str
    user: str = ""
    password: str = ""
    keep_realms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Config:
    """See README.md."""

    superdomain: str = "apps.localhost"
    public_port: int = 443
    ca: Path | None = None
    crds: Path | None = None
    state: Path = Path(".sandbox/operators")
    pace: float = 0.3
    threescale_url: str = ""
    threescale_master_token: str = ""
    policies: Path | None = None
    keycloaks: dict[str, Server] = field(default_factory=dict)
    s3_url: str = ""
    s3_host: str = ""
    s3_port: int = 443
    kserve: str = kserve_version.DEFAULT
    originals: tuple[str, ...] = ()
    trusts_router: bool = False

    @property
    def port_suffix(self) -> str:
        """``:8443`` where the router's port has to stand in an address."""
        return "" if self.public_port == 443 else f":{self.public_port}"

    def host(self, name: str) -> str:
        """A host name of the router."""
        return f"{name}.{self.superdomain}"

    def ca_text(self) -> str:
        """The sandbox's CA bundle as text, empty without one."""
        return self.ca.read_text() if self.ca and self.ca.exists() else ""


def _path(value: Any) -> Path | None:
    return Path(value) if value else None


def parse(data: dict[str, Any]) -> Config:
    """Read the file's object; ``ConfigError`` names a key that is not known or has no sense."""
    unknown = set(data) - _KEYS
    if unknown:
        raise ConfigError(f"unknown keys {', '.join(sorted(unknown))}; known: {', '.join(sorted(_KEYS))}")
    threescale, s3 = data.get("threescale") or {}, data.get("s3") or {}
    superdomain = data.get("superdomain") or "apps.localhost"
    port = int(data.get("public_port") or 443)
    kserve = str(data.get("kserve") or kserve_version.DEFAULT)
    if kserve not in kserve_version.VERSIONS:
        raise ConfigError(f"kserve is one of {', '.join(kserve_version.VERSIONS)}, not {kserve}")
    return Config(
        superdomain=superdomain,
        public_port=port,
        ca=_path(data.get("ca")),
        crds=_path(data.get("crds")),
        state=Path(data.get("state") or ".sandbox/operators").absolute(),
        pace=float(data.get("pace", 0.3)),
        threescale_url=str(threescale.get("url") or "").rstrip("/"),
        threescale_master_token=str(threescale.get("master_token") or ""),
        policies=_path(data.get("policies")),
        keycloaks=_keycloaks(data.get("keycloak") or {}),
        s3_url=str(s3.get("url") or "").rstrip("/"),
        s3_host=str(s3.get("host") or f"s3.{superdomain}"),
        s3_port=int(s3.get("port") or port),
        kserve=kserve,
        originals=tuple(data.get("originals") or ()),
        trusts_router=bool(data.get("trusts_router", False)),
    )


def _keycloaks(entries: dict[str, Any]) -> dict[str, Server]:
    """The Keycloak servers by generation."""
    try:
        return {
            generation: Server(
                entry["url"].rstrip("/"),
                entry["admin_user"],
                entry["admin_password"],
                tuple(entry.get("keep_realms") or ()),
            )
            for generation, entry in entries.items()
        }
    except (KeyError, TypeError) as error:
        raise ConfigError(f"keycloak: each of rhbk, rhsso has url, admin_user, admin_password; got {error}") from None


def load(path: Path) -> Config:
    """Read the file."""
    try:
        data = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: {error}") from None
    return parse(data)
