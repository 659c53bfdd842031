# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keycloak_role_info
short_description: Read roles of a Keycloak realm
version_added: 0.2.0
author: The rhai.maas maintainers (@rhai)
description:
  - Reads the roles of a realm, and of its clients on request, in the form that M(rhai.maas.keycloak_role) takes.
options:
  realm:
    description: Realm of the roles.
    type: str
    required: true
  clients:
    description: Clients whose roles are read, too, by their client ids.
    type: list
    elements: str
extends_documentation_fragment:
  - rhai.maas.keycloak
  - rhai.maas.keycloak.attributes_info
seealso:
  - module: rhai.maas.keycloak_role
"""

EXAMPLES = r"""
- name: Read the roles of the realm and of one client
  rhai.maas.keycloak_role_info:
    auth_keycloak_url: https://sso.example.com
    auth_username: admin
    auth_password: "{{ vault_keycloak_password }}"
    realm: maas
    clients: [3scale]
  register: found
"""

RETURN = r"""
roles:
  description: The roles of the realm, then those of the clients, by name.
  returned: success
  type: list
  elements: dict
  sample: [{"name": "writer", "description": "May write", "composites": [{"name": "reader"}]}]
calls:
  description: Requests at the server, without those for the token.
  returned: always
  type: dict
  sample: {"reads": 1, "writes": 0}
"""

from ansible_collections.rhai.maas.plugins.module_utils.keycloak.info_realm import ROLE_OPTIONS, read_roles
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.shell import run_info


def main() -> None:
    """Entry point."""
    run_info(ROLE_OPTIONS, read_roles)


if __name__ == "__main__":
    main()
