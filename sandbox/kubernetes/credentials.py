# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys, tokens and kubeconfigs of one control plane. All files that hold a secret have mode 600."""

from __future__ import annotations

import csv
import io
import os
import secrets
from pathlib import Path

import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

# People and tests act as "admin"; the sandbox's own parts have names apart, so that they can be told apart when
# requests are counted.
USERS = ("admin", "sandbox-control-plane", "sandbox-node", "sandbox-operators", "sandbox-router", "sandbox-names")


def write_private(path: Path, text: str) -> None:
    """Writes a file that nobody else can read, not even for the moment of its making."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        os.fchmod(handle.fileno(), 0o600)
        handle.write(text)


def ensure_signing_key(path: Path) -> None:
    """The key that signs the service accounts' tokens; kept, so that tokens survive a restart."""
    if path.exists():
        return
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    write_private(path, pem.decode())


def ensure_tokens(path: Path) -> dict[str, str]:
    """User → token, made once. The file is what kube-apiserver's --token-auth-file wants: token,user,uid,"groups"."""
    tokens: dict[str, str] = {}
    if path.exists():
        tokens = {row[1]: row[0] for row in csv.reader(io.StringIO(path.read_text())) if len(row) >= 2}
    if not set(USERS) <= set(tokens):
        tokens = {user: tokens.get(user) or secrets.token_urlsafe(32) for user in USERS}
        lines = [f'{token},{user},{user},"system:masters"\n' for user, token in tokens.items()]
        write_private(path, "".join(lines))
    return tokens


def kubeconfig_text(server: str, ca_file: Path, user: str, token: str) -> str:
    """A kubeconfig's text with one cluster, one user and no reference to another file but the CA bundle."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "sandbox", "cluster": {"server": server, "certificate-authority": str(ca_file)}}],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [{"name": "sandbox", "context": {"cluster": "sandbox", "user": user}}],
        "current-context": "sandbox",
    }
    return str(yaml.safe_dump(document, sort_keys=False))
