# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""The shell of a module: parameters → read and plan → check mode? → apply → exit. All that knows Ansible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from ansible.module_utils.basic import AnsibleModule, env_fallback, missing_required_lib

from ansible_collections.rhai.maas.plugins.module_utils import _http
from ansible_collections.rhai.maas.plugins.module_utils._apply import Applier, ApplyError
from ansible_collections.rhai.maas.plugins.module_utils._errors import ApiError
from ansible_collections.rhai.maas.plugins.module_utils._http import Client, Connection
from ansible_collections.rhai.maas.plugins.module_utils._resource import (
    Change,
    Field,
    Plan,
    RefusalError,
    argument_spec,
)
from ansible_collections.rhai.maas.plugins.module_utils._show import diff, summary, title
from ansible_collections.rhai.maas.plugins.module_utils._threescale import Session

Planner = Callable[[Session, Mapping[str, Any]], Plan]

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
    planner: Planner,
    *,
    single: str = "",
    tenant: bool = True,
    master: bool = False,
    **rules: Any,
) -> None:
    """Run a module that keeps something: plan, and unless in check mode apply.

    ``planner`` reads through the session and gives the plan. ``single`` names the list option whose item options may
    also stand at the top level for one object. ``rules`` are AnsibleModule's (``mutually_exclusive`` …).
    """
    spec = {**TRANSPORT, **(TENANT if tenant else {}), **(MASTER if master else {}), **_spec(options, single)}
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True, **rules)
    params = dict(module.params)
    session: Session | None = None
    try:
        if single:
            params[single] = _many(options[single], params, single)
        session = _session(module, params, tenant, master)
        plan = planner(session, params)
        if plan.shown() or plan.changes:
            _carry_out(module, session, plan)
        _leave(module, session, plan)
    except RefusalError as refusal:
        module.fail_json(msg=str(refusal), changes=[], calls=_calls(session))
    except ApplyError as error:
        _fail(module, session, f"Cannot {title(error.change)}", error.error, error.done)
    except ApiError as error:
        _fail(module, session, "Cannot read the present state", error, [])


def run_info(
    options: Mapping[str, Field],
    reader: Callable[[Session, Mapping[str, Any]], dict[str, Any]],
    *,
    tenant: bool = True,
    master: bool = False,
    **rules: Any,
) -> None:
    """Run a module that only reads; what ``reader`` returns is what the module returns."""
    spec = {**TRANSPORT, **(TENANT if tenant else {}), **(MASTER if master else {}), **argument_spec(options)}
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True, **rules)
    session: Session | None = None
    try:
        session = _session(module, dict(module.params), tenant, master)
        module.exit_json(changed=False, **{**reader(session, module.params), "calls": _calls(session)})
    except RefusalError as refusal:
        module.fail_json(msg=str(refusal), calls=_calls(session))
    except ApiError as error:
        _fail(module, session, "Cannot read", error, [])


def _spec(options: Mapping[str, Field], single: str) -> dict[str, Any]:
    spec = argument_spec(options)
    if single:
        for name, entry in (options[single].options or {}).items():
            one = entry.spec()
            one.pop("required", None)
            spec[name] = one
    return spec


def _many(entry: Field, params: Mapping[str, Any], single: str) -> list[Mapping[str, Any]]:
    """The list of objects, from the list option or from the top-level options of a single one."""
    names = list(entry.options or {})
    required = [name for name, option in (entry.options or {}).items() if option.required]
    given = [name for name in required if params.get(name) is not None]
    if params.get(single) is not None:
        if given:
            raise RefusalError(
                f"{single} and {', '.join(given)} exclude each other: give a list, or the options of one object."
            )
        return list(params[single])
    lacking = [name for name in required if params.get(name) is None]
    if lacking:
        raise RefusalError(
            f"missing option: {' and '.join(lacking)} (for one object), or {single} (a list of objects)."
        )
    return [{name: params.get(name) for name in names}]


def _session(module: AnsibleModule, params: Mapping[str, Any], tenant: bool, master: bool) -> Session:
    if _http.REQUESTS_ERROR is not None:
        module.fail_json(msg=missing_required_lib("requests"), exception=_http.REQUESTS_ERROR)
    for name in ("concurrency", "timeout"):
        if params[name] <= 0:
            raise RefusalError(f"{name} must be above 0, not {params[name]}.")

    def client(url_option: str, token_option: str) -> Client | None:
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
            )
        )

    return Session(
        client("threescale_url", "access_token") if tenant else None,
        client("master_url", "master_token") if master else None,
        check=module.check_mode,
    )


def _carry_out(module: AnsibleModule, session: Session, plan: Plan) -> None:
    if not module.check_mode:
        Applier(session.writer()).apply(plan.changes)


def _leave(module: AnsibleModule, session: Session, plan: Plan) -> None:
    shown = plan.shown()
    for warning in [*session.warnings, *plan.warnings]:
        module.warn(warning)
    result: dict[str, Any] = {
        **plan.result(),
        "changed": bool(shown),
        "changes": summary(shown),
        "calls": _calls(session),
    }
    if module._diff:
        result["diff"] = diff(shown)
    module.exit_json(**result)


def _calls(session: Session | None) -> dict[str, int]:
    clients = session.clients() if session else []
    return {"reads": sum(client.reads for client in clients), "writes": sum(client.writes for client in clients)}


def _fail(module: AnsibleModule, session: Session | None, what: str, error: ApiError, done: Sequence[Change]) -> None:
    where = session.clients()[0].base if session and session.clients() else ""
    module.fail_json(
        msg=f"{what}: {error.describe()} ({where}). {error.hint}",
        changed=any(not change.quiet for change in done),
        changes=summary(change for change in done if not change.quiet),
        status=error.status,
        reasons=error.reasons,
        calls=_calls(session),
    )
