# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keycloak_realm
short_description: Keep a realm of Keycloak or Red Hat single sign-on
version_added: 0.1.0
author: The rhai.maas maintainers (@rhai)
description:
  - Makes a realm, keeps its settings, or removes it with everything in it.
  - Takes many realms in one call (O(realms)), or one by the same options at the top level.
options:
  realms:
    description: The realms to keep. Exclusive with the options of a single one.
    type: list
    elements: dict
    suboptions:
      realm:
        description: Name of the realm; stands in its addresses.
        type: str
        required: true
      <<: &each
        state:
          description: Whether the realm shall be there.
          type: str
          choices: [present, absent]
          default: present
        force:
          description: Needed to remove a realm, since its users, clients and sessions go with it.
          type: bool
          default: false
        display_name:
          description: Name that people see.
          type: str
        display_name_html:
          description: Name on the sign-in page, as HTML.
          type: str
        enabled:
          description: Whether people and clients can sign in. A new realm is enabled unless this says otherwise.
          type: bool
        ssl_required:
          description: Who must use TLS.
          type: str
          choices: [external, all, none]
        registration_allowed:
          description: Whether people may register by themselves.
          type: bool
        registration_email_as_username:
          description: Whether the e-mail address is the user name of those who register.
          type: bool
        login_with_email_allowed:
          description: Whether the e-mail address may be given to sign in.
          type: bool
        duplicate_emails_allowed:
          description: Whether several users may have one e-mail address.
          type: bool
        edit_username_allowed:
          description: Whether users may change their user name.
          type: bool
        reset_password_allowed:
          description: Whether the sign-in page offers to reset a forgotten password.
          type: bool
        verify_email:
          description: Whether users must verify their e-mail address.
          type: bool
        remember_me:
          description: Whether the sign-in page offers to remember the user.
          type: bool
        brute_force_protected:
          description: Whether users are locked out for a while after failed sign-ins.
          type: bool
        permanent_lockout:
          description: Whether a user who fails too often is locked out for good.
          type: bool
        failure_factor:
          description: Number of failed sign-ins after which a user is locked out.
          type: int
        wait_increment_seconds:
          description: Seconds that each further failure adds to the lockout.
          type: int
        max_failure_wait_seconds:
          description: Longest lockout in seconds.
          type: int
        max_delta_time_seconds:
          description: Seconds without a failure after which the count begins anew.
          type: int
        quick_login_check_milliseconds:
          description: Two failures within this time count as an attack.
          type: int
        minimum_quick_login_wait_seconds:
          description: Lockout in seconds after such an attack.
          type: int
        password_policy:
          description: Rules of passwords, in Keycloak's form.
          type: str
        login_theme:
          description: Theme of the sign-in pages.
          type: str
        email_theme:
          description: Theme of e-mails.
          type: str
        account_theme:
          description: Theme of the account console.
          type: str
        admin_theme:
          description: Theme of the administration console.
          type: str
        internationalization_enabled:
          description: Whether pages are translated.
          type: bool
        supported_locales:
          description: Languages of the pages; their order doesn't count.
          type: list
          elements: str
        default_locale:
          description: Language when nothing else decides.
          type: str
        access_token_lifespan:
          description: Life of access tokens in seconds.
          type: int
        access_token_lifespan_for_implicit_flow:
          description: Life of access tokens of the implicit flow in seconds.
          type: int
        access_code_lifespan:
          description: Seconds in which a client must exchange a code for a token.
          type: int
        access_code_lifespan_login:
          description: Seconds that a sign-in may take.
          type: int
        access_code_lifespan_user_action:
          description: Seconds that an action such as a new password may take.
          type: int
        action_token_generated_by_admin_lifespan:
          description: Life of links that administrators send in seconds.
          type: int
        action_token_generated_by_user_lifespan:
          description: Life of links that users ask for in seconds.
          type: int
        revoke_refresh_token:
          description: Whether a refresh token is good for one use, or as many as O(refresh_token_max_reuse) adds.
          type: bool
        refresh_token_max_reuse:
          description: How often a refresh token may be used again.
          type: int
        default_signature_algorithm:
          description: How tokens are signed, such as V(RS256).
          type: str
        client_session_idle_timeout:
          description: Seconds after which a client's idle session ends; V(0) takes that of the sign-on.
          type: int
        client_session_max_lifespan:
          description: Longest life of a client's session in seconds; V(0) takes that of the sign-on.
          type: int
        offline_session_idle_timeout:
          description: Seconds after which an idle offline session ends.
          type: int
        offline_session_max_lifespan_enabled:
          description: Whether offline sessions end at all.
          type: bool
        offline_session_max_lifespan:
          description: Longest life of an offline session in seconds.
          type: int
        sso_session_idle_timeout_remember_me:
          description: As O(sso_session_idle_timeout), for those who are remembered; V(0) takes that.
          type: int
        sso_session_max_lifespan_remember_me:
          description: As O(sso_session_max_lifespan), for those who are remembered; V(0) takes that.
          type: int
        sso_session_idle_timeout:
          description: Seconds after which an idle session ends.
          type: int
        sso_session_max_lifespan:
          description: Longest life of a session in seconds.
          type: int
        events_enabled:
          description: Whether sign-in events are kept.
          type: bool
        events_expiration:
          description: Seconds that events are kept.
          type: int
        events_listeners:
          description: Names of what hears of events, such as V(jboss-logging); their order doesn't count.
          type: list
          elements: str
        enabled_event_types:
          description: Types of the events that are kept, such as V(LOGIN_ERROR); their order doesn't count.
          type: list
          elements: str
        admin_events_enabled:
          description: Whether administrators' changes are kept as events.
          type: bool
        admin_events_details_enabled:
          description: Whether such an event holds what was sent.
          type: bool
        smtp:
          description: The server that mails are sent by. What is not named here stays.
          type: dict
          suboptions:
            host:
              description: Name of the server.
              type: str
            port:
              description: Its port.
              type: int
            from:
              description: Address that mails come from.
              type: str
            from_display_name:
              description: Name that mails come from.
              type: str
            reply_to:
              description: Address for answers.
              type: str
            reply_to_display_name:
              description: Name for answers.
              type: str
            envelope_from:
              description: Address for mails that can't be delivered.
              type: str
            ssl:
              description: Whether TLS is used from the start.
              type: bool
            starttls:
              description: Whether the connection is made secure by STARTTLS.
              type: bool
            auth:
              description: Whether the server wants a user and a password.
              type: bool
            user:
              description: User at the server.
              type: str
            password:
              description: The user's password. It can't be read, see O(update_smtp_password).
              type: str
        update_smtp_password:
          description: >-
            Whether the password in O(smtp) is sent only while the realm has none, or V(always), which always counts
            as a
            change.
          type: str
          choices: [on_create, always]
          default: on_create
        attributes:
          description: Further attributes by Keycloak's own names. Those not named here stay.
          type: dict
        unmanaged_attribute_policy:
          description:
            - What happens to attributes of users that the realm's user profile doesn't name (since Keycloak 24).
              V(disabled) drops them, V(enabled) lets everybody use them, V(admin_edit) and
              V(admin_view) administrators.
          type: str
          choices: [disabled, enabled, admin_view, admin_edit]
        client_profiles:
          description:
            - What clients are held to, by Keycloak's own names; an entry has a C(name), and C(executors) with
              C(executor) and C(configuration). The list is whole, but for the profiles that Keycloak brings.
            - Executors that the server lacks are refused; C(secret-rotation) needs its feature
              C(client-secret-rotation).
          type: list
          elements: dict
          version_added: 0.2.0
        client_policies:
          description:
            - Which clients a profile holds for, by Keycloak's own names; an entry has a C(name), C(enabled),
              C(conditions) with C(condition) and C(configuration), and the names of C(profiles). The list is whole.
            - Conditions that the server lacks are refused.
          type: list
          elements: dict
          version_added: 0.2.0
  realm:
    description: Name of the realm; stands in its addresses.
    type: str
  <<: *each
extends_documentation_fragment:
  - rhai.maas.keycloak
  - rhai.maas.keycloak.attributes
  - rhai.maas.plan
seealso:
  - module: rhai.maas.keycloak_client
  - module: rhai.maas.keycloak_identity_provider
  - module: rhai.maas.keycloak_user
"""

EXAMPLES = r"""
- name: Ensure the realm of the models' portal
  rhai.maas.keycloak_realm:
    auth_keycloak_url: https://sso.example.com
    auth_username: admin
    auth_password: "{{ vault_keycloak_password }}"
    realm: maas
    display_name: Models as a Service
    registration_allowed: false

- name: Ensure that secrets of clients can be rotated, the old one working for a week more
  rhai.maas.keycloak_realm:
    auth_keycloak_url: https://sso.example.com
    auth_username: admin
    auth_password: "{{ vault_keycloak_password }}"
    realm: maas
    client_profiles:
      - name: rotation
        executors:
          - executor: secret-rotation
            configuration:
              expiration-period: 31536000
              rotated-expiration-period: 604800
              remaining-rotation-period: 864000
    client_policies:
      - name: rotation
        enabled: true
        conditions:
          - condition: client-access-type
            configuration:
              type: [confidential]
        profiles: [rotation]

- name: Ensure a realm is gone
  rhai.maas.keycloak_realm:
    auth_keycloak_url: https://sso.example.com
    auth_username: admin
    auth_password: "{{ vault_keycloak_password }}"
    realm: trial
    state: absent
    force: true
"""

RETURN = r"""
realm:
  description: The realm as it is after the run, or would be; empty when it is absent.
  returned: success
  type: dict
  sample: {"id": "0f4d2a5c-53b6-4f4c-9b5e-6f2c1b5a9a10", "realm": "maas", "enabled": true}
realms:
  description: The realms as they are after the run, or would be, one for each entry of the list.
  returned: success
  type: list
  elements: dict
changes:
  description: What changed or would change, in order.
  returned: always
  type: list
  elements: dict
  sample: [{"action": "create", "noun": "realm", "key": "maas"}]
calls:
  description: Requests at the server, without those for the token.
  returned: always
  type: dict
  sample: {"reads": 1, "writes": 1}
"""

from ansible_collections.rhai.maas.plugins.module_utils.keycloak.many import run_each
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.realm import REALM, TASKS, plan_realm


def main() -> None:
    """Entry point."""
    run_each(REALM, "realm", "realms", plan_realm, tasks=TASKS)


if __name__ == "__main__":
    main()
