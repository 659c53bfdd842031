# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""Settings of the role sso that can't go together. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def sso_faults(settings: Mapping[str, Any]) -> list[str]:
    """One sentence for each fault.

    :param settings: ``install``, ``generation``, ``database``, ``url``, ``admin_username``, ``admin_password``,
        ``redirect_uris``, ``identity_providers`` as the role's variables of these names
    """
    return [*_database(settings), *_reached(settings), *_lists(settings)]


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


def _lists(settings: Mapping[str, Any]) -> Iterable[str]:
    if "*" in (settings.get("redirect_uris") or []):
        yield (
            "sso_redirect_uris: '*' alone sends authorization codes to any site; name the portal's callback (the "
            "default), with * at its end if need be"
        )
    aliases = [item.get("alias") for item in settings.get("identity_providers") or []]
    if len(set(aliases)) != len(aliases):
        yield "sso_identity_providers: two entries have one alias; give each a name of its own"
