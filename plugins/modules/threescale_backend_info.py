#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: threescale_backend_info
short_description: Read backends of 3scale
version_added: 0.2.0
description:
  - Reads backends with their metrics, methods and mapping rules in the form that M(rhai.maas.threescale_backend)
    takes.
extends_documentation_fragment:
  - rhai.maas.threescale
  - rhai.maas.threescale.transport
  - rhai.maas.threescale.attributes_info
  - rhai.maas.threescale.actiongroup
options:
  backends:
    description: System names of the backends; all if left out.
    type: list
    elements: str
seealso:
  - module: rhai.maas.threescale_backend
author:
  - The rhai.maas maintainers (@rhai)
"""

EXAMPLES = r"""
- name: Read all backends
  rhai.maas.threescale_backend_info:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
  register: found
"""

RETURN = r"""
backends:
  description: The backends, by name.
  returned: success
  type: list
  elements: dict
  sample:
    - id: 7
      system_name: granite-8b-code-instruct
      name: Granite 8B Code Instruct
      private_endpoint: http://granite.llm.svc.cluster.local:8080
      metrics: []
      methods: []
      mapping_rules: []
calls:
  description: Requests that the run took.
  returned: always
  type: dict
  sample: {"reads": 2, "writes": 0}
"""

from ansible_collections.rhai.maas.plugins.module_utils.threescale.info_objects import BACKEND_OPTIONS, read_backends
from ansible_collections.rhai.maas.plugins.module_utils.threescale.shell import run_info


def main() -> None:
    """Run the module."""
    run_info(BACKEND_OPTIONS, read_backends)


if __name__ == "__main__":
    main()
