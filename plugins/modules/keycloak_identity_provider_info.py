# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keycloak_identity_provider_info
short_description: Read identity providers of a Keycloak realm
version_added: 0.2.0
author: The rhai.maas maintainers (@rhai)
description:
  - Reads identity providers with their mappers, in the form that M(rhai.maas.keycloak_identity_provider) takes.
  - Secrets are left out.
options:
  realm:
    description: Realm of the identity providers.
    type: str
    required: true
  identity_providers:
    description: Their aliases; all if left out. Those that aren't there are left out.
    type: list
    elements: str
extends_documentation_fragment:
  - rhai.maas.keycloak
  - rhai.maas.keycloak.attributes_info
seealso:
  - module: rhai.maas.keycloak_identity_provider
"""

EXAMPLES = r"""
- name: Read an identity provider
  rhai.maas.keycloak_identity_provider_info:
    auth_keycloak_url: https://sso.example.com
    auth_username: admin
    auth_password: "{{ vault_keycloak_password }}"
    realm: maas
    identity_providers: [company]
  register: found
"""

RETURN = r"""
identity_providers:
  description: The identity providers, by alias.
  returned: success
  type: list
  elements: dict
  sample: [{"alias": "company", "provider_id": "oidc", "enabled": true, "config": {"clientId": "maas"}, "mappers": []}]
calls:
  description: Requests at the server, without those for the token.
  returned: always
  type: dict
  sample: {"reads": 1, "writes": 0}
"""

from ansible_collections.rhai.maas.plugins.module_utils.keycloak.info_realm import PROVIDER_OPTIONS, read_providers
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.shell import run_info


def main() -> None:
    """Entry point."""
    run_info(PROVIDER_OPTIONS, read_providers)


if __name__ == "__main__":
    main()
