# SPDX-License-Identifier: GPL-3.0-or-later
"""Custom policies: the Secrets that an APIManager names, as folders for the gateway and annotations for its Pods."""

from __future__ import annotations

import shutil
from pathlib import Path

from sandbox.operators.kube import Object, decoded

ANNOTATION = "apimanager.apps.3scale.net/custompolicy-secret-resource-version-"
WATCHED = "apimanager.apps.3scale.net/watched-by"
MARK = ".from-secret"


def rollout_marks(policies: list[Object], secrets: dict[str, Object]) -> dict[str, str]:
    """What makes the gateways' Pods roll out when a watched Secret changes."""
    found = {}
    for policy in policies:
        name = policy["secretRef"]["name"]
        secret = secrets.get(name)
        if secret and (secret["metadata"].get("labels") or {}).get(WATCHED) == "apimanager":
            found[ANNOTATION + name] = secret["metadata"]["resourceVersion"]
    return found


def missing(policies: list[Object], secrets: dict[str, Object]) -> list[str]:
    """Secrets that are not there."""
    return sorted({str(policy["secretRef"]["name"]) for policy in policies} - set(secrets))


def write(folder: Path, policies: list[Object], secrets: dict[str, Object]) -> bool:
    """Make ``FOLDER/NAME/VERSION/FILE`` equal to the Secrets; folders of policies that went are removed. Changed?"""
    folder.mkdir(parents=True, exist_ok=True)
    changed = False
    wanted = set()
    for policy in policies:
        secret = secrets.get(policy["secretRef"]["name"])
        if secret is None:
            continue
        home = folder / policy["name"] / policy["version"]
        wanted.add(home)
        changed |= _write(home, decoded(secret))
    for mark in sorted(folder.glob(f"*/*/{MARK}")):
        if mark.parent not in wanted:
            shutil.rmtree(mark.parent)
            changed = True
            if not any(mark.parent.parent.iterdir()):
                mark.parent.parent.rmdir()
    return changed


def _write(home: Path, files: dict[str, str]) -> bool:
    current = {path.name: path.read_text() for path in home.iterdir() if path.is_file()} if home.is_dir() else {}
    current.pop(MARK, None)
    if current == files:
        return False
    home.mkdir(parents=True, exist_ok=True)
    for name in set(current) - set(files):
        (home / name).unlink()
    for name, text in files.items():
        partial = home / f".{name}.new"
        partial.write_text(text)
        partial.replace(home / name)
    (home / MARK).touch()
    return True
