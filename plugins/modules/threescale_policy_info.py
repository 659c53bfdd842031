#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: threescale_policy_info
short_description: Read the policies in the registry of a tenant
version_added: 0.2.0
description:
  - Reads the custom policies that are registered in the tenant, with their schemas, in the form that
    M(rhai.maas.threescale_policy) takes.
  - The access token needs the scope C(policy_registry) too.
extends_documentation_fragment:
  - rhai.maas.threescale
  - rhai.maas.threescale.transport
  - rhai.maas.threescale.attributes_info
  - rhai.maas.threescale.actiongroup
options:
  policies:
    description: Names of the policies; all if left out.
    type: list
    elements: str
seealso:
  - module: rhai.maas.threescale_policy
author:
  - The rhai.maas maintainers (@rhai)
"""

EXAMPLES = r"""
- name: Read the registered policies
  rhai.maas.threescale_policy_info:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
  register: found
"""

RETURN = r"""
policies:
  description: The policies, each version by itself.
  returned: success
  type: list
  elements: dict
  sample:
    - id: 3
      name: remove-bearer
      version: "0.1"
      schema:
        name: remove-bearer
        version: "0.1"
        summary: Removes the word Bearer
        configuration:
          type: object
calls:
  description: Requests that the run took.
  returned: always
  type: dict
  sample: {"reads": 2, "writes": 0}
"""

from ansible_collections.rhai.maas.plugins.module_utils.threescale.info_objects import POLICY_OPTIONS, read_policies
from ansible_collections.rhai.maas.plugins.module_utils.threescale.shell import run_info


def main() -> None:
    """Run the module."""
    run_info(POLICY_OPTIONS, read_policies)


if __name__ == "__main__":
    main()
