# SPDX-License-Identifier: GPL-3.0-or-later
"""The realm that plays the company's OIDC provider: a client for brokering, and a developer who signs in through it."""

from __future__ import annotations

import argparse
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sandbox.keycloak.admin import Admin
from sandbox.keycloak.error import KeycloakError
from sandbox.keycloak.server import PASSWORD


@dataclass(frozen=True)
class Company:
    """What another realm needs for brokering, and whom to sign in as. Two of the fields are secrets."""

    issuer: str
    client_id: str
    client_secret: str
    user: str
    email: str
    password: str


def client(company: Company, redirect_uris: list[str]) -> dict[str, Any]:
    """The brokering client: confidential, authorization code only."""
    return {
        "clientId": company.client_id,
        "name": "Brokered sign-in",
        "protocol": "openid-connect",
        "publicClient": False,
        "secret": company.client_secret,
        "clientAuthenticatorType": "client-secret",
        "standardFlowEnabled": True,
        "implicitFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "serviceAccountsEnabled": False,
        "redirectUris": redirect_uris,
        "webOrigins": [],
    }


def user(company: Company) -> dict[str, Any]:
    """The developer, complete and verified, so that the first sign-in asks nothing more."""
    return {
        "username": company.user,
        "email": company.email,
        "emailVerified": True,
        "enabled": True,
        "firstName": "Dana",
        "lastName": "Developer",
        "requiredActions": [],
    }


def _keep(admin: Admin, path: str, found: list[dict[str, Any]], wanted: dict[str, Any]) -> str:
    """Creates the object below `path`, or updates the one found; returns its id."""
    if found:
        admin.write("PUT", f"{path}/{found[0]['id']}", {**found[0], **wanted})
        return str(found[0]["id"])
    admin.write("POST", path, wanted)
    return ""


def set_up(admin: Admin, realm: str, company: Company, redirect_uris: list[str]) -> None:
    """Makes the realm, client and user, or brings them back to this state; raises KeycloakError."""
    settings = {"realm": realm, "displayName": "Example Company", "enabled": True, "registrationAllowed": False}
    if admin.get(f"/{realm}") is None:
        admin.write("POST", "", settings)
    else:
        admin.write("PUT", f"/{realm}", settings)
    found = admin.get(f"/{realm}/clients", clientId=company.client_id)
    _keep(admin, f"/{realm}/clients", found, client(company, redirect_uris))
    query = {"username": company.user, "exact": "true"}
    path = f"/{realm}/users"
    identifier = _keep(admin, path, admin.get(path, **query), user(company)) or admin.get(path, **query)[0]["id"]
    password = {"type": "password", "value": company.password, "temporary": False}
    admin.write("PUT", f"{path}/{identifier}/reset-password", password)


def remembered(path: Path) -> dict[str, str]:
    """What the credentials file of an earlier run holds, so that secrets stay the same; empty where there is none."""
    if not path.exists():
        return {}
    loaded = json.loads(path.read_text())
    return {str(key): str(value) for key, value in loaded.items()}


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    result = argparse.ArgumentParser(
        prog="sandbox keycloak company",
        description=f"Makes the company's realm in a running Keycloak (administrator's password: {PASSWORD}).",
    )
    result.add_argument("--url", required=True, help="base URL of the server, with /auth where it has one")
    result.add_argument("--public-url", help="base URL that browsers see, for the issuer (default: --url)")
    result.add_argument("--ca", help="CA bundle for an https --url")
    result.add_argument("--admin-user", default="admin")
    result.add_argument("--realm", default="company", help="(default: %(default)s)")
    result.add_argument("--client-id", default="models-as-a-service", help="(default: %(default)s)")
    result.add_argument("--user", default="dana", help="(default: %(default)s)")
    result.add_argument("--email", default="dana@company.example.com", help="(default: %(default)s)")
    result.add_argument(
        "--redirect-uri",
        action="append",
        metavar="PATTERN",
        help="where the broker may come back to; may be repeated (default: PUBLIC/realms/*)",
    )
    result.add_argument(
        "--credentials",
        type=Path,
        required=True,
        metavar="FILE",
        help="JSON file of mode 600 with issuer, client_id, client_secret, user, email, password; secrets are kept",
    )
    return result


def main(argv: list[str]) -> int:
    """The command `company`."""
    arguments = parser().parse_args(argv)
    password = os.environ.get(PASSWORD)
    if not password:
        raise KeycloakError(f"Set {PASSWORD} to the password of Keycloak's administrator {arguments.admin_user!r}.")
    public = (arguments.public_url or arguments.url).rstrip("/")
    known = remembered(arguments.credentials)
    company = Company(
        issuer=f"{public}/realms/{arguments.realm}",
        client_id=arguments.client_id,
        client_secret=known.get("client_secret") or secrets.token_urlsafe(24),
        user=arguments.user,
        email=arguments.email,
        password=known.get("password") or secrets.token_urlsafe(12),
    )
    redirect_uris = arguments.redirect_uri or [f"{public}/realms/*"]
    admin = Admin(arguments.url, arguments.admin_user, password, arguments.ca)
    arguments.credentials.parent.mkdir(parents=True, exist_ok=True)
    arguments.credentials.touch(mode=0o600)
    arguments.credentials.chmod(0o600)
    arguments.credentials.write_text(json.dumps(asdict(company), indent=2) + "\n")
    set_up(admin, arguments.realm, company, redirect_uris)
    print(f"keycloak: realm {arguments.realm} at {company.issuer}; credentials in {arguments.credentials}")
    return 0
