#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keycloak_group
short_description: Keep groups of a Keycloak realm
version_added: 0.2.0
author: The rhai.maas maintainers (@rhai)
description:
  - Makes groups, keeps their attributes and the roles that their members get, or removes them.
  - Takes many groups in one call (O(groups)), or one by the same options at the top level.
  - Who is in a group is not kept by this module.
options:
  realm:
    description: Realm of the groups.
    type: str
    required: true
  groups:
    description: The groups to keep. Exclusive with the options of a single one.
    type: list
    elements: dict
    suboptions:
      path:
        description: >-
          Path of the group, such as V(/developers/europe). The groups above must be there, or stand before it in
          O(groups).
        type: str
        required: true
      <<: &each
        state:
          description: Whether it shall be there.
          type: str
          choices: [present, absent]
          default: present
        attributes:
          description: Attributes, each a text or a list of texts. Those not named here stay; an empty list removes one.
          type: dict
        roles:
          description: Roles that the members of the group have. Others stay unless O(prune_roles).
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
        prune_roles:
          description: Whether roles that O(roles) doesn't name are taken away.
          type: bool
          default: false
        force:
          description: Needed to remove a group that has groups in it, since they go too.
          type: bool
          default: false
  path:
    description: >-
      Path of the group, such as V(/developers/europe). The groups above must be there, or stand before it in
      O(groups).
    type: str
  <<: *each
extends_documentation_fragment:
  - rhai.maas.keycloak
  - rhai.maas.keycloak.attributes
  - rhai.maas.plan
seealso:
  - module: rhai.maas.keycloak_role
"""

EXAMPLES = r"""
- name: Ensure the developers' groups
  rhai.maas.keycloak_group:
    auth_keycloak_url: https://sso.example.com
    auth_username: admin
    auth_password: "{{ vault_keycloak_password }}"
    realm: maas
    groups:
      - path: /developers
        roles:
          - name: offline_access
      - path: /developers/europe
        attributes:
          region: [eu]

- name: Ensure a group is gone
  rhai.maas.keycloak_group:
    auth_keycloak_url: https://sso.example.com
    auth_username: admin
    auth_password: "{{ vault_keycloak_password }}"
    realm: maas
    path: /developers/europe
    state: absent
"""

RETURN = r"""
group:
  description: The group as it is after the run, or would be; empty when it is absent. Not returned for a list.
  returned: success, with the options of a single one
  type: dict
  sample: {"id": "8d2f", "path": "/developers", "attributes": {}}
groups:
  description: The groups as they are after the run, or would be.
  returned: success
  type: list
  elements: dict
  sample: [{"id": "8d2f", "path": "/developers", "attributes": {}}]
changes:
  description: What changed or would change, in order.
  returned: always
  type: list
  elements: dict
  sample: [{"action": "create", "noun": "group", "key": "maas / developers"}]
calls:
  description: Requests at the server, without those for the token.
  returned: always
  type: dict
  sample: {"reads": 2, "writes": 1}
"""

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.group import GROUP, plan_group
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.many import run_each


def main() -> None:
    """Entry point."""
    run_each(GROUP, "group", "groups", plan_group, {"realm": Field(required=True)})


if __name__ == "__main__":
    main()
