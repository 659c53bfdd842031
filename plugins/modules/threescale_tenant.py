#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: threescale_tenant
short_description: Keep tenants of 3scale
version_added: 0.1.0
description:
  - Makes, changes, suspends, resumes and removes tenants through the master API.
extends_documentation_fragment:
  - rhai.maas.threescale.master
  - rhai.maas.threescale.transport
  - rhai.maas.threescale.attributes
  - rhai.maas.plan
options:
  tenants:
    description: The tenants to keep.
    type: list
    elements: dict
    required: true
    suboptions:
      org_name:
        description: Name of the organization; it identifies the tenant, and its host names are derived from it.
        type: str
        required: true
      state:
        description:
          - V(absent) schedules the tenant for deletion; the server purges it after fifteen days, until when
            V(present) brings it back.
        type: str
        choices: [present, suspended, absent]
        default: present
      force:
        description: Whether a tenant is scheduled for deletion.
        type: bool
        default: false
      username:
        description: Name of the administrator. Required for a new tenant.
        type: str
      email:
        description: Mail address of the administrator. Required for a new tenant.
        type: str
      password:
        description: Password of the administrator. Required for a new tenant, never changed.
        type: str
      from_email:
        description: Sender of the mails to developers.
        type: str
      support_email:
        description: Address for questions.
        type: str
      finance_support_email:
        description: Address for questions about money.
        type: str
      site_access_code:
        description: The code that visitors of the developer portal must enter. An empty string opens the portal.
        type: str
      annotations:
        description: >-
          Annotations, merged with the present ones. 3scale keeps V(managed_by) alone, and only from 2.16 on; all
          else is refused.
        type: dict
      fields:
        description: Values of further fields that the master account has defined for accounts. Others are refused.
        type: dict
      token_path:
        description:
          - File, on the host that runs the module, that gets the access token of a new tenant, readable for its
            owner only.
          - Required for a new tenant, because the server tells the token only once. The file is opened before the
            tenant is made.
        type: path
      token:
        description:
          - A token of your choice for O(tenants[].token_path), in place of the tenant's first one, which can't read
            statistics. Made for a new tenant, or for one whose file still holds the first token.
        type: dict
        suboptions:
          name:
            description: Name of the token.
            type: str
            default: ansible
          scopes:
            description: What the token opens.
            type: list
            elements: str
            choices: [account_management, cms, finance, policy_registry, stats]
            required: true
          permission:
            description: Whether the token may only read (V(ro)) or write too.
            type: str
            choices: [ro, rw]
            default: rw
  wait:
    description:
      - Whether to wait until a new tenant is usable. Background jobs fill it within half a minute; until then it has
        neither settings nor a portal.
      - The tenant is reached the way the master is, by its own host name in place of the master's.
    type: bool
    default: true
  wait_timeout:
    description: How long to wait, in seconds.
    type: int
    default: 180
seealso:
  - module: rhai.maas.threescale_provider
author:
  - The rhai.maas maintainers (@rhai)
"""

EXAMPLES = r"""
- name: Keep a tenant for a department
  rhai.maas.threescale_tenant:
    master_url: https://master.apps.example.com
    master_token: "{{ vault_threescale_master_token }}"
    tenants:
      - org_name: Department of Health
        username: admin
        email: admin@example.com
        password: "{{ vault_department_password }}"
        token_path: ~/department-token
        token:
          scopes: [account_management, cms, stats]

- name: Remove a tenant
  rhai.maas.threescale_tenant:
    master_url: https://master.apps.example.com
    master_token: "{{ vault_threescale_master_token }}"
    tenants:
      - org_name: Old department
        state: absent
        force: true
"""

RETURN = r"""
tenants:
  description: The tenants as they are afterwards.
  returned: success
  type: list
  elements: dict
  sample:
    - id: 4
      org_name: Department of Health
      domain: department-of-health.apps.example.com
      admin_domain: department-of-health-admin.apps.example.com
      base_url: https://department-of-health.apps.example.com
      admin_base_url: https://department-of-health-admin.apps.example.com
      state: approved
changes:
  description: What was changed, or would be in check mode; what reports are made of.
  returned: always
  type: list
  elements: dict
  contains:
    action:
      description: C(create), C(update), C(delete), or what the change is called otherwise.
      type: str
    noun:
      description: Kind of the object.
      type: str
    key:
      description: Name of the object, with the names of what it belongs to.
      type: str
  sample: [{"action": "create", "noun": "backend", "key": "partner-llm"}]
calls:
  description: Requests that the run took.
  returned: always
  type: dict
  sample: {"reads": 7, "writes": 0}
"""

from ansible_collections.rhai.maas.plugins.module_utils.threescale.shell import run
from ansible_collections.rhai.maas.plugins.module_utils.threescale.tenants import OPTIONS, TASKS, plan_tenants


def main() -> None:
    """Run the module."""
    run(OPTIONS, plan_tenants, tenant=False, master=True, tasks=TASKS)


if __name__ == "__main__":
    main()
