# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.
"""What a new tenant needs beyond its creation: a file that keeps its token, the wait until it is usable, a token of
chosen scopes. The server tells a token only once, so the file is opened before anything is made.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.apply import read_list
from ansible_collections.rhai.maas.plugins.module_utils.engine.errors import ApiError
from ansible_collections.rhai.maas.plugins.module_utils.engine.http import Client, part_of
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import RefusalError, Values

PAUSE = 3.0
SCOPES = ("account_management", "cms", "finance", "policy_registry", "stats")
_TOKENS = "/admin/api/personal/access_tokens.json"


class TokenFile:
    """The file that gets a token, readable for its owner only."""

    def __init__(self, path: str, option: str) -> None:
        self.path = Path(path)
        self.option = option
        self._new = False

    def check(self, made_later: bool) -> str:
        """Refuse a path that can't be written; a warning where its folder may still be made (in check mode)."""
        folder = self.path.parent
        if self.path.is_dir():
            raise RefusalError(f"{self.option}: '{self.path}' is a folder; name a file for the token.")
        if not folder.is_dir():
            if made_later:
                return f"{self.option}: folder '{folder}' is not there yet; it is needed to keep the token."
            raise RefusalError(f"{self.option}: there is no folder '{folder}'; make it first, the token is kept there.")
        target = self.path if self.path.exists() else folder
        if not os.access(target, os.W_OK):
            raise RefusalError(f"{self.option}: '{target}' can't be written by this user; choose another file.")
        return ""

    def reserve(self) -> None:
        """Open the file for writing once, so that a token that follows is never lost. Raises RefusalError."""
        self._new = not self.path.exists()
        try:
            os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600))
        except OSError as error:
            raise RefusalError(f"{self.option}: can't write '{self.path}': {error.strerror}.") from None

    def release(self) -> None:
        """Remove the file again if it was made for a token that did not come."""
        if self._new:
            self.path.unlink(missing_ok=True)

    def write(self, token: str) -> None:
        """Keep a token in place of what the file held."""
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(token + "\n")

    def read(self) -> str:
        """The token that an earlier run kept; empty if there is none."""
        try:
            return self.path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return ""


def refuse_one_file(wanted: Sequence[Values], option: str) -> None:
    """Refuse two tokens in one file: only the last of them would be kept. Raises :class:`RefusalError`."""
    seen: dict[str, int] = {}
    for place, item in enumerate(wanted):
        if not item.get("token_path") or item.get("state") == "absent":
            continue
        path = str(Path(str(item["token_path"])).resolve())
        if path in seen:
            raise RefusalError(
                f"{option}[{place}].token_path: '{path}' is the file of entry {seen[path]} already, whose token would "
                "be lost. Name another file."
            )
        seen[path] = place


def tenant_address(master_url: str, account: Values) -> str:
    """The address of a tenant's Admin API, reached the way the master's is: same scheme, port and path before it."""
    host = str(account.get("admin_domain") or "")
    domain = host.partition(".")[2]
    if domain:
        address, found = re.subn(rf"[\w-]+\.{re.escape(domain)}(?![\w.-])", host, master_url, count=1)
        if found:
            return address
    return str(account.get("admin_base_url") or "")


def tenant_client(master: Client, account: Values, token: str) -> Client:
    """A client of the tenant, with the master's transport."""
    address = tenant_address(master.connection.url, account)
    return Client(replace(master.connection, url=address, secret=token), master.sleep)


def wait_until_usable(client: Client, name: str, kept: Path, limit: float) -> None:
    """Wait for the background jobs that fill a new tenant: its settings answer then. Raises :class:`ApiError`."""
    patient = Client(replace(client.connection, retries=0), client.sleep)
    end = time.monotonic() + limit
    try:
        while True:
            try:
                patient.get("/admin/api/settings.json")
                return
            except ApiError as error:
                if time.monotonic() + PAUSE > end:
                    hint = (
                        f"Tenant '{name}' is made and its token is in {kept}, but it was not usable within {limit:g} "
                        f"s. Check that {client.base} can be reached from here and that the server's job queue runs; "
                        "raise wait_timeout, or set wait: false."
                    )
                    raise ApiError(error.method, error.path, error.status, error.reasons, hint) from None
            patient.sleep(PAUSE)
    finally:
        client.reads += patient.reads


def token_wanted(tokens: Sequence[Values], wanted: Values) -> bool:
    """Whether none of the tokens has the wanted name, scopes and permission."""
    return not any(
        token.get("name") == wanted["name"]
        and sorted(token.get("scopes") or []) == sorted(wanted["scopes"])
        and token.get("permission") == wanted["permission"]
        for token in tokens
    )


def personal_tokens(client: Client) -> list[Mapping[str, Any]]:
    """The tokens of the client's user, without their values."""
    return read_list(client, _TOKENS, "access_tokens", "access_token")


def new_token(client: Client, wanted: Values) -> dict[str, Any]:
    """A new token of the client's user, with its ``id`` and, this once, its ``value``. Raises :class:`ApiError`."""
    names = ("name", "scopes", "permission", "expires_at")
    body = {"token": {name: wanted[name] for name in names if wanted.get(name) is not None}}
    made: dict[str, Any] = part_of(client, "POST", _TOKENS, client.send("POST", _TOKENS, body=body), "access_token")
    return made
