# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the server in the foreground, says when it is ready, passes signals on, stops it cleanly."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from sandbox.keycloak import control
from sandbox.keycloak.admin import Admin
from sandbox.keycloak.counters import HEADER, PATTERN, Counters
from sandbox.keycloak.error import KeycloakError

PASSWORD = "KC_BOOTSTRAP_ADMIN_PASSWORD"  # Keycloak's own name for the variable
LINKED = ("bin", "conf", "lib", "providers", "themes")
READY_SECONDS = 600.0  # a busy machine takes minutes where an idle one takes twelve seconds
STOP_SECONDS = 20.0
# C1 alone: half the start time of the full compiler on two cores, and nothing here runs long enough to miss it.
JVM = ("-Xms64m", "-Xmx512m", "-XX:MaxMetaspaceSize=256m", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError")
OPENED = ("java.base/java.util", "java.base/java.util.concurrent", "java.base/java.security")
POOL = "io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory"


@dataclass(frozen=True)
class Options:
    """How to run the server. `hostname`: the public base URL, or None to believe the router's headers.

    `counters_port`: where `/_sandbox/counters` and `/_sandbox/dump` are answered, None for nowhere.
    """

    host: str
    port: int
    management_port: int
    relative_path: str
    admin_user: str
    state: Path
    hostname: str | None = None
    ca: Path | None = None
    counters_port: int | None = None

    @property
    def base_url(self) -> str:
        """The address on this machine, without a slash at the end."""
        return f"http://{self.host}:{self.port}{self.relative_path.rstrip('/')}"


def prepare_home(state: Path, built: Path) -> None:
    """Makes `state` a Keycloak home of its own: the built program by links, `data/` (the database) real."""
    state.mkdir(parents=True, exist_ok=True)
    for name in LINKED:
        link = state / name
        if link.is_symlink():
            link.unlink()
        link.symlink_to(built / name)


def command(options: Options, java: Path) -> list[str]:
    """The Java command line that `kc.sh start` makes, without the shell between us and the server's signals."""
    home = options.state.resolve()
    line = [str(java), *JVM, f"-Djava.util.concurrent.ForkJoinPool.common.threadFactory={POOL}"]
    line += [f"--add-opens={module}=ALL-UNNAMED" for module in OPENED]
    line += [f"-Dkc.home.dir={home}", f"-Djboss.server.config.dir={home / 'conf'}"]
    line += ["-Djava.util.logging.manager=org.jboss.logmanager.LogManager", "-Dpicocli.disable.closures=true"]
    line += ["-Duser.language=en", "-Duser.country=US", "-Dfile.encoding=UTF-8"]
    line += ["-cp", str(home / "lib" / "quarkus-run.jar"), "io.quarkus.bootstrap.runner.QuarkusEntryPoint"]
    line += ["start", "--optimized", "--cache=local", "--http-enabled=true", "--proxy-headers=xforwarded"]
    line += [f"--http-host={options.host}", f"--http-port={options.port}"]
    line += [f"--http-management-port={options.management_port}"]
    if options.counters_port:
        line += ["--http-access-log-enabled=true", f"--http-access-log-pattern={PATTERN}"]
    line += [f"--hostname={options.hostname}"] if options.hostname else ["--hostname-strict=false"]
    return line + ([f"--truststore-paths={options.ca.resolve()}"] if options.ca else [])


def check_ports(options: Options) -> None:
    """Raises KeycloakError where a port is taken: the server's own message comes late, in a trace."""
    ports = {"--port": options.port, "--management-port": options.management_port}
    ports |= {"--counters-port": options.counters_port} if options.counters_port else {}
    for flag, port in ports.items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((options.host, port))
            except OSError as error:
                raise KeycloakError(
                    f"Port {port} on {options.host} can't be used ({error.strerror}); choose another with {flag}."
                ) from error


def answers(url: str) -> bool:
    """Whether the server answers a GET of that address with success."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _die_with_parent() -> None:
    """Runs in the child: a killed parent takes the server with it (PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _wait_ready(process: subprocess.Popen[bytes], options: Options) -> bool:
    """Waits for the server; False when it ended before; raises KeycloakError after READY_SECONDS."""
    probe = f"{options.base_url}/realms/master/.well-known/openid-configuration"
    end = time.monotonic() + READY_SECONDS
    while process.poll() is None:
        if answers(probe):
            return True
        if time.monotonic() > end:
            raise KeycloakError(f"Keycloak did not answer {probe} within {READY_SECONDS:.0f} s; its log is above.")
        time.sleep(0.25)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _on_signal(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _relay(process: subprocess.Popen[bytes], counters: Counters) -> threading.Thread:
    """Passes the server's output on, without the lines of the access log, which are counted."""

    def work() -> None:
        for raw in process.stdout or ():
            text = raw.decode("utf-8", "replace")
            if not counters.take(text):
                print(text, end="", flush=True)

    thread = threading.Thread(target=work, daemon=True, name="output")
    thread.start()
    return thread


def _start(options: Options, java: Path, password: str) -> tuple[subprocess.Popen[bytes], threading.Thread | None]:
    """Starts the server, and beside it what counts its requests."""
    environment = {**os.environ, "KC_BOOTSTRAP_ADMIN_USERNAME": options.admin_user, PASSWORD: password}
    process = subprocess.Popen(
        command(options, java),
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if options.counters_port else None,
        preexec_fn=_die_with_parent,  # noqa: PLW1509 - there are no threads yet
    )
    if not options.counters_port:
        return process, None
    counters = Counters(options.relative_path)
    relay = _relay(process, counters)

    def sign_in() -> Admin:
        return Admin(options.base_url, options.admin_user, password, headers={HEADER: "dump"})

    control.serve(counters, options.base_url, sign_in, options.host, options.counters_port)
    return process, relay


def run(options: Options, java: Path, built: Path, password: str) -> int:
    """Runs until the server ends or a signal comes; returns the exit code (0 after a signal). Raises KeycloakError."""
    check_ports(options)
    prepare_home(options.state, built)
    start = time.monotonic()
    signal.signal(signal.SIGTERM, _on_signal)
    signal.signal(signal.SIGINT, _on_signal)
    process, relay = _start(options, java, password)
    try:
        if _wait_ready(process, options):
            print(f"keycloak: ready at {options.base_url} after {time.monotonic() - start:.1f} s", flush=True)
        code = process.wait()
        raise KeycloakError(f"Keycloak ended by itself with code {code}; its log is above.")
    except KeyboardInterrupt:
        print("keycloak: stopping", flush=True)
        return 0
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _stop(process)
        if relay:
            relay.join(5)
