# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Keycloak's realms: what they are, and how one becomes as wanted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.apply import Applier
from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import all_after
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import (
    Call,
    Change,
    Field,
    Plan,
    Ref,
    RefusalError,
    Resource,
)
from ansible_collections.rhai.maas.plugins.module_utils.keycloak import client_policies, smtp
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.plan import (
    asked_for,
    compare,
    create,
    delete,
    overlaid,
)
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.session import Session, realm_path, segment

STATE = Field(choices=("present", "absent"), default="present", local=True)
POLICIES = {"disabled": None, "enabled": "ENABLED", "admin_view": "ADMIN_VIEW", "admin_edit": "ADMIN_EDIT"}


def flag(api: str) -> Field:
    """An option that is true or false."""
    return Field("bool", api=api, form="flag")


def text(api: str) -> Field:
    """An option that is a text; absent in the API is empty."""
    return Field(api=api, form="text")


def seconds(api: str) -> Field:
    """A length of time in seconds. (Its name may sound like a secret: ``access_token_lifespan``.)"""
    return Field("int", api=api, form="whole", harmless=True)


def number(api: str) -> Field:
    """A whole number."""
    return Field("int", api=api, form="whole")


REALM = Resource(
    noun="realm",
    path="/admin/realms",
    wrapper="",
    envelope="",
    collection="",
    key=("realm",),
    fields={
        "realm": Field(required=True, form="text"),
        "state": STATE,
        "force": Field("bool", default=False, local=True),
        "display_name": text("displayName"),
        "display_name_html": text("displayNameHtml"),
        "enabled": flag("enabled"),
        "ssl_required": Field(api="sslRequired", choices=("external", "all", "none"), form="text"),
        "registration_allowed": flag("registrationAllowed"),
        "registration_email_as_username": flag("registrationEmailAsUsername"),
        "login_with_email_allowed": flag("loginWithEmailAllowed"),
        "duplicate_emails_allowed": flag("duplicateEmailsAllowed"),
        "edit_username_allowed": flag("editUsernameAllowed"),
        "reset_password_allowed": Field("bool", api="resetPasswordAllowed", form="flag", harmless=True),
        "verify_email": flag("verifyEmail"),
        "remember_me": flag("rememberMe"),
        "brute_force_protected": flag("bruteForceProtected"),
        "permanent_lockout": flag("permanentLockout"),
        "failure_factor": number("failureFactor"),
        "wait_increment_seconds": seconds("waitIncrementSeconds"),
        "max_failure_wait_seconds": seconds("maxFailureWaitSeconds"),
        "max_delta_time_seconds": seconds("maxDeltaTimeSeconds"),
        "quick_login_check_milliseconds": number("quickLoginCheckMilliSeconds"),
        "minimum_quick_login_wait_seconds": seconds("minimumQuickLoginWaitSeconds"),
        "password_policy": Field(api="passwordPolicy", form="text", harmless=True),
        "login_theme": text("loginTheme"),
        "email_theme": text("emailTheme"),
        "account_theme": text("accountTheme"),
        "admin_theme": text("adminTheme"),
        "internationalization_enabled": flag("internationalizationEnabled"),
        "supported_locales": Field("list", elements="str", api="supportedLocales", form="once"),
        "default_locale": text("defaultLocale"),
        "access_token_lifespan": seconds("accessTokenLifespan"),
        "access_token_lifespan_for_implicit_flow": seconds("accessTokenLifespanForImplicitFlow"),
        "access_code_lifespan": seconds("accessCodeLifespan"),
        "access_code_lifespan_login": seconds("accessCodeLifespanLogin"),
        "access_code_lifespan_user_action": seconds("accessCodeLifespanUserAction"),
        "action_token_generated_by_admin_lifespan": seconds("actionTokenGeneratedByAdminLifespan"),
        "action_token_generated_by_user_lifespan": seconds("actionTokenGeneratedByUserLifespan"),
        "revoke_refresh_token": Field("bool", api="revokeRefreshToken", form="flag", harmless=True),
        "refresh_token_max_reuse": seconds("refreshTokenMaxReuse"),
        "default_signature_algorithm": text("defaultSignatureAlgorithm"),
        "client_session_idle_timeout": seconds("clientSessionIdleTimeout"),
        "client_session_max_lifespan": seconds("clientSessionMaxLifespan"),
        "offline_session_idle_timeout": seconds("offlineSessionIdleTimeout"),
        "offline_session_max_lifespan_enabled": flag("offlineSessionMaxLifespanEnabled"),
        "offline_session_max_lifespan": seconds("offlineSessionMaxLifespan"),
        "sso_session_idle_timeout_remember_me": seconds("ssoSessionIdleTimeoutRememberMe"),
        "sso_session_max_lifespan_remember_me": seconds("ssoSessionMaxLifespanRememberMe"),
        "sso_session_idle_timeout": seconds("ssoSessionIdleTimeout"),
        "sso_session_max_lifespan": seconds("ssoSessionMaxLifespan"),
        "events_enabled": flag("eventsEnabled"),
        "events_expiration": seconds("eventsExpiration"),
        "events_listeners": Field("list", elements="str", api="eventsListeners", form="once"),
        "enabled_event_types": Field("list", elements="str", api="enabledEventTypes", form="once"),
        "admin_events_enabled": flag("adminEventsEnabled"),
        "admin_events_details_enabled": flag("adminEventsDetailsEnabled"),
        "smtp": smtp.FIELD,
        "update_smtp_password": Field(choices=("on_create", "always"), default="on_create", local=True, harmless=True),
        "attributes": Field("dict", api="attributes", form="texts"),
        "unmanaged_attribute_policy": Field(choices=tuple(POLICIES), local=True),
        **client_policies.FIELDS,
    },
)


def plan_realm(session: Session, params: Mapping[str, Any]) -> Plan:
    """Read what is needed and plan one realm. Raises ``ApiError`` and :class:`RefusalError`."""
    name = params["realm"]
    raw = session.read(realm_path(name))
    params = {**params, "smtp": smtp.to_send(params, raw)}
    if params["state"] == "absent":
        return _absent(name, raw, params["force"])
    client_policies.refuse_unknown(session, params, raw)
    policy = params.get("unmanaged_attribute_policy")
    profile = session.read(realm_path(name) + "/users/profile") if raw and policy else None
    return plan(params, raw, profile)


def _absent(name: str, raw: Mapping[str, Any] | None, force: bool) -> Plan:
    result = Plan(result={"realm": {}})
    if raw is None:
        return result
    if not force:
        raise RefusalError(
            f"force: realm '{name}' would be removed with its users, clients and sessions. Set force: true if that is "
            "meant."
        )
    ref = Ref("realm", name, segment(name))
    change = delete(REALM, {"realm": name, "displayName": raw.get("displayName")}, ref, {}, name)
    result.changes.append(change)
    return result


def plan(params: Mapping[str, Any], raw: Mapping[str, Any] | None, profile: Mapping[str, Any] | None) -> Plan:
    """The plan of a realm that shall be there, from what was read (None: not there). Raises :class:`RefusalError`."""
    name = params["realm"]
    if raw is not None:
        raw = client_policies.unwrapped(raw)
        params = client_policies.as_present(params, raw)
    ref = Ref("realm", name, segment(name) if raw else None)
    result = Plan()
    if raw is None:
        wanted = {"enabled": True, **asked_for(REALM, params)}
        result.changes.append(_created(wanted, ref, name))
    else:
        wanted = asked_for(REALM, params)
        before, after, body = compare(REALM, wanted, REALM.from_api(raw))
        if after:
            # here, and only here, Keycloak leaves what a body doesn't name as it is
            call = Call(
                "PUT",
                "/admin/realms/{realm}",
                {"realm": ref},
                client_policies.wrapped({"realm": name, **smtp.with_kept(body, raw)}),
            )
            result.changes.append(Change("update", "realm", name, before, after, call))
    policy = params.get("unmanaged_attribute_policy")
    if policy is not None:
        profile_changes = _plan_profile(name, ref, policy, raw, profile)
        all_after(profile_changes, list(result.changes))
        result.changes += profile_changes
    present = REALM.from_api(raw) if raw else {}
    final = {**present, **overlaid(REALM, wanted, present), "id": (raw or {}).get("id")}
    final["smtp"] = smtp.shown(final.get("smtp"))
    result.result = {"realm": final}
    return result


def _created(wanted: Mapping[str, Any], ref: Ref, name: str) -> Change:
    lists = {api: wanted[option] for option, (api, _key) in client_policies.LISTS.items() if option in wanted}
    return create(REALM, wanted, ref, {}, name, pick="realm", extra=client_policies.wrapped(lists))


def _plan_profile(
    name: str, ref: Ref, policy: str, raw: Mapping[str, Any] | None, profile: Mapping[str, Any] | None
) -> list[Change]:
    """What has to happen to the realm's user profile, where attributes that it doesn't name are allowed or not."""
    if raw is not None and profile is None:
        raise RefusalError(
            "unmanaged_attribute_policy: this server has no user profile (it came with Keycloak 24); leave it out."
        )
    now = next(
        (key for key, value in POLICIES.items() if value == (profile or {}).get("unmanagedAttributePolicy")), "disabled"
    )
    if now == policy:
        return []
    before, after = {"unmanaged_attribute_policy": now}, {"unmanaged_attribute_policy": policy}
    data = {"realm": ref, "policy": POLICIES[policy]}
    return [
        Change(
            "update", "user profile", name, before, after, task="write user profile", data=data, lane=f"realm {name}"
        )
    ]


def write_profile(applier: Applier, change: Change) -> None:
    """Read the user profile again (a new realm has one only now) and write it whole."""
    path = applier.path("/admin/realms/{realm}/users/profile", {"realm": change.data["realm"]})
    whole = {**applier.client.get(path).json, "unmanagedAttributePolicy": change.data["policy"]}
    applier.client.send("PUT", path, body={key: value for key, value in whole.items() if value is not None})


TASKS = {"write user profile": write_profile}
