# SPDX-License-Identifier: GPL-3.0-or-later
"""One nginx in the foreground of a part: found on the machine, started as a child, reloaded, ended with its parent."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

MODULE_FOLDERS = ("/usr/lib/nginx/modules", "/usr/lib64/nginx/modules", "/usr/share/nginx/modules")
LUA_MODULES = ("ndk_http_module.so", "ngx_http_lua_module.so")
CA_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")


class NginxMissingError(Exception):
    """nginx, or its Lua module, is not on this machine; the text says how to get it."""


def find_nginx() -> str:
    """The path of nginx; raises NginxMissingError."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if not found:
        raise NginxMissingError("nginx is not on this machine: apt-get install nginx libnginx-mod-http-lua lua-cjson")
    return found


def lua_module_lines() -> str:
    """`load_module` lines for Lua; raises NginxMissingError where the module is not there."""
    for folder in map(Path, MODULE_FOLDERS):
        if all((folder / name).is_file() for name in LUA_MODULES):
            return "".join(f"load_module {folder / name};\n" for name in LUA_MODULES)
    raise NginxMissingError(
        "nginx has no Lua module on this machine (looked in "
        + ", ".join(MODULE_FOLDERS)
        + "): apt-get install libnginx-mod-http-lua lua-cjson"
    )


def main_lines(state: Path, workers: int = 1) -> str:
    """The lines in front of every nginx.conf of the sandbox: what it writes lies in the state folder or on stdout."""
    user = "user root;\n" if os.geteuid() == 0 else ""  # else the workers could not read a state folder of mode 700
    return (
        f"{user}daemon off;\nworker_processes {workers};\npid {state}/nginx.pid;\nerror_log stderr warn;\n"
        "events { worker_connections 4096; }\n"
    )


def temp_lines(state: Path) -> str:
    """Lines for the http block: temporary folders inside the state folder."""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    return "".join(f"  {kind}_temp_path {state}/tmp/{kind};\n" for kind in kinds)


def trust_bundle(state: Path, ca: Path | None) -> Path | None:
    """A bundle of the machine's certificate authorities and the given one; None where there is neither."""
    texts = [Path(path).read_text() for path in CA_BUNDLES if Path(path).is_file()][:1]
    if ca is not None:
        texts.append(ca.read_text())
    if not texts:
        return None
    bundle = state / "trust.crt"
    bundle.write_text("\n".join(texts))
    return bundle


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner can read, whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        handle.write(text)
    fresh.replace(path)


class Nginx:
    """A running nginx with the configuration `state/nginx.conf`."""

    def __init__(self, state: Path) -> None:
        self.state = state
        (state / "tmp").mkdir(parents=True, exist_ok=True)
        (state / "logs").mkdir(exist_ok=True)
        self.command = [find_nginx(), "-p", str(state), "-c", str(state / "nginx.conf"), "-e", "stderr"]
        self.child: subprocess.Popen[bytes] | None = None

    def check(self) -> None:
        """Raises ValueError with nginx's own words if the configuration is wrong."""
        done = subprocess.run([*self.command, "-q", "-t"], stderr=subprocess.PIPE, check=False)
        if done.returncode != 0:
            raise ValueError(done.stderr.decode().strip())

    def reload(self) -> None:
        """Lets new workers take over with the configuration as it is now."""
        if self.child is not None and self.child.poll() is None:
            self.child.send_signal(signal.SIGHUP)

    def run(self, changed: Callable[[], bool], every: float = 1.0) -> int:
        """Runs until SIGTERM or SIGINT, and reloads whenever `changed()` says so. The exit status for the part."""
        wanted = False

        def stop(*_signal: object) -> None:
            nonlocal wanted
            wanted = True
            if self.child is not None and self.child.poll() is None:
                self.child.terminate()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        self.child = subprocess.Popen(self.command)
        while self.child.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.child.wait(every)
            if not wanted and changed():
                self.reload()
        if wanted:
            return 0
        print(f"nginx ended by itself with status {self.child.returncode}", file=sys.stderr)
        return self.child.returncode or 1
