#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: threescale_export
short_description: Write what a tenant holds to files, in the form that the modules take
version_added: 0.1.0
description:
  - Reads a tenant of 3scale and writes it to a folder, so that what was clicked together by hand comes into git.
  - Each part is a file that one module takes as it is, for example C(products.yml) for M(rhai.maas.threescale_product).
  - The tenant is only read. A file is written when it differs.
  - Passwords and keys are not in the files. Other values that sound like secrets are hidden, and a warning names them.
  - The files of the portal lie in the folder C(portal) by the names that 3scale's CMS tools use; C(portal.yml) lists
    them with all that a name does not tell. Files of an earlier export that the portal no longer has are removed.
extends_documentation_fragment:
  - rhai.maas.threescale
  - rhai.maas.threescale.transport
  - rhai.maas.threescale.attributes
  - rhai.maas.threescale.actiongroup
  - rhai.maas.plan
options:
  path:
    description: Folder for the files, on the host that runs the module; it is made if it is missing.
    type: path
    required: true
  parts:
    description:
      - What is written. Accounts and applications hold names and mail addresses of people.
      - V(provider) are settings and account plans; the plans of products are with the products.
      - V(policies) are those of the registry, which the access token needs the scope C(policy_registry) for.
    type: list
    elements: str
    choices: &parts
      - backends
      - products
      - provider
      - accounts
      - service_subscriptions
      - applications
      - active_docs
      - policies
      - sso_integrations
      - portal
    default: *parts
  portal_url:
    description: Address at which this host reaches the developer portal; the own address of the tenant if left out.
    type: str
notes:
  - The secrets of SSO integrations and the code of custom policies are not exported.
  - A template of the portal that was never published is exported as it waits, and published by an import.
seealso:
  - module: rhai.maas.threescale_backend
  - module: rhai.maas.threescale_product
  - module: rhai.maas.threescale_product_info
  - module: rhai.maas.threescale_portal
author:
  - The rhai.maas maintainers (@rhai)
"""

EXAMPLES = r"""
- name: Bring a tenant into git
  rhai.maas.threescale_export:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    path: exported
    parts: [backends, products, portal]
"""

RETURN = r"""
path:
  description: The folder.
  returned: success
  type: str
  sample: exported
files:
  description: Names of all files of the export below the folder, also of those that did not change.
  returned: success
  type: list
  elements: str
  sample: [backends.yml, products.yml, portal.yml, portal/index.html.liquid]
changes:
  description: What was written or removed, or would be in check mode.
  returned: always
  type: list
  elements: dict
  contains:
    action:
      description: C(create), C(update) or C(delete).
      type: str
    noun:
      description: C(file).
      type: str
    key:
      description: Name of the file below the folder.
      type: str
  sample: [{"action": "update", "noun": "file", "key": "products.yml"}]
calls:
  description: Requests that the run took.
  returned: always
  type: dict
  sample: {"reads": 41, "writes": 0}
"""

from ansible_collections.rhai.maas.plugins.module_utils.engine.folder import TASKS
from ansible_collections.rhai.maas.plugins.module_utils.threescale.export import OPTIONS, plan_export
from ansible_collections.rhai.maas.plugins.module_utils.threescale.shell import run


def main() -> None:
    """Run the module."""
    run(OPTIONS, plan_export, tasks=TASKS)


if __name__ == "__main__":
    main()
