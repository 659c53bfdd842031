#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: threescale_active_doc_info
short_description: Read the documents of a developer portal
version_added: 0.2.0
description:
  - Reads the OpenAPI documents of a tenant in the form that M(rhai.maas.threescale_active_doc) takes.
extends_documentation_fragment:
  - rhai.maas.threescale
  - rhai.maas.threescale.transport
  - rhai.maas.threescale.attributes_info
  - rhai.maas.threescale.actiongroup
options:
  active_docs:
    description: System names of the documents; all if left out.
    type: list
    elements: str
  content:
    description: Whether the documents themselves are returned too.
    type: bool
    default: false
seealso:
  - module: rhai.maas.threescale_active_doc
author:
  - The rhai.maas maintainers (@rhai)
"""

EXAMPLES = r"""
- name: Read which documents are published
  rhai.maas.threescale_active_doc_info:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
  register: found
"""

RETURN = r"""
active_docs:
  description: The documents, by name.
  returned: success
  type: list
  elements: dict
  sample:
    - id: 4
      system_name: granite-8b-code-instruct
      name: Granite 8B Code Instruct
      product: granite-8b-code-instruct
      published: true
      openapi: 3.0.3
calls:
  description: Requests that the run took.
  returned: always
  type: dict
  sample: {"reads": 2, "writes": 0}
"""

from ansible_collections.rhai.maas.plugins.module_utils.threescale.info_objects import DOC_OPTIONS, read_docs
from ansible_collections.rhai.maas.plugins.module_utils.threescale.shell import run_info


def main() -> None:
    """Run the module."""
    run_info(DOC_OPTIONS, read_docs)


if __name__ == "__main__":
    main()
