#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: threescale_provider
short_description: Keep the account of a 3scale tenant and its settings
version_added: 0.1.0
description:
  - Changes mail addresses, the access code of the developer portal, the settings of the tenant and its account plans.
  - Name and time zone of the tenant are set by the master API, since the tenant's own API can't.
  - Options left out are left alone; an empty string means "make it empty".
extends_documentation_fragment:
  - rhai.maas.threescale
  - rhai.maas.threescale.transport
  - rhai.maas.threescale.master
  - rhai.maas.threescale.attributes
  - rhai.maas.threescale.actiongroup
  - rhai.maas.plan
options:
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
  org_name:
    description:
      - Name of the organisation. Needs O(master_url) and O(master_token).
    type: str
  timezone:
    description:
      - Time zone of the tenant by the name in the admin portal (such as V(Madrid)) or the IANA name.
      - Needs O(master_url) and O(master_token), and works with 3scale up to 2.16.
    type: str
  settings:
    description: Settings of the developer portal.
    type: dict
    suboptions:
      useraccountarea_enabled:
        description: Whether the portal has an account area.
        type: bool
      hide_service:
        description: Whether the portal hides products.
        type: bool
      signups_enabled:
        description: Whether developers may sign up by the form.
        type: bool
      account_approval_required:
        description: Whether new accounts wait for approval.
        type: bool
      public_search:
        description: Whether the portal can be searched without signing in.
        type: bool
      account_plans_ui_visible:
        description: Whether account plans are shown.
        type: bool
      service_plans_ui_visible:
        description: Whether service plans are shown.
        type: bool
      change_account_plan_permission:
        description: How developers change their account plan.
        type: str
        choices: [request, direct, credit_card, request_credit_card, none]
      change_service_plan_permission:
        description: How developers change a service plan.
        type: str
        choices: [request, direct, credit_card, request_credit_card, none]
      enforce_sso:
        description: Whether the admin portal takes single sign-on only (2.16); it needs a published provider.
        type: bool
      strong_passwords_enabled:
        description: Whether passwords must be strong (up to 2.16).
        type: bool
  features:
    description: Features that account plans may include, by system_name. Features left out stay.
    type: list
    elements: dict
    version_added: 0.2.0
    suboptions:
      system_name:
        description: Name that identifies the feature.
        type: str
        required: true
      name:
        description: Name that developers see; a new feature without one gets its O(features[].system_name).
        type: str
      description:
        description: A text.
        type: str
      state:
        description: Whether the feature is there.
        type: str
        choices: [present, absent]
        default: present
  account_plans:
    description: Account plans, by name. Plans left out stay.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name that identifies the plan.
        type: str
        required: true
      system_name:
        description: >-
          Name for the API, for new plans alone, as the server never tells it; made from the name if left out.
        type: str
        version_added: 0.2.0
      state:
        description: Whether the plan is there.
        type: str
        choices: [present, absent]
        default: present
      published:
        description: Whether developers see the plan.
        type: bool
      default:
        description:
          - V(true) makes it the default plan. The API can't unset one, so V(false) changes nothing.
        type: bool
      approval_required:
        description: Whether accounts of the plan wait for approval.
        type: bool
      features:
        description: System names of the features that the plan includes. Those left out are taken off it.
        type: list
        elements: str
        version_added: 0.2.0
notes:
  - The switches of the developer portal (several applications, several products, several users) can be set in the
    admin portal only. M(rhai.maas.threescale_portal_info) tells how they stand.
seealso:
  - module: rhai.maas.threescale_portal_info
  - module: rhai.maas.threescale_tenant
author:
  - The rhai.maas maintainers (@rhai)
"""

EXAMPLES = r"""
- name: Open the portal and name the tenant
  rhai.maas.threescale_provider:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    master_url: https://master.apps.example.com
    master_token: "{{ vault_threescale_master_token }}"
    org_name: Parasol
    timezone: Madrid
    site_access_code: ""
    settings:
      signups_enabled: true
      account_approval_required: false

- name: Say what partners get
  rhai.maas.threescale_provider:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    features:
      - system_name: round-the-clock
        name: Support at any time
    account_plans:
      - name: Partners
        published: true
        features: [round-the-clock]
"""

RETURN = r"""
provider:
  description: The tenant's account.
  returned: success
  type: dict
  sample:
    id: 2
    org_name: Parasol
    base_url: https://maas.apps.example.com
    admin_base_url: https://maas-admin.apps.example.com
    domain: maas.apps.example.com
    admin_domain: maas-admin.apps.example.com
    support_email: help@example.com
    site_access_code_set: false
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

from ansible_collections.rhai.maas.plugins.module_utils.threescale.provider import OPTIONS, plan_provider
from ansible_collections.rhai.maas.plugins.module_utils.threescale.shell import run


def main() -> None:
    """Run the module."""
    run(OPTIONS, plan_provider, master=True)


if __name__ == "__main__":
    main()
