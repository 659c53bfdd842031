# SPDX-License-Identifier: GPL-3.0-or-later
"""One key for all models of a developer: 3scale gives each application its own, the operator may align them."""

from __future__ import annotations

from tools.demo.https import session
from tools.demo.service import TIMEOUT, Service


class KeyTroubleError(Exception):
    """The keys of the developer's applications can't be read or set."""


def one_key(service: Service, applications: dict[str, int]) -> str:
    """Give every application the first one's key, through the Admin API; return it. ``applications``: product → id."""
    https = session(service.ca, service.token)
    key = ""
    for number in applications.values():
        found = https.get(f"{service.admin}/admin/api/applications/find.json?application_id={number}", timeout=TIMEOUT)
        if found.status_code != 200:
            raise KeyTroubleError(f"application {number} can't be read: {found.status_code} {found.text[:200]}")
        application = found.json()["application"]
        key = key or application["user_key"]
        if application["user_key"] == key:
            continue
        path = f"/admin/api/accounts/{application['account_id']}/applications/{number}.json"
        done = https.put(service.admin + path, json={"user_key": key}, timeout=TIMEOUT)
        if done.status_code != 200:
            raise KeyTroubleError(f"application {number} did not take the key: {done.status_code} {done.text[:200]}")
    return key
