# SPDX-License-Identifier: GPL-3.0-or-later
"""What one state folder remembers between starts: addresses, ports, secrets, and which processes it started."""

from __future__ import annotations

import json
import os
import secrets
import socket
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

SECRETS = ("master_token", "keycloak_admin_password")
HUB_TOKEN = "hf_sandbox"  # the hub's own default: public, as everything that it serves
HTTPS = 443
FALLBACK_PORT = 8443
PORTS = (20000, 32000)  # below Linux's range for outgoing connections, above what services commonly use
LOOPBACK = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))


class SettingsError(Exception):
    """What was asked for does not go with what is there; the text says why and what to do."""


@dataclass
class Settings:
    """Everything that must be the same at the next start, so that addresses and tokens given out stay good."""

    superdomain: str = "apps.localhost"
    public_port: int = HTTPS
    crds: str | None = None
    sso_generation: str = "rhbk"
    ports: dict[str, int] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    @property
    def port_suffix(self) -> str:
        """The router's port as it stands in addresses."""
        return "" if self.public_port == HTTPS else f":{self.public_port}"

    def url(self, name: str) -> str:
        """The address of a host below the superdomain."""
        return f"https://{name}.{self.superdomain}{self.port_suffix}"


def write_private(path: Path, text: str) -> None:
    """Writes a file whole or not at all, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        handle.write(text)
    fresh.replace(path)


def write_json(path: Path, document: Any) -> None:
    """As write_private, of a JSON document."""
    write_private(path, json.dumps(document, indent=1) + "\n")


def load(state: Path) -> Settings:
    """The folder's settings, or fresh ones."""
    path = state / "settings.json"
    return Settings(**json.loads(path.read_text())) if path.exists() else Settings()


def save(state: Path, settings: Settings) -> None:
    """Keeps the settings; they hold secrets."""
    write_json(state / "settings.json", asdict(settings))


def fill_secrets(settings: Settings) -> None:
    """Makes the secrets that are missing."""
    for name in SECRETS:
        settings.secrets.setdefault(name, secrets.token_hex(32))


def can_listen(port: int, addresses: tuple[tuple[int, str], ...] = LOOPBACK) -> bool:
    """Can this user listen on the port of all these addresses? One that the machine lacks is left out."""
    for family, address in addresses:
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind((address, port))
        except OSError as error:
            if family == socket.AF_INET6 and error.errno not in (13, 98):
                continue  # no IPv6 on this machine
            return False
    return True


def free_port(taken: set[int] | None = None) -> int:
    """A port of 127.0.0.1 that nobody listens on and that is not promised to another part.

    Not one of those that the kernel gives to outgoing connections: such a port can be gone a second later.
    """
    first, last = PORTS
    count = last - first
    start = secrets.randbelow(count)
    for offset in range(count):
        port = first + (start + offset) % count
        if port not in (taken or set()) and can_listen(port, LOOPBACK[:1]):
            return port
    raise SettingsError(f"no port of 127.0.0.1 between {first} and {last} is free")


def choose_ports(settings: Settings, names: list[str]) -> None:
    """Keeps each port that is still free, chooses another where it is not or where there was none."""
    for name in names:
        port = settings.ports.get(name)
        if port is None or not can_listen(port, LOOPBACK[:1]):
            settings.ports[name] = free_port(set(settings.ports.values()))


def choose_public_port(wanted: int | None, before: int | None) -> int:
    """The router's port: as asked, as last time, 443 where this user may, else 8443 or a free one."""
    if wanted is not None:
        if not can_listen(wanted):
            why = "only root may listen on it" if wanted < 1024 and os.geteuid() else "it is taken"
            raise SettingsError(f"port {wanted} can't be the router's: {why}; choose another with --public-port")
        return wanted
    for port in (before, HTTPS, FALLBACK_PORT):
        if port is not None and can_listen(port):
            return port
    return free_port()
