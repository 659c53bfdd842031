#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: threescale_service_subscription
short_description: Subscribe accounts to products
version_added: 0.1.0
description:
  - Subscribes every account to every product, and writes only the missing pairs, with one read for each account.
  - New accounts are subscribed by the default service plan of a product; accounts that exist when a product is
    made are not. This module does it for them.
  - A run that was cut off is finished by the next.
extends_documentation_fragment:
  - rhai.maas.threescale
  - rhai.maas.threescale.transport
  - rhai.maas.threescale.attributes
  - rhai.maas.threescale.actiongroup
  - rhai.maas.plan
options:
  accounts:
    description: User names of the developers whose accounts are meant; all approved accounts if left out.
    type: list
    elements: str
  products:
    description: System names of the products; all that have a default or published service plan if left out.
    type: list
    elements: str
  plan:
    description:
      - Name of the service plan, which may be hidden. Who is subscribed by another plan is moved to it.
      - Without it new subscriptions get the default plan of each product, else its first published one, and present
        ones keep theirs.
    type: str
  state:
    description:
      - Whether the subscriptions are there. One that applications need is not ended; suspended applications go with
        it.
    type: str
    choices: [present, absent]
    default: present
  approve:
    description: Whether pending subscriptions are approved.
    type: bool
    default: true
  force:
    description: Whether V(absent) may end the subscriptions of all developers, when O(accounts) names none.
    type: bool
    default: false
notes:
  - 3scale before 2.16 neither approves subscriptions nor changes their plans by its API. Pending ones are left with a
    warning there, and a change of plan is refused.
seealso:
  - module: rhai.maas.threescale_account
  - module: rhai.maas.threescale_product
author:
  - The rhai.maas maintainers (@rhai)
"""

EXAMPLES = r"""
- name: Let all developers see all products
  rhai.maas.threescale_service_subscription:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"

- name: Let one developer see one product
  rhai.maas.threescale_service_subscription:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    accounts: [team-a]
    products: [granite-8b-code-instruct]

- name: Take a product away from a developer
  rhai.maas.threescale_service_subscription:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    accounts: [team-a]
    products: [granite-8b-code-instruct]
    state: absent
"""

RETURN = r"""
service_subscriptions:
  description: How many accounts, products and pairs were looked at, and how many pairs changed.
  returned: success
  type: dict
  sample: {"accounts": 1000, "products": 16, "pairs": 16000, "changed": 1000}
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
from ansible_collections.rhai.maas.plugins.module_utils.threescale.subscriptions import OPTIONS, plan_subscriptions


def main() -> None:
    """Run the module."""
    run(OPTIONS, plan_subscriptions)


if __name__ == "__main__":
    main()
