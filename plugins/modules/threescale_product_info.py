#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: threescale_product_info
short_description: Read products of 3scale, or export them in the form that the module takes
version_added: 0.1.0
description:
  - Reads products, short or with everything below them in the form that M(rhai.maas.threescale_product) takes.
  - Secrets such as the secret token of the gateway are left out of an export.
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
  export:
    description: Whether everything below the products is read.
    type: bool
    default: false
seealso:
  - module: rhai.maas.threescale_product
author:
  - The rhai.maas maintainers (@rhai)
"""

EXAMPLES = r"""
- name: Export all products
  rhai.maas.threescale_product_info:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    export: true
  register: exported
"""

RETURN = r"""
products:
  description: The products.
  returned: success
  type: list
  elements: dict
  sample:
    - system_name: granite-8b-code-instruct
      name: Granite 8B Code Instruct
      mapping_rules:
        - http_method: POST
          pattern: /v1/chat/completions
          metric: chat_completions
          delta: 1
          last: false
calls:
  description: Requests that the run took.
  returned: always
  type: dict
  sample: {"reads": 3, "writes": 0}
"""

from ansible_collections.rhai.maas.plugins.module_utils.threescale.info_export import PRODUCT_OPTIONS, read_products
from ansible_collections.rhai.maas.plugins.module_utils.threescale.shell import run_info


def main() -> None:
    """Run the module."""
    run_info(PRODUCT_OPTIONS, read_products)


if __name__ == "__main__":
    main()
