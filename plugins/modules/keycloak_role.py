#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keycloak_role
short_description: Keep roles of a Keycloak realm and its clients
version_added: 0.2.0
author: The rhai.maas maintainers (@rhai)
description:
  - Makes roles, keeps their description, their attributes and the roles that they hold, or removes them.
  - Takes many roles in one call (O(roles)), or one by the same options at the top level.
options:
  realm:
    description: Realm of the roles.
    type: str
    required: true
  roles:
    description: The roles to keep. Exclusive with the options of a single one.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the role.
        type: str
        required: true
      <<: &each
        client_id:
          description: Client whose role it is; without it the role is the realm's.
          type: str
        state:
          description: Whether it shall be there.
          type: str
          choices: [present, absent]
          default: present
        description:
          description: What the role is for.
          type: str
        attributes:
          description: Attributes, each a text or a list of texts. Those not named here stay; an empty list removes one.
          type: dict
        composites:
          description: >-
            Roles that everybody with this role has too. They may be made by the same call. Others stay unless
            O(prune_composites).
          type: list
          elements: dict
          suboptions:
            name:
              description: Name of the role.
              type: str
              required: true
            client_id:
              description: Client whose role it is; without it the role is the realm's.
              type: str
        prune_composites:
          description: Whether roles that O(composites) doesn't name are taken away.
          type: bool
          default: false
  name:
    description: Name of the role.
    type: str
  <<: *each
extends_documentation_fragment:
  - rhai.maas.keycloak
  - rhai.maas.keycloak.attributes
  - rhai.maas.plan
seealso:
  - module: rhai.maas.keycloak_group
"""

EXAMPLES = r"""
- name: Ensure the roles of those who run the portal
  rhai.maas.keycloak_role:
    auth_keycloak_url: https://sso.example.com
    auth_username: admin
    auth_password: "{{ vault_keycloak_password }}"
    realm: maas
    roles:
      - name: portal-reader
        description: May see what developers see
      - name: portal-admin
        composites:
          - name: portal-reader
          - name: view-users
            client_id: realm-management

- name: Ensure a role of a client is gone
  rhai.maas.keycloak_role:
    auth_keycloak_url: https://sso.example.com
    auth_username: admin
    auth_password: "{{ vault_keycloak_password }}"
    realm: maas
    name: tester
    client_id: 3scale
    state: absent
"""

RETURN = r"""
role:
  description: The role as it is after the run, or would be; empty when it is absent. Not returned for a list.
  returned: success, with the options of a single one
  type: dict
  sample: {"id": "5c1e", "name": "portal-reader", "client_id": null}
roles:
  description: The roles as they are after the run, or would be.
  returned: success
  type: list
  elements: dict
  sample: [{"id": "5c1e", "name": "portal-reader", "client_id": null}]
changes:
  description: What changed or would change, in order.
  returned: always
  type: list
  elements: dict
  sample: [{"action": "create", "noun": "role", "key": "maas / portal-reader"}]
calls:
  description: Requests at the server, without those for the token.
  returned: always
  type: dict
  sample: {"reads": 2, "writes": 1}
"""

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.many import run_each
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.role import ROLES, finish, plan_role


def main() -> None:
    """Entry point."""
    run_each(ROLES, "role", "roles", plan_role, {"realm": Field(required=True)}, finish)


if __name__ == "__main__":
    main()
