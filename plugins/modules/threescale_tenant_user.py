#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: threescale_tenant_user
short_description: Keep the users of a tenant
version_added: 0.2.0
description:
  - Makes, changes, suspends and removes users of the tenant's own account, who work in its admin portal, and says what
    members may see there. Developers are users of their accounts, see M(rhai.maas.threescale_account).
  - Takes many users in one call (O(users)), or one by the same options at the top level.
extends_documentation_fragment:
  - rhai.maas.threescale
  - rhai.maas.threescale.transport
  - rhai.maas.threescale.attributes
  - rhai.maas.threescale.actiongroup
  - rhai.maas.plan
options:
  users:
    description: The users to keep. Exclusive with the options for a single user.
    type: list
    elements: dict
    suboptions:
      username:
        description: Name that the user signs in with.
        type: str
        required: true
      <<: &each
        email:
          description: Mail address. Required for a new user.
          type: str
        password:
          description: Password of a new user, never changed. Without one, the user signs in by single sign-on.
          type: str
        role:
          description: >-
            Administrators may do everything, members what O(users[].sections) says. New users are members if left out.
          type: str
          choices: [admin, member]
        state:
          description: Whether the user may sign in, may not, or is removed.
          type: str
          choices: [active, suspended, absent]
          default: active
        fields:
          description: Values of fields that are defined for users, by name.
          type: dict
        sections:
          description: Parts of the admin portal that a member may use; those on the server if left out.
          type: list
          elements: str
          choices: [finance, monitoring, partners, plans, policy_registry, portal, settings]
        products:
          description: System names of the products that a member may see; those on the server if left out.
          type: list
          elements: str
        all_products:
          description: Whether a member sees all products. With V(false) none, unless O(users[].products) names some.
          type: bool
  username:
    description: Name that the user signs in with. Required for a single user.
    type: str
  <<: *each
seealso:
  - module: rhai.maas.threescale_account
  - module: rhai.maas.threescale_tenant
author:
  - The rhai.maas maintainers (@rhai)
"""

EXAMPLES = r"""
- name: Let an analyst see the statistics of one product
  rhai.maas.threescale_tenant_user:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    username: ana
    email: ana@example.com
    sections: [monitoring]
    products: [granite-8b-code-instruct]

- name: Suspend somebody who left the team
  rhai.maas.threescale_tenant_user:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    username: bob
    email: bob@example.com
    state: suspended
"""

RETURN = r"""
users:
  description: The users as they are afterwards.
  returned: success
  type: list
  elements: dict
  sample:
    - id: 9
      username: ana
      state: active
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
  sample: [{"action": "create", "noun": "user", "key": "ana"}]
calls:
  description: Requests that the run took.
  returned: always
  type: dict
  sample: {"reads": 1, "writes": 1}
"""

from ansible_collections.rhai.maas.plugins.module_utils.threescale.shell import run
from ansible_collections.rhai.maas.plugins.module_utils.threescale.tenant_users import OPTIONS, plan_tenant_users


def main() -> None:
    """Run the module."""
    run(OPTIONS, plan_tenant_users, single="users")


if __name__ == "__main__":
    main()
