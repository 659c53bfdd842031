# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""The shell of a module: parameters → read and plan → check mode? → apply → exit. All that knows Ansible's module."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable, Generic, TypeVar

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.parameters import remove_values

from ansible_collections.rhai.maas.plugins.module_utils.engine import gate, record
from ansible_collections.rhai.maas.plugins.module_utils.engine.apply import Applier, ApplyError, Task
from ansible_collections.rhai.maas.plugins.module_utils.engine.errors import ApiError
from ansible_collections.rhai.maas.plugins.module_utils.engine.protect import Finder, QuietModule, nothing
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Change,
    Field,
    Plan,
    RefusalError,
    argument_spec,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.result import outcome
from ansible_collections.rhai.maas.plugins.module_utils.engine.secrets import placeholder
from ansible_collections.rhai.maas.plugins.module_utils.engine.session import Session
from ansible_collections.rhai.maas.plugins.module_utils.engine.show import diff, one_line, operations, summary, title

Opened = TypeVar("Opened", bound=Session)


def unknown(_session: Session, _change: Change) -> Mapping[str, str]:
    """The origin of a difference in a system that keeps none."""
    return {}


@dataclass(frozen=True)
class Shell(Generic[Opened]):
    """How modules of one system run. ``connection`` are the options by which ``connect`` opens a session.

    ``connect`` gets the module and its parameters; it raises :class:`RefusalError` for those that can't be right.
    ``system`` is its name in kept plans; ``origin`` asks it since when (``since``) and by whom (``by``) something
    differs, as far as it knows.
    """

    connection: Mapping[str, Mapping[str, Any]]
    connect: Callable[[AnsibleModule, Mapping[str, Any]], Opened]
    system: str = ""
    origin: Callable[[Opened, Change], Mapping[str, str]] = unknown

    def keep(
        self,
        options: Mapping[str, Field],
        planner: Callable[[Opened, Mapping[str, Any]], Plan],
        single: str = "",
        secrets: Finder = nothing,
        tasks: Mapping[str, Task] | None = None,
    ) -> None:
        """Run a module that keeps something: plan, and unless in check mode apply.

        ``planner`` reads through the session and gives the plan. ``single`` names the list option whose item options
        may also stand at the top level for one object; ``secrets`` finds those that the options mark themselves;
        ``tasks`` are the executors that the plan's changes name.
        """
        module = self._module({**_spec(options, single), **argument_spec(gate.OPTIONS)}, secrets)
        params = dict(module.params)
        session: Opened | None = None
        try:
            _make_ready(params, options, single)
            session = self.connect(module, params)
            plan = planner(session, params)
            approved, readable = _approved(module, session, plan, params)
            run = record.from_environment(os.environ)
            run.refuse(self._system(module), readable)
            found = self._found(run, module, session, plan)
            if plan.changes and not module.check_mode:
                applier = Applier(session.writer(), tasks, session.others(), session)
                applier.apply(plan.changes)
                _settle(plan, applier)
            if plan.shown():
                run.keep({**found, "plan": readable})
            _leave(module, session, plan, approved)
        except RefusalError as refusal:
            module.fail({"msg": one_line(str(refusal)), "changes": [], "calls": _calls(session)})
        except ApplyError as error:
            _fail(module, session, f"Cannot {title(error.change)}", error.error, error.done)
        except ApiError as error:
            _fail(module, session, "Cannot read the present state", error, [])
        except (OSError, UnicodeError) as error:
            module.fail({"msg": _sentence(error), "changes": [], "calls": _calls(session)})

    def show(self, options: Mapping[str, Field], reader: Callable[[Opened, Mapping[str, Any]], dict[str, Any]]) -> None:
        """Run a module that only reads; what ``reader`` returns is what the module returns."""
        module = self._module(argument_spec(options))
        session: Opened | None = None
        try:
            session = self.connect(module, module.params)
            found = reader(session, module.params)
            for warning in session.warnings:
                module.warn(warning)
            module.leave({"changed": False, **found, "calls": _calls(session)})
        except RefusalError as refusal:
            module.fail({"msg": one_line(str(refusal)), "calls": _calls(session)})
        except ApiError as error:
            _fail(module, session, "Cannot read", error, [])
        except (OSError, UnicodeError) as error:
            module.fail({"msg": _sentence(error), "calls": _calls(session)})

    def _system(self, module: AnsibleModule) -> str:
        """What a kept plan calls the system: the developer portal is one beside 3scale."""
        return "portal" if module._name.endswith("threescale_portal") else self.system

    def _found(self, run: record.Record, module: AnsibleModule, session: Opened, plan: Plan) -> dict[str, Any]:
        """Where the plan belongs, and in check mode whence each difference comes."""
        found: dict[str, Any] = {"system": self._system(module), "where": session.clients()[0].base}
        if run.folder is None or not module.check_mode:
            return found
        origins = []
        for change in plan.shown():
            try:
                origins.append(dict(self.origin(session, change)))
            except ApiError:  # a courtesy: what can't be asked is not known
                origins.append({})
        return {**found, "origins": origins}

    def _module(self, spec: Mapping[str, Any], secrets: Finder = nothing) -> QuietModule:
        return QuietModule(secrets, argument_spec={**self.connection, **spec}, supports_check_mode=True)


def _make_ready(params: dict[str, Any], options: Mapping[str, Field], single: str) -> None:
    """Bring one object's options into the list, after what can't be right was refused. Raises RefusalError."""
    _refuse_placeholders(params)
    if single:
        params[single] = _many(options[single], params, single)
    gate.check_values(params, options)


def _approved(module: QuietModule, session: Session, plan: Plan, params: Mapping[str, Any]) -> tuple[Any, Any]:
    """The plan as data, by itself and as Ansible shows it, unless something stands before its first write."""
    module.keep_secret(session.secrets)
    approved = operations(plan.shown(), module.marked)
    readable = remove_values(approved, module.no_log_values)
    gate.compare(params["saved_plan"], readable)
    gate.brake(plan.changes, params["allow_removals"])
    return approved, readable


def _refuse_placeholders(params: Mapping[str, Any]) -> None:
    """Refuse what an export or a diff wrote in place of a secret. Raises :class:`RefusalError`."""
    place = placeholder(params)
    if place:
        raise RefusalError(
            f"{place}: an export left out a secret here, and what it wrote instead is only a placeholder. Put the "
            "secret there, such as a variable of your vault."
        )


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
    if params.get(single) is not None:
        options = (entry.options or {}).items()
        given = [name for name, option in options if params.get(name) not in (None, option.default)]
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


def _settle(plan: Plan, applier: Applier) -> None:
    """Take what could not be done yet out of the plan, and say so."""
    for change, error in applier.stayed.items():
        plan.changes.remove(change)
        plan.warnings.append(f"{change.noun} '{change.key}' stays for now: {'; '.join(error.reasons).rstrip('.')}.")


def _leave(module: QuietModule, session: Session, plan: Plan, approved: Sequence[Mapping[str, Any]]) -> None:
    shown = plan.shown()
    for warning in [*session.warnings, *plan.warnings]:
        module.warn(warning)
    result: dict[str, Any] = {
        **outcome(plan.result, session),
        "changed": bool(shown),
        "changes": summary(shown),
        "plan": approved,
        "calls": _calls(session),
    }
    if module._diff:
        result["diff"] = diff(shown, module.marked)
    module.leave(result)


def _calls(session: Session | None) -> dict[str, int]:
    clients = session.clients() if session else []
    return {"reads": sum(client.reads for client in clients), "writes": sum(client.writes for client in clients)}


def _fail(module: QuietModule, session: Session | None, what: str, error: ApiError, done: Sequence[Change]) -> None:
    where = session.clients()[0].base if session and session.clients() else ""
    module.fail(
        {
            "msg": one_line(f"{what}: {error.describe()} ({where}). {error.hint}".rstrip()),
            "changed": any(not change.quiet for change in done),
            "changes": summary(change for change in done if not change.quiet),
            "status": error.status,
            "reasons": [module.without_secrets(reason) for reason in error.reasons],
            "calls": _calls(session),
        }
    )


def _sentence(error: OSError | UnicodeError) -> str:
    """What went wrong with a file, in one sentence."""
    if isinstance(error, UnicodeError):
        return f"a file is not valid UTF-8 text: {error}."
    where = f" {error.filename}" if error.filename else ""
    return f"can't read or write{where}: {error.strerror or error}. Check the path and its permissions."
