# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keycloak_export
short_description: Write what a realm holds to files, in the form that the modules take
version_added: 0.2.0
author: The rhai.maas maintainers (@rhai)
description:
  - Reads a realm of Keycloak and writes it to a folder, so that what was clicked together by hand comes into git.
  - Each part is a file that one module takes as it is, for example C(clients.yml) for M(rhai.maas.keycloak_client).
  - The realm is only read. A file is written when it differs.
  - Secrets are not in the files. Other values that sound like secrets are hidden, and a warning names them; the modules
    refuse what stands in their place.
options:
  realm:
    description: Name of the realm.
    type: str
    required: true
  path:
    description: Folder for the files, on the host that runs the module; it is made if it is missing.
    type: path
    required: true
  parts:
    description: What is written.
    type: list
    elements: str
    choices: &parts
      - realm
      - client_scopes
      - clients
      - roles
      - groups
      - identity_providers
    default: *parts
notes:
  - The clients that each realm has from the beginning, such as C(account), are left out, and so are users.
  - Where the files are taken to another realm, roles of service accounts need the roles first.
extends_documentation_fragment:
  - rhai.maas.keycloak
  - rhai.maas.keycloak.attributes
  - rhai.maas.plan
seealso:
  - module: rhai.maas.keycloak_realm
  - module: rhai.maas.keycloak_client
  - module: rhai.maas.keycloak_role
  - module: rhai.maas.keycloak_group
  - module: rhai.maas.keycloak_client_scope
  - module: rhai.maas.keycloak_identity_provider
"""

EXAMPLES = r"""
- name: Bring a realm into git
  rhai.maas.keycloak_export:
    auth_keycloak_url: https://sso.example.com
    auth_username: admin
    auth_password: "{{ vault_keycloak_password }}"
    realm: maas
    path: exported/keycloak
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
  sample: [clients.yml, realm.yml]
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
  sample: [{"action": "update", "noun": "file", "key": "clients.yml"}]
calls:
  description: Requests at the server, without those for the token.
  returned: always
  type: dict
  sample: {"reads": 17, "writes": 0}
"""

from ansible_collections.rhai.maas.plugins.module_utils.engine.folder import TASKS
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.export import OPTIONS, plan_export
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.shell import run


def main() -> None:
    """Entry point."""
    run(OPTIONS, plan_export, tasks=TASKS)


if __name__ == "__main__":
    main()
