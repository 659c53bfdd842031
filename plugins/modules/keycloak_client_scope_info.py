# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keycloak_client_scope_info
short_description: Read client scopes of a Keycloak realm
version_added: 0.2.0
author: The rhai.maas maintainers (@rhai)
description:
  - Reads client scopes with their mappers, in the form that M(rhai.maas.keycloak_client_scope) takes.
options:
  realm:
    description: Realm of the client scopes.
    type: str
    required: true
  client_scopes:
    description: Their names; all if left out. Those that aren't there are left out.
    type: list
    elements: str
extends_documentation_fragment:
  - rhai.maas.keycloak
  - rhai.maas.keycloak.attributes_info
seealso:
  - module: rhai.maas.keycloak_client_scope
"""

EXAMPLES = r"""
- name: Read a client scope
  rhai.maas.keycloak_client_scope_info:
    auth_keycloak_url: https://sso.example.com
    auth_username: admin
    auth_password: "{{ vault_keycloak_password }}"
    realm: maas
    client_scopes: [profile]
  register: found
"""

RETURN = r"""
client_scopes:
  description: The client scopes, by name.
  returned: success
  type: list
  elements: dict
  sample: [{"name": "department", "protocol": "openid-connect", "for_new_clients": "optional", "protocol_mappers": []}]
calls:
  description: Requests at the server, without those for the token.
  returned: always
  type: dict
  sample: {"reads": 1, "writes": 0}
"""

from ansible_collections.rhai.maas.plugins.module_utils.keycloak.info_realm import SCOPE_OPTIONS, read_scopes
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.shell import run_info


def main() -> None:
    """Entry point."""
    run_info(SCOPE_OPTIONS, read_scopes)


if __name__ == "__main__":
    main()
