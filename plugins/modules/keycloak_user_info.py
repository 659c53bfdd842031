# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keycloak_user_info
short_description: Read users of a Keycloak realm
version_added: 0.2.0
author: The rhai.maas maintainers (@rhai)
description:
  - Reads users in the form that M(rhai.maas.keycloak_user) takes. Passwords can't be read.
options:
  realm:
    description: Realm of the users.
    type: str
    required: true
  users:
    description: Their user names; all if left out. Those that aren't there are left out.
    type: list
    elements: str
  groups:
    description: Whether RV(users[].groups) is returned, the paths of their groups.
    type: bool
    default: false
extends_documentation_fragment:
  - rhai.maas.keycloak
  - rhai.maas.keycloak.attributes_info
seealso:
  - module: rhai.maas.keycloak_user
"""

EXAMPLES = r"""
- name: Read a user and the user's groups
  rhai.maas.keycloak_user_info:
    auth_keycloak_url: https://sso.example.com
    auth_username: admin
    auth_password: "{{ vault_keycloak_password }}"
    realm: maas
    users: [dana]
    groups: true
  register: found
"""

RETURN = r"""
users:
  description: The users.
  returned: success
  type: list
  elements: dict
  sample: [{"username": "dana", "email": "dana@example.com", "enabled": true, "groups": ["/developers"]}]
  contains:
    groups:
      description: Paths of the user's groups.
      returned: when O(groups)
      type: list
      elements: str
calls:
  description: Requests at the server, without those for the token.
  returned: always
  type: dict
  sample: {"reads": 1, "writes": 0}
"""

from ansible_collections.rhai.maas.plugins.module_utils.keycloak.info_realm import USER_OPTIONS, read_users
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.shell import run_info


def main() -> None:
    """Entry point."""
    run_info(USER_OPTIONS, read_users)


if __name__ == "__main__":
    main()
