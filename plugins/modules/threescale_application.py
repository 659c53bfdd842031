#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: threescale_application
short_description: Issue, rotate, suspend and revoke the keys of applications
version_added: 0.1.0
description:
  - Makes, changes, suspends, resumes and removes applications of developer accounts.
  - Takes many applications in one call (O(applications)), or one by the same options at the top level.
  - To rotate a key with overlap, raise O(applications[].generation) with O(applications[].older=keep), hand out
    the new key, then run again with O(applications[].older=suspend) and at last V(absent).
extends_documentation_fragment:
  - rhai.maas.threescale
  - rhai.maas.threescale.transport
  - rhai.maas.threescale.attributes
  - rhai.maas.threescale.actiongroup
  - rhai.maas.plan
options:
  applications:
    description: The applications to keep. Exclusive with the options for a single application.
    type: list
    elements: dict
    suboptions:
      account:
        description: User name of the account's developer.
        type: str
        required: true
      product:
        description: System name of the product.
        type: str
        required: true
      name:
        description: Name of the application.
        type: str
        required: true
      <<: &each
        id:
          description: Number of the application that is meant, where several of the account share product and name.
          type: int
          version_added: 0.2.0
        plan:
          description:
            - System name of the application plan. Required for a new application.
            - An application with a customized copy of this plan keeps its copy.
          type: str
        custom_plan:
          description:
            - Whether the application has a customized copy of its plan, whose limits and prices are its own. V(false)
              gives a copy up; without this option the application keeps what it has.
            - An application with a copy of another plan than O(applications[].plan) is refused unless this is V(false).
          type: bool
        state:
          description:
            - V(live) accepts a pending and resumes a suspended application, V(suspended) makes its keys invalid
              until it is resumed, V(absent) revokes them for good, V(present) leaves the state alone.
            - A new application of a plan that needs approval is pending with V(present); with V(live) it is accepted
              at once. A pending application is accepted before it is suspended, as 3scale can't do it otherwise.
          type: str
          choices: [present, live, suspended, absent]
          default: live
        description:
          description: What the application is for.
          type: str
        user_key:
          description: >-
            The key of an application of a product with user keys; the server makes one if left out. A change takes
            the old key away at once. Refused for other products, where the server would hide it.
          type: str
        application_id:
          description: Application id, at creation only, where the product has one (all but those with user keys).
          type: str
        keys:
          description: >-
            Keys of an application of a product with application ids, at most five. Missing ones are added, so that old
            and new keys work side by side. With OpenID Connect there is one key, the client's secret; to rotate it, set
            O(applications[].prune_keys=true) too.
          type: list
          elements: str
        prune_keys:
          description:
            - Whether keys that are not listed in O(applications[].keys) are removed, after the new ones were added.
              Where five keys are there already, one is removed for each that is added.
          type: bool
          default: false
        redirect_url:
          description: Redirect address of an OpenID Connect application; refused for others.
          type: str
        referrer_filters:
          description:
            - The domains that the application's keys may be used from, at most five, such as V(*.example.com). Filters
              that are not listed are removed. They count where the product requires them.
          type: list
          elements: str
        fields:
          description:
            - Values of further fields that the tenant has defined for applications. Others are refused, because 3scale
              drops them without a word.
          type: dict
        generation:
          description:
            - For rotation with overlap. The application is called C(NAME (GENERATION)); another generation is
              another application with a key of its own. Put a number or a date into it, such as V(2026-11).
          type: str
        older:
          description:
            - What becomes of older generations, and of the application without one, when this one is there.
            - An application counts as older if its name differs from this one's in nothing but the numbers of the
              generation, and these are lower. C(bot (EU production)) is never touched by a generation of C(bot).
          type: str
          choices: [keep, suspend, absent]
          default: keep
  show_keys:
    description: Whether the keys are returned. Set C(no_log) on the task then, or they are printed.
    type: bool
    default: false
  account:
    description:
      - User name of the account's developer.
      - Required for a single application.
    type: str
  product:
    description: System name of the product. Required for a single application.
    type: str
  name:
    description: Name of the application. Required for a single application.
    type: str
  <<: *each
seealso:
  - module: rhai.maas.threescale_account
  - module: rhai.maas.threescale_application_info
author:
  - The rhai.maas maintainers (@rhai)
"""

EXAMPLES = r"""
- name: Issue a key
  rhai.maas.threescale_application:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    account: team-a
    product: granite-8b-code-instruct
    plan: standard
    name: chatbot
    show_keys: true
  register: chatbot
  no_log: true

- name: Issue the next generation of the key while the older one still works
  rhai.maas.threescale_application:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    account: team-a
    product: granite-8b-code-instruct
    plan: standard
    name: chatbot
    generation: 2026-11
    older: keep

- name: Revoke the older ones
  rhai.maas.threescale_application:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    account: team-a
    product: granite-8b-code-instruct
    plan: standard
    name: chatbot
    generation: 2026-11
    older: absent

- name: Revoke a key for good
  rhai.maas.threescale_application:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    account: team-a
    product: granite-8b-code-instruct
    name: experiment
    state: absent
"""

RETURN = r"""
applications:
  description: The applications as they are afterwards; with keys only if O(show_keys=true).
  returned: success
  type: list
  elements: dict
  sample:
    - id: 30
      account: team-a
      product: granite-8b-code-instruct
      name: chatbot
      state: live
      plan_name: Standard Plan
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

from ansible_collections.rhai.maas.plugins.module_utils.threescale.applications import OPTIONS, plan_applications
from ansible_collections.rhai.maas.plugins.module_utils.threescale.shell import run


def main() -> None:
    """Run the module."""
    run(OPTIONS, plan_applications, single="applications")


if __name__ == "__main__":
    main()
