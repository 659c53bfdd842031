# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keycloak_user
short_description: Keep a user of a Keycloak realm
version_added: 0.1.0
author: The rhai.maas maintainers (@rhai)
description:
  - Makes a user, keeps what is known of it, or removes it.
  - Keycloak never shows a password, so it can't be compared. It is set when the user is made, later only with
    O(update_password=always).
  - Takes many users in one call (O(users)), or one by the same options at the top level.
options:
  realm:
    description: Realm of the user.
    type: str
    required: true
  users:
    description: The users to keep. Exclusive with the options of a single one.
    type: list
    elements: dict
    suboptions:
      username:
        description:
          - Name that the user signs in with; Keycloak keeps it in small letters.
          - In a realm with O(rhai.maas.keycloak_realm#module:registration_email_as_username) the O(email)
            takes its place.
        type: str
        required: true
      <<: &each
        state:
          description: Whether the user shall be there.
          type: str
          choices: [present, absent]
          default: present
        email:
          description: E-mail address.
          type: str
        email_verified:
          description: Whether the e-mail address counts as verified.
          type: bool
        first_name:
          description: First name.
          type: str
        last_name:
          description: Last name.
          type: str
        enabled:
          description: Whether the user can sign in. A new user is enabled unless this says otherwise.
          type: bool
        required_actions:
          description: What the user must do at the next sign-in, such as V(UPDATE_PASSWORD); the order doesn't count.
          type: list
          elements: str
        attributes:
          description:
            - Further attributes, each a text or a list of texts. Those not named here stay; an empty list removes one.
            - Since Keycloak 24 the realm's user profile must know them, or allow others, see
              O(rhai.maas.keycloak_realm#module:unmanaged_attribute_policy).
          type: dict
        password:
          description: Password of the user.
          type: str
        temporary_password:
          description: Whether the user must choose another password at the next sign-in.
          type: bool
          default: false
        update_password:
          description: >-
            Whether O(password) is set only when the user is made, or V(always), which always counts as a
            change.
          type: str
          choices: [on_create, always]
          default: on_create
  username:
    description:
      - Name that the user signs in with; Keycloak keeps it in small letters.
      - In a realm with O(rhai.maas.keycloak_realm#module:registration_email_as_username) the O(email) takes its place.
    type: str
  <<: *each
extends_documentation_fragment:
  - rhai.maas.keycloak
  - rhai.maas.keycloak.attributes
  - rhai.maas.plan
seealso:
  - module: rhai.maas.keycloak_realm
"""

EXAMPLES = r"""
- name: Ensure a developer can sign in
  rhai.maas.keycloak_user:
    auth_keycloak_url: https://sso.example.com
    auth_username: admin
    auth_password: "{{ vault_keycloak_password }}"
    realm: maas
    username: dana
    email: dana@example.com
    email_verified: true
    first_name: Dana
    last_name: Developer
    password: "{{ vault_dana_password }}"

- name: Ensure a user is gone
  rhai.maas.keycloak_user:
    auth_keycloak_url: https://sso.example.com
    auth_username: admin
    auth_password: "{{ vault_keycloak_password }}"
    realm: maas
    username: dana
    state: absent
"""

RETURN = r"""
user:
  description: The user as it is after the run, or would be; empty when it is absent.
  returned: success
  type: dict
  sample: {"id": "85466d07-f810-406b-9d75-1b366860f4af", "username": "dana", "email": "dana@example.com"}
users:
  description: The users as they are after the run, or would be, one for each entry of the list.
  returned: success
  type: list
  elements: dict
changes:
  description: What changed or would change, in order.
  returned: always
  type: list
  elements: dict
  sample: [{"action": "create", "noun": "user", "key": "maas / dana"}]
calls:
  description: Requests at the server, without those for the token.
  returned: always
  type: dict
  sample: {"reads": 1, "writes": 1}
"""

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.many import run_each
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.user import USER, plan_user


def main() -> None:
    """Entry point."""
    run_each(USER, "user", "users", plan_user, {"realm": Field(required=True)})


if __name__ == "__main__":
    main()
