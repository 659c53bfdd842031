# SPDX-License-Identifier: GPL-3.0-or-later
"""The Keycloak distribution: downloaded once, its digest checked, built once for each relative path."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import subprocess
from pathlib import Path

from sandbox.keycloak import cache, progress
from sandbox.keycloak.error import KeycloakError
from sandbox.keycloak.unpack import unpack

VERSION = "26.4.0"
SHA256 = "9fe5f9213ecf83f24b53b27409f3e0f20e10edce36aaa0828778a57c80f07a87"
# The database, the features and the relative path are decided at build time; the rest can be said at each start.
# The feature is a preview that a server has only if its administrator says so. Here it is on: without a client policy
# that wants it, the server answers as without the feature.
BUILD_OPTIONS = ("--db=dev-file", "--health-enabled=true", "--features=client-secret-rotation")


def digest(path: Path) -> str:
    """The file's SHA-256 as hexadecimal text."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _fetch(repository: Path) -> Path:
    """Gets the archive from Maven Central into the folder; raises KeycloakError with what the repository said."""
    import requests
    from jgo.maven import MavenContext, PythonResolver

    logging.getLogger("jgo").setLevel(logging.ERROR)  # the digest below is the check that counts
    context = MavenContext(
        repo_cache=repository, local_repos=[], resolver=PythonResolver(progress_callback=progress.shown), timeout=60
    )
    component = context.project("org.keycloak", "keycloak-quarkus-dist").at_version(VERSION)
    try:
        return Path(component.artifact(packaging="tar.gz").resolve())
    except (requests.RequestException, RuntimeError, OSError) as error:
        raise KeycloakError(
            f"Keycloak {VERSION} could not be downloaded (org.keycloak:keycloak-quarkus-dist from Maven Central): "
            f"{error}. Check the network, then start again."
        ) from error


def archive() -> Path:
    """The archive in the cache, downloaded when missing; raises KeycloakError when its digest is not the pinned one."""
    kept = cache.folder() / f"keycloak-{VERSION}.tar.gz"
    with cache.locked("archive"):
        if kept.exists() and digest(kept) == SHA256:
            return kept
        print(f"keycloak: downloading Keycloak {VERSION} (160 MB, about 20 s on a fast line)", flush=True)
        with cache.scratch() as scratch:
            path = _fetch(scratch)
            found = digest(path)
            if found != SHA256:
                raise KeycloakError(
                    f"The download of Keycloak {VERSION} has the digest {found} where {SHA256} was expected: it is "
                    "damaged or not the published one, and was removed. Start again."
                )
            path.replace(kept)
    return kept


def slug(relative_path: str) -> str:
    """A folder's name for a relative path: `root` for `/`, `auth` for `/auth`, `a_b` for `/a/b`."""
    return relative_path.strip("/").replace("/", "_") or "root"


def _build(home: Path, relative_path: str, java: Path) -> None:
    command = [str(home / "bin" / "kc.sh"), "build", *BUILD_OPTIONS, f"--http-relative-path={relative_path}"]
    environment = {**os.environ, "JAVA": str(java)}
    run = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if run.returncode != 0:
        lines = (run.stdout + run.stderr).strip().splitlines()[-10:]
        raise KeycloakError(f"Keycloak's build ({' '.join(command)}) failed:\n" + "\n".join(lines))


def built(relative_path: str, java: Path) -> Path:
    """The home folder of a Keycloak built for that relative path, made when missing (20 s). Raises KeycloakError."""
    options = hashlib.sha256("\0".join([SHA256, relative_path, *BUILD_OPTIONS]).encode()).hexdigest()[:12]
    home = cache.folder() / f"keycloak-{VERSION}-{slug(relative_path)}-{options}"
    with cache.locked(home.name):
        if home.is_dir():
            return home
        source = archive()
        print(f"keycloak: building Keycloak {VERSION} for {relative_path} (once, about 20 s)", flush=True)
        with cache.scratch() as scratch:
            unpack(source, scratch)
            made = scratch / f"keycloak-{VERSION}"
            _build(made, relative_path, java)
            shutil.rmtree(made / "data", ignore_errors=True)
            made.rename(home)
    return home
