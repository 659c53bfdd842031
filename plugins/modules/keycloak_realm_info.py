# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keycloak_realm_info
short_description: Read realms of Keycloak or Red Hat single sign-on
version_added: 0.1.0
author: The rhai.maas maintainers (@rhai)
description:
  - Reads realms in the form that M(rhai.maas.keycloak_realm) takes, each with its issuer.
options:
  realms:
    description: Names of the realms; all that the user may see if left out. Those that aren't there are left out.
    type: list
    elements: str
extends_documentation_fragment:
  - rhai.maas.keycloak
  - rhai.maas.keycloak.attributes_info
seealso:
  - module: rhai.maas.keycloak_realm
"""

EXAMPLES = r"""
- name: Read the portal's realm
  rhai.maas.keycloak_realm_info:
    auth_keycloak_url: https://sso.example.com
    auth_username: admin
    auth_password: "{{ vault_keycloak_password }}"
    realms: [maas]
  register: found
"""

RETURN = r"""
realms:
  description: The realms.
  returned: success
  type: list
  elements: dict
  sample: [{"realm": "maas", "enabled": true, "issuer": "https://sso.example.com/realms/maas"}]
calls:
  description: Requests at the server, without those for the token.
  returned: always
  type: dict
  sample: {"reads": 2, "writes": 0}
"""

from ansible_collections.rhai.maas.plugins.module_utils.keycloak.info import REALM_OPTIONS, read_realms
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.shell import run_info


def main() -> None:
    """Entry point."""
    run_info(REALM_OPTIONS, read_realms)


if __name__ == "__main__":
    main()
