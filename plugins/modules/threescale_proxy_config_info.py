#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: threescale_proxy_config_info
short_description: Read the configurations of the gateway
version_added: 0.1.0
description:
  - Reads the latest configuration of each product in staging and production.
extends_documentation_fragment:
  - rhai.maas.threescale
  - rhai.maas.threescale.transport
  - rhai.maas.threescale.attributes_info
  - rhai.maas.threescale.actiongroup
options:
  products:
    description: System names of the products; all if left out.
    type: list
    elements: str
  environments:
    description: The environments to read; V(sandbox) is staging.
    type: list
    elements: str
    choices: [sandbox, production]
    default: [sandbox, production]
  content:
    description: Whether the whole configuration is returned. The service token and other secrets are cut out.
    type: bool
    default: false
author:
  - The rhai.maas maintainers (@rhai)
"""

EXAMPLES = r"""
- name: See which version is in production
  rhai.maas.threescale_proxy_config_info:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    environments: [production]
  register: configurations
"""

RETURN = r"""
proxy_configs:
  description: One entry for each product and environment; without a version where nothing was deployed.
  returned: success
  type: list
  elements: dict
  sample:
    - product: granite-8b-code-instruct
      environment: production
      version: 3
      endpoint: https://granite-8b-code-instruct-maas-apicast-production.apps.example.com:443
      hosts: [granite-8b-code-instruct-maas-apicast-production.apps.example.com]
      policies: [cors, apicast]
calls:
  description: Requests that the run took.
  returned: always
  type: dict
  sample: {"reads": 3, "writes": 0}
"""

from ansible_collections.rhai.maas.plugins.module_utils.threescale.info import CONFIG_OPTIONS, read_configs
from ansible_collections.rhai.maas.plugins.module_utils.threescale.shell import run_info


def main() -> None:
    """Run the module."""
    run_info(CONFIG_OPTIONS, read_configs)


if __name__ == "__main__":
    main()
