# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: planned
short_description: Show in check mode what is wanted of a server that does not run yet
version_added: 0.1.0
author: The rhai.maas maintainers (@rhai)
description:
  - A first check run meets servers that the same run would make. What is wanted of them can't be compared with
    anything, so it is shown as created, from the plan.
  - Refuses to run outside check mode, so that it can't stand in for the module that does the work.
options:
  noun:
    description: What the objects are, for the headline of each.
    type: str
    required: true
  objects:
    description: The objects, in the form that the module takes.
    type: list
    elements: dict
    required: true
  system:
    description: The system that does not run yet, as kept plans call it.
    type: str
    choices: [Keycloak, 3scale, portal]
  key:
    description: Which of an object's values names it.
    type: str
    default: name
attributes:
  check_mode:
    description: Runs in check mode only.
    support: full
  diff_mode:
    description: Shows every object; what is named like a secret is masked.
    support: full
"""

EXAMPLES = r"""
- name: Products | Show what would be made
  rhai.maas.planned:
    noun: product
    key: system_name
    objects: "{{ threescale_products }}"
  when: ansible_check_mode and not threescale_answers
"""

RETURN = r"""
planned:
  description: Headlines of the objects.
  returned: success
  type: list
  elements: str
  sample: ["product granite-8b-code-instruct"]
"""
