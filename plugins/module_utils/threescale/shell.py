# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""The shell of the 3scale modules: how a tenant and the master are reached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ansible.module_utils.basic import AnsibleModule, env_fallback, missing_required_lib

from ansible_collections.rhai.maas.plugins.module_utils.engine import http
from ansible_collections.rhai.maas.plugins.module_utils.engine.apply import Task
from ansible_collections.rhai.maas.plugins.module_utils.engine.dialect import Dialect
from ansible_collections.rhai.maas.plugins.module_utils.engine.http import Client, Connection
from ansible_collections.rhai.maas.plugins.module_utils.engine.protect import Finder, nothing
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Change, Field, Plan, RefusalError
from ansible_collections.rhai.maas.plugins.module_utils.engine.shell import Shell
from ansible_collections.rhai.maas.plugins.module_utils.threescale import dialect
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session

TRANSPORT: dict[str, dict[str, Any]] = {
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "timeout": {"type": "float", "default": 30},
    "retries": {"type": "int", "default": 5},
    "concurrency": {"type": "int", "default": 4},
}
TENANT: dict[str, dict[str, Any]] = {
    "threescale_url": {"type": "str", "required": True, "fallback": (env_fallback, ["THREESCALE_URL"])},
    "access_token": {
        "type": "str",
        "required": True,
        "no_log": True,
        "fallback": (env_fallback, ["THREESCALE_ACCESS_TOKEN"]),
    },
}
MASTER: dict[str, dict[str, Any]] = {
    "master_url": {"type": "str", "fallback": (env_fallback, ["THREESCALE_MASTER_URL"])},
    "master_token": {"type": "str", "no_log": True, "fallback": (env_fallback, ["THREESCALE_MASTER_TOKEN"])},
}


def run(
    options: Mapping[str, Field],
    planner: Callable[[Session, Mapping[str, Any]], Plan],
    *,
    single: str = "",
    tenant: bool = True,
    master: bool = False,
    secrets: Finder = nothing,
    tasks: Mapping[str, Task] | None = None,
) -> None:
    """Run a module that keeps something in the tenant, or by the master API; the rest as ``Shell.keep``."""
    _shell(tenant, master).keep(options, planner, single, secrets, tasks)


def run_info(
    options: Mapping[str, Field],
    reader: Callable[[Session, Mapping[str, Any]], dict[str, Any]],
    *,
    tenant: bool = True,
    master: bool = False,
) -> None:
    """Run a module that only reads, of the tenant or by the master API; see ``Shell.show``."""
    _shell(tenant, master).show(options, reader)


def _shell(tenant: bool, master: bool) -> Shell[Session]:
    def connect(module: AnsibleModule, params: Mapping[str, Any]) -> Session:
        if http.REQUESTS_ERROR is not None:
            module.fail_json(msg=missing_required_lib("requests"), exception=http.REQUESTS_ERROR)
        for name in ("concurrency", "timeout"):
            if params[name] <= 0:
                raise RefusalError(f"{name} must be above 0, not {params[name]}.")
        return Session(
            _client(params, "threescale_url", "access_token", dialect.TENANT) if tenant else None,
            _client(params, "master_url", "master_token", dialect.MASTER) if master else None,
            check=module.check_mode,
        )

    options = {**TRANSPORT, **(TENANT if tenant else {}), **(MASTER if master else {})}
    return Shell(options, connect, "3scale", origin)


def origin(session: Session, change: Change) -> Mapping[str, str]:
    """When the server says that an object was last changed; it tells nobody by whom."""
    call = change.call
    if (
        call is None
        or call.server
        or call.method not in ("PUT", "DELETE")
        or any(ref.secret for ref in call.refs.values())
    ):
        return {}
    if any(ref.id is None for ref in call.refs.values()):
        return {}
    path = call.path.format(**{name: ref.id for name, ref in call.refs.items()}) if call.refs else call.path
    found = session.one(path)
    while isinstance(found, Mapping) and len(found) == 1:  # in an envelope
        found = next(iter(found.values()))
    since = found.get("updated_at") if isinstance(found, Mapping) else None
    return {"since": str(since)} if since else {}


def _client(params: Mapping[str, Any], url_option: str, token_option: str, words: Dialect) -> Client | None:
    url = params.get(url_option)
    if not url:
        return None
    if not str(url).startswith(("https://", "http://")):
        raise RefusalError(f"{url_option} must be an address like https://TENANT-admin.DOMAIN, not '{url}'.")
    if not params.get(token_option):
        raise RefusalError(f"{url_option} needs {token_option}.")
    return Client(
        Connection(
            url=url,
            secret=params[token_option],
            validate_certs=params["validate_certs"],
            ca_path=params["ca_path"] or "",
            timeout=params["timeout"],
            retries=params["retries"],
            concurrency=params["concurrency"],
            dialect=words,
        )
    )
