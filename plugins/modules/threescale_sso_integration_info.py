#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: threescale_sso_integration_info
short_description: Read the identity providers of a developer portal
version_added: 0.2.0
description:
  - Reads the identity providers by which developers sign in, in the form that
    M(rhai.maas.threescale_sso_integration) takes, without the secrets of their clients.
extends_documentation_fragment:
  - rhai.maas.threescale
  - rhai.maas.threescale.transport
  - rhai.maas.threescale.attributes_info
  - rhai.maas.threescale.actiongroup
options:
  kinds:
    description: Kinds of the identity providers, such as V(keycloak); all if left out.
    type: list
    elements: str
seealso:
  - module: rhai.maas.threescale_sso_integration
author:
  - The rhai.maas maintainers (@rhai)
"""

EXAMPLES = r"""
- name: Read where developers come back to after they signed in
  rhai.maas.threescale_sso_integration_info:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
  register: found
"""

RETURN = r"""
sso_integrations:
  description: The identity providers.
  returned: success
  type: list
  elements: dict
  sample:
    - id: 5
      kind: keycloak
      system_name: rhsso
      name: Company login
      client_id: 3scale
      site: https://sso.example.com/realms/maas
      published: true
      callback_url: https://maas.apps.example.com/auth/rhsso/callback
calls:
  description: Requests that the run took.
  returned: always
  type: dict
  sample: {"reads": 2, "writes": 0}
"""

from ansible_collections.rhai.maas.plugins.module_utils.threescale.info_objects import SSO_OPTIONS, read_sso
from ansible_collections.rhai.maas.plugins.module_utils.threescale.shell import run_info


def main() -> None:
    """Run the module."""
    run_info(SSO_OPTIONS, read_sso)


if __name__ == "__main__":
    main()
