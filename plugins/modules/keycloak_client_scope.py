#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keycloak_client_scope
short_description: Keep client scopes of a Keycloak realm
version_added: 0.2.0
author: The rhai.maas maintainers (@rhai)
description:
  - Makes client scopes, keeps their settings and mappers, and says whether new clients of the realm get them; or
    removes them.
  - Takes many scopes in one call (O(client_scopes)), or one by the same options at the top level.
options:
  realm:
    description: Realm of the client scopes.
    type: str
    required: true
  client_scopes:
    description: The client scopes to keep. Exclusive with the options of a single one.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the client scope.
        type: str
        required: true
      <<: &each
        state:
          description: Whether it shall be there.
          type: str
          choices: [present, absent]
          default: present
        description:
          description: What the scope is for.
          type: str
        protocol:
          description: Protocol of the clients that it is for.
          type: str
          choices: [openid-connect, saml]
          default: openid-connect
        attributes:
          description: >-
            Attributes by Keycloak's own names, such as C(include.in.token.scope). Those not named here stay; an empty
            text removes one.
          type: dict
        for_new_clients:
          description: >-
            Whether clients that are created from now on have the scope, always (V(default)) or on request
            (V(optional)). Existing clients keep what they have.
          type: str
          choices: [default, optional, "no"]
        protocol_mappers:
          description: Mappers of the scope, by name. Others stay unless O(prune_protocol_mappers).
          type: list
          elements: dict
          suboptions:
            name:
              description: Name of the mapper.
              type: str
              required: true
            protocol:
              description: Protocol of the mapper.
              type: str
              choices: [openid-connect, saml]
              default: openid-connect
            protocol_mapper:
              description: Kind of the mapper by Keycloak's own name, such as V(oidc-usermodel-attribute-mapper).
              type: str
              required: true
            config:
              description: Settings by Keycloak's own names, such as V(claim.name). Those not named here stay.
              type: dict
        prune_protocol_mappers:
          description: Whether mappers that O(protocol_mappers) doesn't name are removed.
          type: bool
          default: false
  name:
    description: Name of the client scope.
    type: str
  <<: *each
extends_documentation_fragment:
  - rhai.maas.keycloak
  - rhai.maas.keycloak.attributes
  - rhai.maas.plan
seealso:
  - module: rhai.maas.keycloak_client
"""

EXAMPLES = r"""
- name: Ensure a scope that brings the department into tokens
  rhai.maas.keycloak_client_scope:
    auth_keycloak_url: https://sso.example.com
    auth_username: admin
    auth_password: "{{ vault_keycloak_password }}"
    realm: maas
    name: department
    for_new_clients: optional
    attributes:
      include.in.token.scope: true
    protocol_mappers:
      - name: department
        protocol_mapper: oidc-usermodel-attribute-mapper
        config:
          user.attribute: department
          claim.name: department
          jsonType.label: String
          access.token.claim: true

- name: Ensure a scope is gone
  rhai.maas.keycloak_client_scope:
    auth_keycloak_url: https://sso.example.com
    auth_username: admin
    auth_password: "{{ vault_keycloak_password }}"
    realm: maas
    name: department
    state: absent
"""

RETURN = r"""
client_scope:
  description: The client scope as it is after the run, or would be; empty when it is absent. Not returned for a list.
  returned: success, with the options of a single one
  type: dict
  sample: {"id": "0b4c", "name": "department", "protocol": "openid-connect"}
client_scopes:
  description: The client scopes as they are after the run, or would be.
  returned: success
  type: list
  elements: dict
  sample: [{"id": "0b4c", "name": "department", "protocol": "openid-connect"}]
changes:
  description: What changed or would change, in order.
  returned: always
  type: list
  elements: dict
  sample: [{"action": "create", "noun": "client scope", "key": "maas / department"}]
calls:
  description: Requests at the server, without those for the token.
  returned: always
  type: dict
  sample: {"reads": 2, "writes": 1}
"""

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.many import run_each
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.scope import SCOPE, plan_scope


def main() -> None:
    """Entry point."""
    run_each(SCOPE, "client_scope", "client_scopes", plan_scope, {"realm": Field(required=True)})


if __name__ == "__main__":
    main()
