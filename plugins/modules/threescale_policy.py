#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: threescale_policy
short_description: Keep custom policies in the registry of 3scale
version_added: 0.1.0
description:
  - Makes, changes and removes custom policies in the registry, from which the admin portal takes their names and
    forms.
  - The code of a policy reaches the gateway by the APIManager resource, not by this API.
  - The access token needs the scope C(policy_registry).
extends_documentation_fragment:
  - rhai.maas.threescale
  - rhai.maas.threescale.transport
  - rhai.maas.threescale.attributes
  - rhai.maas.threescale.actiongroup
  - rhai.maas.plan
options:
  policies:
    description: The policies to keep, by name and version.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the policy.
        type: str
        required: true
      version:
        description: Version of the policy.
        type: str
        required: true
      state:
        description:
          - Whether the policy is in the registry. A policy in the chain of a product can't be changed or removed.
        type: str
        choices: [present, absent]
        default: present
      schema:
        description: >-
          The policy's manifest with C(name), C(version), C(summary) and C(configuration). Required for a new
          policy.
        type: dict
author:
  - The rhai.maas maintainers (@rhai)
"""

EXAMPLES = r"""
- name: Register the policy that removes the word Bearer
  rhai.maas.threescale_policy:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    policies:
      - name: remove-bearer
        version: "0.1"
        schema:
          $schema: http://apicast.io/policy-v1/schema#manifest#
          name: remove-bearer
          version: "0.1"
          summary: Removes the word Bearer from the Authorization header.
          configuration:
            type: object
            properties: {}

- name: Take a policy out of the registry
  rhai.maas.threescale_policy:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    policies:
      - name: old-policy
        version: "1.0"
        state: absent
"""

RETURN = r"""
policies:
  description: The policies as they are afterwards.
  returned: success
  type: list
  elements: dict
  sample:
    - id: 1
      name: remove-bearer
      version: "0.1"
      state: present
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
plan:
  description: The operations of the run as data, for O(saved_plan), reports and other programs. Holds no secrets.
  returned: success
  type: list
  elements: dict
  contains:
    action:
      description: As in C(changes).
      type: str
    noun:
      description: As in C(changes).
      type: str
    key:
      description: As in C(changes).
      type: str
    before:
      description: What differs, as it was; none for what was not there.
      type: dict
    after:
      description: What differs, as it will be; none for what goes.
      type: dict
    after_steps:
      description: Places in this list, from 0, of the operations that this one waits for.
      type: list
      elements: int
  sample: []
calls:
  description: Requests that the run took.
  returned: always
  type: dict
  sample: {"reads": 7, "writes": 0}
"""

from ansible_collections.rhai.maas.plugins.module_utils.threescale.policies import OPTIONS, plan_policies
from ansible_collections.rhai.maas.plugins.module_utils.threescale.shell import run


def main() -> None:
    """Run the module."""
    run(OPTIONS, plan_policies)


if __name__ == "__main__":
    main()
