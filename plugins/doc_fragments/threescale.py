# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation shared by the threescale modules."""

from __future__ import annotations


class ModuleDocFragment:
    """Options for the connection, and attributes that all threescale modules have."""

    DOCUMENTATION = r"""
options:
  threescale_url:
    description:
      - Address of the tenant's admin portal, such as V(https://TENANT-admin.DOMAIN).
      - If not set, the environment variable E(THREESCALE_URL) is used.
    type: str
    required: true
  access_token:
    description:
      - A personal access token of the tenant with the scopes that the module needs, and with write permission for
        everything but the C(_info) modules and check mode.
      - It is sent in a header, never in an address.
      - If not set, the environment variable E(THREESCALE_ACCESS_TOKEN) is used.
    type: str
    required: true
"""

    TRANSPORT = r"""
options:
  validate_certs:
    description: Whether the server's TLS certificate is checked. Leave it on outside of trials.
    type: bool
    default: true
  ca_path:
    description: File with the certificates of the authorities to trust, for servers behind a private one.
    type: path
  timeout:
    description: Seconds to wait for an answer to one request.
    type: float
    default: 30
  retries:
    description:
      - How often a request is repeated when the server is too busy (429, 502, 503, 504) or the connection breaks.
      - What may have been carried out is never repeated blindly, it is looked up first.
    type: int
    default: 5
  concurrency:
    description:
      - Requests sent side by side. Writes never exceed four, a server gains nothing from more. Reads take twice this
        number, at most eight.
    type: int
    default: 4
requirements:
  - requests (Python)
"""

    MASTER = r"""
options:
  master_url:
    description:
      - Address of the master portal, such as V(https://master.DOMAIN).
      - If not set, the environment variable E(THREESCALE_MASTER_URL) is used.
    type: str
  master_token:
    description:
      - An access token of a user of the master account, with the scope C(account_management).
      - If not set, the environment variable E(THREESCALE_MASTER_TOKEN) is used.
    type: str
"""

    ATTRIBUTES = r"""
attributes:
  check_mode:
    description: Can run in C(check_mode) and says what it would change, without writing.
    support: full
  diff_mode:
    description: Returns what changes, before and after, without secrets.
    support: full
  idempotent:
    description: When run twice in a row outside check mode, the second time changes nothing.
    support: full
"""

    ATTRIBUTES_INFO = r"""
attributes:
  check_mode:
    description: Reads only, in C(check_mode) too.
    support: full
  diff_mode:
    description: Returns what changes, before and after, without secrets.
    support: N/A
    details:
      - This module changes nothing.
  idempotent:
    description: When run twice in a row outside check mode, the second time changes nothing.
    support: full
"""

    ACTIONGROUP = r"""
attributes:
  action_group:
    description: Use C(group/rhai.maas.threescale) in C(module_defaults) to set the connection once.
    support: full
    membership:
      - rhai.maas.threescale
"""
