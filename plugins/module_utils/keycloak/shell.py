# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""The shell of the Keycloak modules: how a server is reached."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ansible.module_utils.basic import AnsibleModule, env_fallback, missing_required_lib

from ansible_collections.rhai.maas.plugins.module_utils.engine.apply import Task
from ansible_collections.rhai.maas.plugins.module_utils.engine.http import Connection
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field, Plan, RefusalError
from ansible_collections.rhai.maas.plugins.module_utils.engine.shell import Shell
from ansible_collections.rhai.maas.plugins.module_utils.keycloak import secret, session
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.origin import origin
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.session import KeycloakClient, Session, Words


def _from(name: str) -> tuple[Any, list[str]]:
    return (env_fallback, [name])


CONNECTION: dict[str, dict[str, Any]] = {
    "auth_keycloak_url": {"type": "str", "required": True, "no_log": False, "fallback": _from("KEYCLOAK_URL")},
    "auth_realm": {"type": "str", "default": "master"},
    "auth_client_id": {"type": "str", "default": "admin-cli"},
    "auth_client_secret": {"type": "str", "no_log": True, "fallback": _from("KEYCLOAK_CLIENT_SECRET")},
    "auth_username": {"type": "str", "fallback": _from("KEYCLOAK_USERNAME")},
    "auth_password": {"type": "str", "no_log": True, "fallback": _from("KEYCLOAK_PASSWORD")},
    "token": {"type": "str", "no_log": True, "fallback": _from("KEYCLOAK_TOKEN")},
    "validate_certs": {"type": "bool", "default": True},
    "ca_path": {"type": "path"},
    "connection_timeout": {"type": "int", "default": 30},
    "retries": {"type": "int", "default": 5},
}


def run(
    options: Mapping[str, Field],
    planner: Callable[[Session, Mapping[str, Any]], Plan],
    single: str = "",
    tasks: Mapping[str, Task] | None = None,
) -> None:
    """Run a module that keeps something in Keycloak.

    ``single`` is the list whose options may stand at the top level, ``tasks`` are the executors that changes name.
    """
    _SHELL.keep(options, planner, single, tasks=tasks)


def run_info(options: Mapping[str, Field], reader: Callable[[Session, Mapping[str, Any]], dict[str, Any]]) -> None:
    """Run a module that only reads."""
    _SHELL.show(options, reader)


def connect(module: AnsibleModule, params: Mapping[str, Any]) -> Session:
    """Open a session, after what can't be right was refused."""
    if session.KEYCLOAK_ERROR is not None:
        module.fail_json(msg=missing_required_lib("python-keycloak"), exception=session.KEYCLOAK_ERROR)
    url = params["auth_keycloak_url"]
    if not url.startswith(("https://", "http://")):
        raise RefusalError(f"auth_keycloak_url must be an address like https://sso.example.com, not '{url}'.")
    if params["connection_timeout"] <= 0:
        raise RefusalError(f"connection_timeout must be above 0, not {params['connection_timeout']}.")
    password = params.get("auth_username") and params.get("auth_password")
    if not (params.get("token") or params.get("auth_client_secret") or password):
        raise RefusalError(
            "missing: auth_username with auth_password, or auth_client_id with auth_client_secret, or token."
        )
    secret.refuse_placeholders({name: value for name, value in params.items() if name not in CONNECTION})
    connection = Connection(
        url=url,
        secret="",
        validate_certs=params["validate_certs"],
        ca_path=params["ca_path"] or "",
        timeout=params["connection_timeout"],
        retries=params["retries"],
        dialect=Words(),
        concurrency=1,  # changes of one realm are few, and Keycloak's order of mappers is that of their creation
    )
    return Session(KeycloakClient(connection, params), check=module.check_mode)


_SHELL = Shell(CONNECTION, connect, "Keycloak", origin)
