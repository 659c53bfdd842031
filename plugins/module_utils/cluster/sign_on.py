# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""Settings of the role sso that can't go together. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def sso_faults(settings: Mapping[str, Any]) -> list[str]:
    """One sentence for each fault.

    :param settings: ``install``, ``generation``, ``database``, ``url``, ``admin_username``, ``admin_password``,
        ``redirect_uris``, ``identity_providers`` as the role's variables of these names (a provider's secret and
        ``config`` may be left out), ``without_config``: the aliases of those that have no ``config``
    """
    return [*_database(settings), *_reached(settings), *_lists(settings), *_providers(settings)]


def _database(settings: Mapping[str, Any]) -> Iterable[str]:
    if not settings.get("install") or settings.get("generation") != "rhbk":
        return
    database = settings.get("database") or {}
    if not database.get("vendor"):
        yield (
            "sso_database: the Red Hat build of Keycloak brings no database of its own; describe one (vendor, host, "
            "database, username, password or secret), or choose sso_generation rhsso"
        )
    elif not database.get("secret") and not (database.get("username") and database.get("password")):
        yield "sso_database: give username and password, or as secret the name of a Secret with these two keys"


def _reached(settings: Mapping[str, Any]) -> Iterable[str]:
    given = all(settings.get(key) for key in ("url", "admin_username", "admin_password"))
    if not settings.get("install") and not given:
        yield (
            "sso_install is false, so sso_url, sso_admin_username and sso_admin_password must say how the server is "
            "reached"
        )


def _providers(settings: Mapping[str, Any]) -> Iterable[str]:
    """Keycloak takes a provider without client or addresses, and people find out when they sign in."""
    bare = set(settings.get("without_config") or [])
    for item in settings.get("identity_providers") or []:
        kind = str(item.get("provider_id") or "oidc")
        if item.get("alias") not in bare or item.get("state") == "absent" or kind == "saml":
            continue
        lacking = [] if item.get("client_id") else ["client_id"]
        if kind in ("oidc", "keycloak-oidc") and not item.get("discovery_url"):
            lacking.append("discovery_url (the provider's .well-known/openid-configuration)")
        if lacking:
            yield f"sso_identity_providers ({item.get('alias')}): {kind} needs {' and '.join(lacking)}"


def _lists(settings: Mapping[str, Any]) -> Iterable[str]:
    if "*" in (settings.get("redirect_uris") or []):
        yield (
            "sso_redirect_uris: '*' alone sends authorization codes to any site; name the portal's callback (the "
            "default), with * at its end if need be"
        )
    aliases = [item.get("alias") for item in settings.get("identity_providers") or []]
    if len(set(aliases)) != len(aliases):
        yield "sso_identity_providers: two entries have one alias; give each a name of its own"
