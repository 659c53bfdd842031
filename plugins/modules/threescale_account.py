#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: threescale_account
short_description: Keep developer accounts
version_added: 0.1.0
description:
  - Makes, changes, approves, rejects and removes developer accounts.
  - Takes many accounts in one call (O(accounts)), or one by the same options at the top level.
extends_documentation_fragment:
  - rhai.maas.threescale
  - rhai.maas.threescale.transport
  - rhai.maas.threescale.attributes
  - rhai.maas.threescale.actiongroup
  - rhai.maas.plan
options:
  accounts:
    description: The accounts to keep. Exclusive with the options for a single account.
    type: list
    elements: dict
    suboptions:
      <<: &each
        username:
          description:
            - Name of the account's developer; it identifies the account.
            - Without it the account is found by O(accounts[].email), else by O(accounts[].org_name), which must
              belong to one account only. Required for a new account.
          type: str
        org_name:
          description: Name of the organization. Required for a new account.
          type: str
        state:
          description:
            - V(present) leaves the state to the server. V(approved) also activates the developer, so that he can
              sign in.
            - V(suspended) suspends all users and live applications of the account, so that nobody signs in and no key
              works. V(live) approves the account, and resumes its suspended users and applications. 3scale itself has
              no suspended accounts.
            - An account with live applications is removed only with O(accounts[].force=true).
          type: str
          choices: [present, approved, live, suspended, pending, rejected, absent]
          default: present
        email:
          description: Mail address of the developer. Required for a new account.
          type: str
        password:
          description: Password of the developer, set when the account is made and never changed.
          type: str
        account_plan:
          description: Name of the account plan.
          type: str
        monthly_billing_enabled:
          description: Whether the account is billed.
          type: bool
        monthly_charging_enabled:
          description: Whether the account is charged.
          type: bool
        annotations:
          description: >-
            Annotations, merged with the present ones. 3scale keeps V(managed_by) alone, and only from 2.16 on; all
            else is refused.
          type: dict
        fields:
          description: >-
            Values of further fields that the tenant has defined for accounts. Others are refused, because 3scale drops
            them without a word.
          type: dict
        users:
          description: Further users of the account, beside its developer. Those that are not listed are left alone.
          type: list
          elements: dict
          suboptions:
            username:
              description: Name of the user.
              type: str
              required: true
            email:
              description: Mail address of the user. Required for a new user.
              type: str
            password:
              description: Password of the user, set when the user is made and never changed.
              type: str
            role:
              description: What the user may do in the developer portal. A new user is a V(member).
              type: str
              choices: [admin, member]
            state:
              description: V(active) activates a pending and resumes a suspended user.
              type: str
              choices: [active, suspended, absent]
              default: active
            fields:
              description: Values of further fields that the tenant has defined for users.
              type: dict
        force:
          description: Whether the account is removed although it has live keys.
          type: bool
          default: false
  <<: *each
seealso:
  - module: rhai.maas.threescale_account_info
  - module: rhai.maas.threescale_application
author:
  - The rhai.maas maintainers (@rhai)
"""

EXAMPLES = r"""
- name: Keep the account of a team
  rhai.maas.threescale_account:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    username: team-a
    org_name: Team A
    email: team-a@example.com
    password: "{{ vault_team_a_password }}"
    state: approved

- name: Give a colleague access to the team's account
  rhai.maas.threescale_account:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    username: team-a
    users:
      - username: team-a-colleague
        email: colleague@example.com
        role: admin

- name: Suspend all keys and users of an organization
  rhai.maas.threescale_account:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    org_name: Team A
    state: suspended

- name: Remove an account with its keys
  rhai.maas.threescale_account:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    username: team-b
    state: absent
    force: true
"""

RETURN = r"""
accounts:
  description: The accounts as they are afterwards.
  returned: success
  type: list
  elements: dict
  sample:
    - id: 12
      username: team-a
      org_name: Team A
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

from ansible_collections.rhai.maas.plugins.module_utils.threescale.account_signup import TASKS
from ansible_collections.rhai.maas.plugins.module_utils.threescale.accounts import OPTIONS, plan_accounts
from ansible_collections.rhai.maas.plugins.module_utils.threescale.shell import run


def main() -> None:
    """Run the module."""
    run(OPTIONS, plan_accounts, single="accounts", tasks=TASKS)


if __name__ == "__main__":
    main()
