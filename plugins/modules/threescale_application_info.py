#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: threescale_application_info
short_description: Read applications of developer accounts
version_added: 0.1.0
description:
  - Reads applications, without their keys unless asked.
extends_documentation_fragment:
  - rhai.maas.threescale
  - rhai.maas.threescale.transport
  - rhai.maas.threescale.attributes_info
  - rhai.maas.threescale.actiongroup
options:
  accounts:
    description: User names of the developers whose applications are read; those of all accounts if left out.
    type: list
    elements: str
  products:
    description: System names of the products; all if left out.
    type: list
    elements: str
  plan:
    description: Name of the application plan.
    type: str
  state:
    description: Only applications of this state.
    type: str
    choices: [live, suspended, pending]
  name:
    description: Only applications of this name.
    type: str
  show_keys:
    description: Whether the keys are returned. Set C(no_log) on the task then, or they are printed.
    type: bool
    default: false
seealso:
  - module: rhai.maas.threescale_application
author:
  - The rhai.maas maintainers (@rhai)
"""

EXAMPLES = r"""
- name: List the suspended applications of a product
  rhai.maas.threescale_application_info:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    products: [granite-8b-code-instruct]
    state: suspended
"""

RETURN = r"""
applications:
  description: The applications.
  returned: success
  type: list
  elements: dict
  sample:
    - id: 30
      name: chatbot
      product: granite-8b-code-instruct
      account_id: 12
      org_name: Team A
      plan_name: Standard Plan
      state: suspended
calls:
  description: Requests that the run took.
  returned: always
  type: dict
  sample: {"reads": 3, "writes": 0}
"""

from ansible_collections.rhai.maas.plugins.module_utils.threescale.info import APPLICATION_OPTIONS, read_applications
from ansible_collections.rhai.maas.plugins.module_utils.threescale.shell import run_info


def main() -> None:
    """Run the module."""
    run_info(APPLICATION_OPTIONS, read_applications)


if __name__ == "__main__":
    main()
