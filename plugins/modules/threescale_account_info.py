#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: threescale_account_info
short_description: Read developer accounts
version_added: 0.1.0
description:
  - Reads developer accounts, with their users and subscriptions if asked.
extends_documentation_fragment:
  - rhai.maas.threescale
  - rhai.maas.threescale.transport
  - rhai.maas.threescale.attributes_info
  - rhai.maas.threescale.actiongroup
options:
  usernames:
    description: User names of the developers whose accounts are read; all accounts if left out.
    type: list
    elements: str
  state:
    description: Only accounts of this state. Has no effect with O(usernames).
    type: str
    choices: [approved, pending, rejected, created]
  users:
    description: Whether the users of each account are read.
    type: bool
    default: false
  subscriptions:
    description: Whether the service subscriptions of each account are read.
    type: bool
    default: false
seealso:
  - module: rhai.maas.threescale_account
author:
  - The rhai.maas maintainers (@rhai)
"""

EXAMPLES = r"""
- name: List the accounts that wait for approval
  rhai.maas.threescale_account_info:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    state: pending
    users: true
  register: waiting
"""

RETURN = r"""
accounts:
  description: The accounts.
  returned: success
  type: list
  elements: dict
  sample:
    - id: 12
      org_name: Team A
      state: approved
      monthly_billing_enabled: true
calls:
  description: Requests that the run took.
  returned: always
  type: dict
  sample: {"reads": 3, "writes": 0}
"""

from ansible_collections.rhai.maas.plugins.module_utils.threescale.info import ACCOUNT_OPTIONS, read_accounts
from ansible_collections.rhai.maas.plugins.module_utils.threescale.shell import run_info


def main() -> None:
    """Run the module."""
    run_info(ACCOUNT_OPTIONS, read_accounts)


if __name__ == "__main__":
    main()
