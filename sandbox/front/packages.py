# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian packages that parts need: installed with apt where this user may, else asked for in one sentence."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sandbox.common import nginx

ESTIMATE = 30.0
CJSON = ("/usr/lib/*/lua/5.1/cjson.so", "/usr/lib64/lua/5.1/cjson.so", "/usr/local/lib/lua/5.1/cjson.so")


class PackagesError(Exception):
    """Something is missing and can't be installed from here; the text holds the command."""


def _has_nginx() -> bool:
    try:
        nginx.find_nginx()
        nginx.lua_module_lines()
    except nginx.NginxMissingError:
        return False
    return any(list(Path("/").glob(pattern.lstrip("/"))) for pattern in CJSON)


def resolves(superdomain: str) -> bool:
    """Do the programs of this machine find the hosts of the sandbox at its own address?"""
    try:
        entries = socket.getaddrinfo(f"probe.{superdomain}", None)
    except OSError:
        return False
    return all(str(entry[4][0]) in ("127.0.0.1", "::1") for entry in entries)


@dataclass(frozen=True)
class Need:
    """Packages, and the question whether what they bring is there already."""

    packages: tuple[str, ...]
    present: Callable[[], bool]
    why: str


def needs(parts: list[str], superdomain: str) -> list[Need]:
    """What these parts need of the machine."""
    found = []
    if {"gateway", "router"} & set(parts):
        why = "the gateway and the router are a real nginx with Lua"
        found.append(Need(("nginx", "libnginx-mod-http-lua", "lua-cjson"), _has_nginx, why))
    if "router" in parts and superdomain.endswith(".localhost"):
        why = f"programs must find *.{superdomain}"
        found.append(Need(("libnss-myhostname",), lambda: resolves(superdomain), why))
    return found


def ensure(parts: list[str], superdomain: str, log: Path) -> None:
    """Installs what is missing. Raises PackagesError."""
    missing = [need for need in needs(parts, superdomain) if not need.present()]
    if not missing:
        _check_superdomain(parts, superdomain)
        return
    names = [name for need in missing for name in need.packages]
    command = f"apt-get install -y --no-install-recommends {' '.join(names)}"
    why = "; ".join(need.why for need in missing)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        prefix = "" if os.geteuid() == 0 else "sudo "
        hint = "" if shutil.which("apt-get") else " (these are Debian's names; this machine has no apt-get)"
        raise PackagesError(f"missing on this machine: {' '.join(names)} ({why}). Run: {prefix}{command}{hint}")
    _install(names, log)
    if left := [need for need in missing if not need.present()]:
        text = "; ".join(f"{' '.join(need.packages)} ({need.why})" for need in left)
        raise PackagesError(f"installed, but still not usable: {text}; see {log}")


def _install(names: list[str], log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    steps = [
        ["apt-get", "-o", "DPkg::Lock::Timeout=300", "update"],
        ["apt-get", "-o", "DPkg::Lock::Timeout=300", "install", "-y", "--no-install-recommends", *names],
    ]
    with log.open("wb") as out:
        for step in steps:
            done = subprocess.run(step, stdout=out, stderr=out, env=environment, check=False)
            if done.returncode != 0 and step is steps[-1]:
                tail = log.read_text(errors="replace").strip().splitlines()[-1:]
                raise PackagesError(f"{' '.join(step)} failed: {''.join(tail)} (whole output: {log})")


def _check_superdomain(parts: list[str], superdomain: str) -> None:
    if "router" in parts and not resolves(superdomain):
        raise PackagesError(
            f"this machine does not find hosts below {superdomain} at 127.0.0.1; give them to it in its DNS, or take a "
            "superdomain below localhost, such as apps.localhost (--superdomain)"
        )
