#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: threescale_tenant_info
short_description: Read the tenants of 3scale
version_added: 0.2.0
description:
  - Reads the tenants of a 3scale through the master API.
extends_documentation_fragment:
  - rhai.maas.threescale.master
  - rhai.maas.threescale.transport
  - rhai.maas.threescale.attributes_info
options:
  org_names:
    description: Names of the organizations; all if left out. Those that are not there are left out.
    type: list
    elements: str
  state:
    description: Only tenants in this state.
    type: str
    choices: [approved, suspended, scheduled_for_deletion]
seealso:
  - module: rhai.maas.threescale_tenant
author:
  - The rhai.maas maintainers (@rhai)
"""

EXAMPLES = r"""
- name: Read the tenants that work
  rhai.maas.threescale_tenant_info:
    master_url: https://master.apps.example.com
    master_token: "{{ vault_threescale_master_token }}"
    state: approved
  register: found
"""

RETURN = r"""
tenants:
  description: The tenants, oldest first.
  returned: success
  type: list
  elements: dict
  sample:
    - id: 4
      org_name: Department of Health
      state: approved
      domain: department-of-health.apps.example.com
      admin_domain: department-of-health-admin.apps.example.com
      base_url: https://department-of-health.apps.example.com
      admin_base_url: https://department-of-health-admin.apps.example.com
calls:
  description: Requests that the run took.
  returned: always
  type: dict
  sample: {"reads": 2, "writes": 0}
"""

from ansible_collections.rhai.maas.plugins.module_utils.threescale.info_objects import TENANT_OPTIONS, read_tenants
from ansible_collections.rhai.maas.plugins.module_utils.threescale.shell import run_info


def main() -> None:
    """Run the module."""
    run_info(TENANT_OPTIONS, read_tenants, tenant=False, master=True)


if __name__ == "__main__":
    main()
