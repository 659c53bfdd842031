# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keycloak_client_info
short_description: Read clients of a Keycloak realm
version_added: 0.1.0
author: The rhai.maas maintainers (@rhai)
description:
  - Reads clients with their mappers and scopes, in the form that M(rhai.maas.keycloak_client) takes.
  - Secrets are left out.
options:
  realm:
    description: Realm of the clients.
    type: str
    required: true
  clients:
    description: Their client ids; all if left out. Those that aren't there are left out.
    type: list
    elements: str
extends_documentation_fragment:
  - rhai.maas.keycloak
  - rhai.maas.keycloak.attributes_info
seealso:
  - module: rhai.maas.keycloak_client
"""

EXAMPLES = r"""
- name: Read the portal's client
  rhai.maas.keycloak_client_info:
    auth_keycloak_url: https://sso.example.com
    auth_username: admin
    auth_password: "{{ vault_keycloak_password }}"
    realm: maas
    clients: [3scale]
  register: found
"""

RETURN = r"""
clients:
  description: The clients.
  returned: success
  type: list
  elements: dict
  sample: [{"client_id": "3scale", "enabled": true, "default_client_scopes": ["basic", "profile", "email"]}]
calls:
  description: Requests at the server, without those for the token.
  returned: always
  type: dict
  sample: {"reads": 1, "writes": 0}
"""

from ansible_collections.rhai.maas.plugins.module_utils.keycloak.info import CLIENT_OPTIONS, read_clients
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.shell import run_info


def main() -> None:
    """Entry point."""
    run_info(CLIENT_OPTIONS, read_clients)


if __name__ == "__main__":
    main()
