#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: threescale_field
short_description: Define fields of accounts, users and applications
version_added: 0.2.0
description:
  - Defines further fields that developers fill in at sign-up or for an application, changes and removes them.
  - Other modules take their values in an option C(fields), and refuse those that are not defined.
  - Takes many fields in one call (O(fields)), or one by the same options at the top level.
extends_documentation_fragment:
  - rhai.maas.threescale
  - rhai.maas.threescale.transport
  - rhai.maas.threescale.attributes
  - rhai.maas.threescale.actiongroup
  - rhai.maas.plan
options:
  fields:
    description: The fields to keep. Exclusive with the options for a single field.
    type: list
    elements: dict
    suboptions:
      target:
        description: What the field belongs to.
        type: str
        choices: [account, user, application]
        required: true
      name:
        description: Name of the field, by which values are given. It can't be changed.
        type: str
        required: true
      <<: &each
        label:
          description: Name of the field for people; the same as the name for new fields if left out.
          type: str
        state:
          description: Whether the field is defined. Values of a field that is removed are lost.
          type: str
          choices: [present, absent]
          default: present
        required:
          description: Whether the field must be filled in.
          type: bool
        hidden:
          description: Whether developers don't see the field.
          type: bool
        read_only:
          description: Whether developers see the field but can't change it.
          type: bool
        choices:
          description: The values to choose from; any text if left out.
          type: list
          elements: str
  target:
    description: What the field belongs to. Required for a single field.
    type: str
    choices: [account, user, application]
  name:
    description: Name of the field. Required for a single field.
    type: str
  <<: *each
seealso:
  - module: rhai.maas.threescale_account
  - module: rhai.maas.threescale_application
author:
  - The rhai.maas maintainers (@rhai)
"""

EXAMPLES = r"""
- name: Ask every team for its cost center
  rhai.maas.threescale_field:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    target: account
    name: cost_center
    label: Cost center
    required: true

- name: Keep what an application is for
  rhai.maas.threescale_field:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    fields:
      - target: application
        name: stage
        label: Stage
        choices: [trial, production]
"""

RETURN = r"""
fields:
  description: The fields as they are afterwards.
  returned: success
  type: list
  elements: dict
  sample:
    - id: 12
      target: account
      name: cost_center
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
  sample: [{"action": "create", "noun": "field definition", "key": "account cost_center"}]
calls:
  description: Requests that the run took.
  returned: always
  type: dict
  sample: {"reads": 1, "writes": 1}
"""

from ansible_collections.rhai.maas.plugins.module_utils.threescale.field_definitions import OPTIONS, plan_definitions
from ansible_collections.rhai.maas.plugins.module_utils.threescale.shell import run


def main() -> None:
    """Run the module."""
    run(OPTIONS, plan_definitions, single="fields")


if __name__ == "__main__":
    main()
