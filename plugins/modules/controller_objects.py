# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: controller_objects
short_description: Keep a list of objects of the automation platform, in check mode also on an empty one
version_added: 0.1.0
author: The rhai.maas maintainers (@rhai)
description:
  - Hands each object to the module of C(awx.awx) or C(ansible.controller) that keeps it, one after the other. The
    comparison and the change are that module's.
  - In check mode, what refers to an object that the same run would make is shown as well, though it can't be found yet.
  - The configuration of a notification is sent when the notification is made, and later only with O(update_secrets),
    since the platform never tells the secrets in it.
options:
  objects:
    description: The objects, each after those that it refers to.
    type: list
    elements: dict
    required: true
    suboptions:
      module:
        description: Name of the module, without its collection.
        type: str
        required: true
      values:
        description: Options of that module.
        type: dict
        required: true
  collection:
    description: Where the modules come from.
    type: str
    default: awx.awx
    choices: [awx.awx, ansible.controller]
  connection:
    description:
      - Options by which those modules reach the platform, such as C(controller_host) and C(controller_oauthtoken).
      - What is missing, they take from the environment, such as E(CONTROLLER_HOST) and E(CONTROLLER_OAUTH_TOKEN).
    type: dict
    default: {}
  update_secrets:
    description: Send the configuration of notifications that exist, too. They are then reported as changed each time.
    type: bool
    default: false
attributes:
  check_mode:
    description: Writes nothing.
    support: full
  diff_mode:
    description: Shows what is wanted of each object that is made or differs, without secrets; not what it was before.
    support: partial
requirements:
  - the collection that O(collection) names
"""

EXAMPLES = r"""
- name: Ensure an organization and a team
  rhai.maas.controller_objects:
    objects:
      - module: organization
        values: {name: MaaS}
      - module: team
        values: {name: Operators, organization: MaaS}
"""

RETURN = r"""
objects:
  description: Titles of the objects that were made or changed.
  returned: always
  type: list
  elements: str
  sample: ["organization MaaS", "team Operators"]
"""
