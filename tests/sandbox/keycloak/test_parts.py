# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of the Keycloak runner that need no server."""

from __future__ import annotations

import argparse
import socket
from pathlib import Path

import pytest

from sandbox.keycloak import cache, control, distribution, java, progress, server
from sandbox.keycloak.__main__ import admin_password, relative_path
from sandbox.keycloak.counters import Counters
from sandbox.keycloak.error import KeycloakError


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('openjdk version "25" 2025-09-16', 25),
        ('java version "1.8.0_442"', 8),
        ("no java here", None),
    ],
)
def test_java_tells_its_version_in_several_ways(said: str, version: int | None) -> None:
    assert java.major(said) == version


@pytest.mark.parametrize("text", ["auth", "//auth", "/../auth", ""])
def test_a_path_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        relative_path(text)


def test_paths_have_folders_of_their_own() -> None:
    assert relative_path("/auth/") == "/auth" and relative_path("/") == "/"
    assert [distribution.slug(path) for path in ("/", "/auth", "/a/b")] == ["root", "auth", "a_b"]


def test_progress_estimates_from_the_speed_so_far() -> None:
    line = progress.text("x.tar.gz", 40_000_000, 160_000_000, 10.0)
    assert line == "keycloak: x.tar.gz: 40 of 160 MB (25 %), about 30 s left"


def test_a_damaged_download_is_refused_and_not_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def fetch(folder: Path) -> Path:
        path = folder / "download"
        path.write_bytes(b"half of it")
        return path

    monkeypatch.setattr(distribution, "_fetch", fetch)
    with pytest.raises(KeycloakError, match="digest"):
        distribution.archive()
    assert [entry.name for entry in cache.folder().iterdir()] == ["archive.lock"]


def test_a_damaged_file_in_the_cache_is_had_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (cache.folder() / f"keycloak-{distribution.VERSION}.tar.gz").write_bytes(b"half of it")
    good = tmp_path / "good"
    good.write_bytes(b"whole")
    monkeypatch.setattr(distribution, "SHA256", distribution.digest(good))

    def fetch(folder: Path) -> Path:
        return Path(good.rename(folder / "download"))

    monkeypatch.setattr(distribution, "_fetch", fetch)
    assert distribution.archive().read_bytes() == b"whole"


def test_passwords_never_stand_in_the_command_line(tmp_path: Path) -> None:
    options = server.Options("127.0.0.1", 1, 2, "/auth", "admin", tmp_path, ca=tmp_path / "ca.crt", counters_port=3)
    line = " ".join(server.command(options, Path("java"))).replace(str(tmp_path), "")
    assert "password" not in line.lower() and "--http-port=1" in line and "--hostname-strict=false" in line
    assert options.base_url == "http://127.0.0.1:1/auth"


def test_a_new_state_folder_gets_a_password_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(server.PASSWORD, raising=False)
    made = admin_password(tmp_path / "state")
    assert len(made) > 16 and admin_password(tmp_path / "state") == made
    assert (tmp_path / "state" / "admin-password").stat().st_mode & 0o777 == 0o600


def test_a_taken_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(KeycloakError, match=f"Port {port} .*--management-port"):
            server.check_ports(server.Options("127.0.0.1", 0, port, "/", "admin", tmp_path))


def test_only_the_admin_api_s_changes_count_as_writes() -> None:
    counters = Counters("/auth")
    lines = [
        "2026 INFO [access-log] (t) access GET /auth/admin/realms 200 -",
        "2026 INFO [access-log] (t) access PUT /auth/admin/realms/maas 204 -",
        "2026 INFO [access-log] (t) access POST /auth/admin/realms/maas/identity-provider/import-config 200 -",
        "2026 INFO [access-log] (t) access POST /auth/realms/maas/login-actions/authenticate?session_code=s 302 -",
        "2026 INFO [access-log] (t) access GET /auth/realms/master 200 dump",
    ]
    assert all(counters.take(line + "\n") for line in lines)
    assert not counters.take("2026 INFO [services] (main) access to the realm\n")
    document = counters.document()
    assert (document["total"], document["writes"]) == (4, 1)
    assert "POST /auth/realms/maas/login-actions/authenticate" in document["by_path"]
    counters.clear()
    assert counters.document()["by_path"] == {}


def test_a_dump_is_in_a_stable_order() -> None:
    one = [{"name": "b", "list": [2, 1]}, {"name": "a", "list": []}]
    assert control.ordered(one) == control.ordered(list(reversed(one)))
    assert [item["name"] for item in control.ordered(one)] == ["a", "b"]
