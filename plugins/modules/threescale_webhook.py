#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: threescale_webhook
short_description: Keep the webhook of a tenant
version_added: 0.2.0
description:
  - Says where 3scale sends events of a tenant, and which. A tenant has one webhook.
  - 3scale has no way to read it but an empty change, which makes nothing active; it is sent in check mode too.
extends_documentation_fragment:
  - rhai.maas.threescale
  - rhai.maas.threescale.transport
  - rhai.maas.threescale.attributes
  - rhai.maas.threescale.actiongroup
  - rhai.maas.plan
options:
  url:
    description:
      - Address that events are sent to. A user and a password in it, by which 3scale signs in there, are compared and
        never shown.
    type: str
  active:
    description: Whether events are sent.
    type: bool
  provider_actions:
    description: Whether also what the tenant's own users do is an event; without, only what developers do.
    type: bool
  events:
    description: The events that are sent; all others are switched off. The same as on the server if left out.
    type: list
    elements: str
    choices:
      - account_created
      - account_updated
      - account_deleted
      - account_plan_changed
      - user_created
      - user_updated
      - user_deleted
      - application_created
      - application_updated
      - application_suspended
      - application_deleted
      - application_plan_changed
      - application_user_key_updated
      - application_key_created
      - application_key_deleted
      - application_key_updated
author:
  - The rhai.maas maintainers (@rhai)
"""

EXAMPLES = r"""
- name: Tell the automation of new accounts and applications
  rhai.maas.threescale_webhook:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    url: https://events.apps.example.com/3scale
    active: true
    events: [account_created, application_created]
"""

RETURN = r"""
webhook:
  description: The webhook as it is afterwards.
  returned: success
  type: dict
  sample:
    url: https://events.apps.example.com/3scale
    active: true
    provider_actions: false
    events: [account_created, application_created]
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
  sample: [{"action": "update", "noun": "webhook", "key": "tenant"}]
calls:
  description: Requests that the run took.
  returned: always
  type: dict
  sample: {"reads": 1, "writes": 1}
"""

from ansible_collections.rhai.maas.plugins.module_utils.threescale.shell import run
from ansible_collections.rhai.maas.plugins.module_utils.threescale.webhooks import OPTIONS, plan_webhook


def main() -> None:
    """Run the module."""
    run(OPTIONS, plan_webhook)


if __name__ == "__main__":
    main()
