#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: threescale_portal_info
short_description: Read what the developer portal holds
version_added: 0.1.0
description:
  - Reads sections, templates and files of the developer portal, and whether drafts wait.
  - Tells the switches of the portal, which no API shows, through a page of the portal that prints them.
extends_documentation_fragment:
  - rhai.maas.threescale
  - rhai.maas.threescale.transport
  - rhai.maas.threescale.attributes_info
  - rhai.maas.threescale.actiongroup
options:
  content:
    description: Whether the texts of the templates are returned.
    type: bool
    default: false
  switches_page:
    description:
      - Path of a published page that prints the switches as JSON, with C(multiple_applications),
        C(multiple_services) and C(multiple_users).
      - Its Liquid asks C(provider.multiple_applications_allowed?) and the like.
    type: str
  portal_url:
    description: Address at which this host reaches the developer portal; the own address of the tenant if left out.
    type: str
seealso:
  - module: rhai.maas.threescale_portal
author:
  - The rhai.maas maintainers (@rhai)
"""

EXAMPLES = r"""
- name: See whether developers may have several applications
  rhai.maas.threescale_portal_info:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    switches_page: /maas/switches.json
  register: portal
"""

RETURN = r"""
portal:
  description: The portal.
  returned: success
  type: dict
  contains:
    base_url:
      description: Address of the portal.
      type: str
    access_code_set:
      description: Whether visitors must enter a code.
      type: bool
    items:
      description: Sections, templates and files.
      type: list
      elements: dict
    switches:
      description: The switches, or nothing where no page tells them.
      type: dict
  sample:
    base_url: https://maas.apps.example.com
    access_code_set: false
    switches: {"multiple_applications": true, "multiple_services": true, "multiple_users": true}
    items:
      - type: page
        path: /models
        title: Models
        draft_waits: false
calls:
  description: Requests that the run took.
  returned: always
  type: dict
  sample: {"reads": 3, "writes": 0}
"""

from ansible_collections.rhai.maas.plugins.module_utils.threescale.info import PORTAL_OPTIONS, read_portal_info
from ansible_collections.rhai.maas.plugins.module_utils.threescale.shell import run_info


def main() -> None:
    """Run the module."""
    run_info(PORTAL_OPTIONS, read_portal_info)


if __name__ == "__main__":
    main()
