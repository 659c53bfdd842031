# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keycloak_group_info
short_description: Read groups of a Keycloak realm
version_added: 0.2.0
author: The rhai.maas maintainers (@rhai)
description:
  - Reads groups in the form that M(rhai.maas.keycloak_group) takes, those above before those in them.
  - Tells on request who is in them.
options:
  realm:
    description: Realm of the groups.
    type: str
    required: true
  groups:
    description: Their paths, such as V(/developers/europe); all if left out. Those that aren't there are left out.
    type: list
    elements: str
  members:
    description: >-
      Whether RV(groups[].members) is returned: user name and e-mail address of the members of each group itself, not of
      the groups in it.
    type: bool
    default: false
extends_documentation_fragment:
  - rhai.maas.keycloak
  - rhai.maas.keycloak.attributes_info
seealso:
  - module: rhai.maas.keycloak_group
"""

EXAMPLES = r"""
- name: Read who is in a group
  rhai.maas.keycloak_group_info:
    auth_keycloak_url: https://sso.example.com
    auth_username: admin
    auth_password: "{{ vault_keycloak_password }}"
    realm: maas
    groups: [/developers]
    members: true
  register: found
"""

RETURN = r"""
groups:
  description: The groups.
  returned: success
  type: list
  elements: dict
  sample: [{"path": "/developers", "attributes": {}, "roles": [{"name": "offline_access"}]}]
  contains:
    members:
      description: Members of the group itself, each with C(username), C(email) and C(enabled).
      returned: when O(members)
      type: list
      elements: dict
calls:
  description: Requests at the server, without those for the token.
  returned: always
  type: dict
  sample: {"reads": 1, "writes": 0}
"""

from ansible_collections.rhai.maas.plugins.module_utils.keycloak.info_realm import GROUP_OPTIONS, read_groups
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.shell import run_info


def main() -> None:
    """Entry point."""
    run_info(GROUP_OPTIONS, read_groups)


if __name__ == "__main__":
    main()
