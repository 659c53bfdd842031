# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""A realm's client profiles and policies, and what the server needs for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.errors import ApiError
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field, RefusalError
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.session import Session

ROTATION = "secret-rotation"  # the executor that keeps the old secret of a client
FEATURES = {ROTATION: "client-secret-rotation"}  # what a server must be started with, by the executor
# options, the realm's attribute, and the key of the list in it
LISTS = {"client_profiles": ("clientProfiles", "profiles"), "client_policies": ("clientPolicies", "policies")}
FIELDS = {option: Field("list", elements="dict", api=api) for option, (api, _key) in LISTS.items()}


def unwrapped(raw: Mapping[str, Any]) -> dict[str, Any]:
    """A realm as the server has it, with the lists in place of the maps around them."""
    return {**raw, **{api: (raw.get(api) or {}).get(key) or [] for api, key in LISTS.values()}}


def wrapped(body: Mapping[str, Any]) -> dict[str, Any]:
    """A request's body with the maps around the lists."""
    return {**body, **{api: {key: body[api]} for api, key in LISTS.values() if api in body}}


def as_present(params: Mapping[str, Any], raw: Mapping[str, Any]) -> dict[str, Any]:
    """The options, where a list that means the same as the present one (``unwrapped``) is this one."""
    alike = {
        option: raw[api]
        for option, (api, _key) in LISTS.items()
        if params.get(option) is not None and _plain(params[option]) == _plain(raw[api])
    }
    return {**params, **alike}


def _plain(value: Any) -> Any:
    """A value in which neither the order of named things, nor the type of a setting, nor an empty one counts."""
    if isinstance(value, Mapping):
        entries = {str(name): _plain(entry) for name, entry in value.items()}
        return {name: entry for name, entry in entries.items() if entry not in ("", [], {})}
    if isinstance(value, (list, tuple)):
        plain = [_plain(entry) for entry in value]
        named = all(isinstance(entry, Mapping) and "name" in entry for entry in plain)
        return sorted(plain, key=lambda entry: str(entry["name"])) if named else plain
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def parts(entries: Sequence[Mapping[str, Any]], kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The executors of profiles, or the conditions of policies, by name, each with its settings."""
    for entry in entries:
        for part in entry.get(f"{kind}s") or []:
            yield str(part.get(kind)), part.get("configuration") or {}


def rotations(raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The settings of secret rotation that a realm (``unwrapped``) has in policies that are on."""
    used = {name for policy in raw["clientPolicies"] if policy.get("enabled") for name in policy.get("profiles") or []}
    profiles = [profile for profile in raw["clientProfiles"] if profile.get("name") in used]
    return [settings for name, settings in parts(profiles, "executor") if name == ROTATION]


def known(session: Session, kind: str) -> set[str] | None:
    """The server's executors or conditions; None where it does not say (to those who administer one realm alone)."""
    try:
        info = session.read("/admin/serverinfo") or {}
    except ApiError:
        return None
    section = (info.get("providers") or {}).get(f"client-policy-{kind}")
    return set(section.get("providers") or {}) if section else None


def refuse_unknown(session: Session, params: Mapping[str, Any], raw: Mapping[str, Any] | None) -> None:
    """Refuse executors and conditions that the server lacks: it would answer 500. Raises :class:`RefusalError`."""
    for option, kind in (("client_profiles", "executor"), ("client_policies", "condition")):
        wanted = params.get(option)
        if not wanted or _plain(wanted) == _plain(unwrapped(raw or {})[LISTS[option][0]]):
            continue
        there = known(session, kind)
        for name, _settings in parts(wanted, kind):
            if there is not None and name not in there:
                feature = FEATURES.get(name)
                why = f"its feature {feature} is off. {start_with(feature)}" if feature else "correct the name."
                raise RefusalError(f"{option}: this server has no {kind} {name}: {why}")


def start_with(feature: str) -> str:
    """What to do for a feature."""
    return f"Start it with --features={feature} (features.enabled in the spec of the operator's Keycloak object)."
