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
options:
  realm:
    description: Name of the realm; stands in its addresses.
    type: str
    required: true
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
  admin_events_enabled:
    description: Whether administrators' changes are kept as events.
    type: bool
  admin_events_details_enabled:
    description: Whether such an event holds what was sent.
    type: bool
  attributes:
    description: Further attributes by Keycloak's own names. Those not named here stay.
    type: dict
  unmanaged_attribute_policy:
    description:
      - What happens to attributes of users that the realm's user profile doesn't name (since Keycloak 24).
        V(disabled) drops them, V(enabled) lets everybody use them, V(admin_edit) and V(admin_view) administrators.
    type: str
    choices: [disabled, enabled, admin_view, admin_edit]
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

from ansible_collections.rhai.maas.plugins.module_utils.keycloak.realm import REALM, plan_realm
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.shell import run


def main() -> None:
    """Entry point."""
    run(REALM.fields, plan_realm)


if __name__ == "__main__":
    main()
