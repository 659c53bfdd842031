#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: threescale_access_token
short_description: Keep access tokens of 3scale in files
version_added: 0.2.0
description:
  - Makes access tokens of the user whom O(access_token) belongs to, replaces and removes them.
  - 3scale tells a token's value only once, so it goes into a file that nobody else may read. A token whose file is
    missing or empty is replaced by a new one, and so is one that opens something else; the older one is removed once
    the value of the new one is kept. To rotate a token, remove its file and run again.
  - A name stands for one token; others of the same name are removed. The token that the module itself uses must not
    be among them.
  - Takes many tokens in one call (O(tokens)), or one by the same options at the top level.
extends_documentation_fragment:
  - rhai.maas.threescale
  - rhai.maas.threescale.transport
  - rhai.maas.threescale.attributes
  - rhai.maas.threescale.actiongroup
  - rhai.maas.plan
options:
  tokens:
    description: The tokens to keep. Exclusive with the options for a single token.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the token.
        type: str
        required: true
      <<: &each
        scopes:
          description: What the token opens. Required unless it is removed.
          type: list
          elements: str
          choices: [account_management, cms, finance, policy_registry, stats]
        permission:
          description: Whether the token may only read (V(ro)) or write too.
          type: str
          choices: [ro, rw]
          default: ro
        expires_at:
          description: >-
            When the token ends, as an ISO time, in UTC unless it names a zone; never if left out. Needs 3scale 2.16.
          type: str
        token_path:
          description: >-
            File that keeps the value, on the host where the module runs. Required unless the token is removed.
          type: path
        state:
          description: Whether the token is there.
          type: str
          choices: [present, absent]
          default: present
  name:
    description: Name of the token. Required for a single token.
    type: str
  <<: *each
seealso:
  - module: rhai.maas.threescale_tenant
author:
  - The rhai.maas maintainers (@rhai)
"""

EXAMPLES = r"""
- name: Keep a token that may only read statistics
  rhai.maas.threescale_access_token:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    name: metering
    scopes: [stats]
    token_path: ~/metering-token

- name: Remove the token of last year's tool
  rhai.maas.threescale_access_token:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    name: old tool
    state: absent
"""

RETURN = r"""
tokens:
  description: The tokens as they are afterwards, without their values.
  returned: success
  type: list
  elements: dict
  sample:
    - id: 7
      name: metering
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
  sample: [{"action": "create", "noun": "access token", "key": "metering"}]
calls:
  description: Requests that the run took.
  returned: always
  type: dict
  sample: {"reads": 1, "writes": 1}
"""

from ansible_collections.rhai.maas.plugins.module_utils.threescale.access_tokens import (
    OPTIONS,
    TASKS,
    plan_access_tokens,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.shell import run


def main() -> None:
    """Run the module."""
    run(OPTIONS, plan_access_tokens, single="tokens", tasks=TASKS)


if __name__ == "__main__":
    main()
