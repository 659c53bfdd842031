# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom the recordings are played against: a stand-in started here, or a server that the environment names."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field

import requests

from tests.support.standin import running_standin

TIMEOUT = 30  # seconds for one call to a foreign server
READY = 180  # seconds until a new tenant has its plans


@dataclass(frozen=True)
class Target:
    """One fresh tenant: what ``replay.py`` wants to know of it. ``servers``: name → ``URL[,HOST[,TOKEN]]``."""

    url: str
    host: str
    token: str
    superdomain: str
    servers: dict[str, str] = field(default_factory=dict)
    tenant: str = "maas"

    def arguments(self) -> list[str]:
        """The command line's part that names the servers."""
        named = [f"--server={name}={given}" for name, given in self.servers.items()]
        host = ["--host", self.host] if self.host else []
        return ["--base-url", self.url, *host, "--token", self.token, "--superdomain", self.superdomain, *named]


@contextlib.contextmanager
def own_standin(release: str = "2.16") -> Iterator[Target]:
    """A stand-in that plays a release, on a free port, ended when the recording was played."""
    with running_standin("--release", release) as standin:
        yield Target(
            url=standin.url,
            host=f"{standin.tenant}-admin.{standin.superdomain}",
            token=standin.token,
            superdomain=standin.superdomain,
            servers={
                "portal": f"{standin.url},{standin.tenant}.{standin.superdomain}",
                "master": f"{standin.url},master.{standin.superdomain},{standin.master_token}",
                "backend": f"{standin.url},backend.{standin.superdomain}",
            },
        )


class Foreign:
    """A 3scale that is not ours: each recording gets a tenant of its own there, since recordings delete things."""

    def __init__(self, given: Target, master_url: str, master_token: str, may_delete: bool) -> None:
        self._given = given
        self._master = master_url.partition(",")[0].rstrip("/")
        self._master_host = master_url.partition(",")[2]
        self._master_token = master_token
        self._may_delete = may_delete

    @classmethod
    def from_environment(cls) -> Foreign | None:
        """The server that ``URL HOST TOKEN SUPERDOMAIN …`` name, or None where ``URL`` is not set."""
        get = os.environ.get
        if not get("URL"):
            return None
        missing = [name for name in ("TOKEN", "SUPERDOMAIN") if not get(name)]
        if missing:
            raise RuntimeError(f"URL is given, so {' and '.join(missing)} must be too")
        servers = {name: os.environ[name.upper()] for name in ("portal", "backend") if get(name.upper())}
        if get("MASTER") and get("MASTER_TOKEN"):
            address = os.environ["MASTER"] if "," in os.environ["MASTER"] else os.environ["MASTER"] + ","
            servers["master"] = f"{address},{os.environ['MASTER_TOKEN']}"
        given = Target(os.environ["URL"], get("HOST", ""), os.environ["TOKEN"], os.environ["SUPERDOMAIN"], servers)
        return cls(given, get("MASTER", ""), get("MASTER_TOKEN", ""), get("I_KNOW_IT_DELETES") == "1")

    def servers(self) -> set[str]:
        """Names of the servers that recordings may speak to."""
        return set(self._given.servers)

    @contextlib.contextmanager
    def tenant(self) -> Iterator[Target]:
        """A tenant that a recording may spoil."""
        if not self._master or not self._master_token:
            if not self._may_delete:
                raise RuntimeError(
                    "each recording wants a fresh tenant and deletes things in it: name MASTER and MASTER_TOKEN so "
                    "that tenants can be made and removed, or set I_KNOW_IT_DELETES=1 to play against that of URL"
                )
            yield self._given
            return
        account, token = self._sign_up()
        try:
            yield self._fresh(account, token)
        finally:
            self._master_call("DELETE", f"/master/api/providers/{account['id']}.json")

    def _sign_up(self) -> tuple[dict[str, str], str]:
        name = f"contract-{secrets.token_hex(4)}"
        form = {"org_name": name, "username": "admin", "email": f"admin@{name}.{self._given.superdomain}"}
        answer = self._master_call(
            "POST", "/master/api/providers.json", {**form, "password": secrets.token_urlsafe(16)}
        )
        signup = answer.json()["signup"]
        return signup["account"], signup["access_token"]["value"]

    def _fresh(self, account: dict[str, str], token: str) -> Target:
        """The new tenant's addresses, once its background jobs are through, with a token of every scope."""
        url, shared = self._given.url, bool(self._given.host)
        admin = account["admin_domain"]
        if not shared:  # no host name was given, so each tenant has an address of its own
            url = urllib.parse.urlunsplit(urllib.parse.urlsplit(url)._replace(netloc=admin))
        headers = {"Host": admin} if shared else {}
        deadline = time.monotonic() + READY
        while self._ask("GET", url, "/admin/api/settings.json", token, headers).status_code != 200:
            if time.monotonic() > deadline:
                raise RuntimeError(f"tenant {admin} had no plans after {READY} s")
            time.sleep(1)
        scopes = ["account_management", "cms", "finance", "stats", "policy_registry"]
        body: dict[str, object] = {"token": {"name": "contract", "permission": "rw", "scopes": scopes}}
        made = self._ask("POST", url, "/admin/api/personal/access_tokens.json", token, headers, body)
        every = made.json()["access_token"]["value"] if made.status_code == 201 else token
        servers = dict(self._given.servers)
        if "portal" in servers:
            servers["portal"] = f"{servers['portal'].partition(',')[0]},{account['domain']}"
        return Target(url, admin if shared else "", every, self._given.superdomain, servers, account["org_name"])

    def _master_call(self, method: str, path: str, form: dict[str, str] | None = None) -> requests.Response:
        headers = {"Host": self._master_host} if self._master_host else {}
        answer = requests.request(
            method, self._master + path, data=form, headers=headers, auth=("", self._master_token), timeout=TIMEOUT
        )
        if not answer.ok:
            raise RuntimeError(f"{method} {path} on the master API answered {answer.status_code}: {answer.text[:200]}")
        return answer

    @staticmethod
    def _ask(
        method: str, url: str, path: str, token: str, headers: dict[str, str], body: dict[str, object] | None = None
    ) -> requests.Response:
        return requests.request(method, url + path, json=body, headers=headers, auth=("", token), timeout=TIMEOUT)
