# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the documentation of all Keycloak modules shares."""

from __future__ import annotations


class ModuleDocFragment:
    """Connection options, and what the modules promise."""

    DOCUMENTATION = r"""
options:
  auth_keycloak_url:
    description:
      - Address of the server. Up to RH-SSO 7.6 it ends with C(/auth); the Red Hat build of Keycloak has no such path.
      - Falls back to E(KEYCLOAK_URL).
    type: str
    required: true
  auth_realm:
    description: Realm of the user or client that signs in.
    type: str
    default: master
  auth_client_id:
    description: Client that signs in.
    type: str
    default: admin-cli
  auth_client_secret:
    description:
      - Secret of O(auth_client_id), for a client that signs in by itself.
      - Falls back to E(KEYCLOAK_CLIENT_SECRET).
    type: str
  auth_username:
    description:
      - User that signs in; needs O(auth_password). Falls back to E(KEYCLOAK_USERNAME).
    type: str
  auth_password:
    description:
      - Password of O(auth_username). Falls back to E(KEYCLOAK_PASSWORD).
    type: str
  token:
    description:
      - Access token, in place of signing in. Falls back to E(KEYCLOAK_TOKEN).
    type: str
  validate_certs:
    description: Whether the server's certificate is checked.
    type: bool
    default: true
  ca_path:
    description: File or folder of CA certificates to trust, for a server behind a private CA.
    type: path
  connection_timeout:
    description: Seconds after which a request is given up.
    type: int
    default: 30
  retries:
    description: How often a request is repeated when the server is too busy or can't be reached.
    type: int
    default: 5
requirements:
  - python-keycloak
notes:
  - An option that is not given leaves what it stands for as it is; an empty text, list or map empties it.
"""

    ATTRIBUTES = r"""
attributes:
  check_mode:
    description: Makes the same reads and the same plan, and writes nothing. A realm that isn't there counts as planned.
    support: full
  diff_mode:
    description: Shows exactly what differs, without secrets.
    support: full
  idempotent:
    description: A second run changes nothing and sends no write.
    support: full
  action_group:
    description: Connection options can be set once with C(module_defaults) for C(group/rhai.maas.keycloak).
    support: full
    membership: [rhai.maas.keycloak]
"""

    ATTRIBUTES_INFO = r"""
attributes:
  check_mode:
    description: Only reads.
    support: full
  diff_mode:
    description: Changes nothing.
    support: N/A
  idempotent:
    description: Changes nothing.
    support: full
  action_group:
    description: Connection options can be set once with C(module_defaults) for C(group/rhai.maas.keycloak).
    support: full
    membership: [rhai.maas.keycloak]
"""
