# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keycloak_client
short_description: Keep a client of a Keycloak realm, with its protocol mappers and client scopes
version_added: 0.1.0
author: The rhai.maas maintainers (@rhai)
description:
  - Makes a client, keeps its settings, mappers and scopes, or removes it.
  - Takes many clients in one call (O(clients)), or one by the same options at the top level.
options:
  realm:
    description: Realm of the client.
    type: str
    required: true
  clients:
    description: The clients to keep. Exclusive with the options of a single one.
    type: list
    elements: dict
    suboptions:
      client_id:
        description: Identifier of the client, as applications send it.
        type: str
        required: true
      <<: &each
        state:
          description: Whether the client shall be there.
          type: str
          choices: [present, absent]
          default: present
        name:
          description: Name that people see.
          type: str
        description:
          description: What the client is for.
          type: str
        enabled:
          description: Whether the client can be used.
          type: bool
        protocol:
          description: Protocol of the client; Keycloak takes V(openid-connect) for a new one.
          type: str
          choices: [openid-connect, saml]
        public_client:
          description: Whether the client has no secret.
          type: bool
        bearer_only:
          description: Whether the client only accepts tokens.
          type: bool
        client_authenticator_type:
          description: How the client proves itself, V(client-secret) as a rule.
          type: str
        secret:
          description:
            - Secret of the client. It is compared with the present one and never shown.
            - A confidential client without it gets a secret of Keycloak's making, see O(return_secret).
          type: str
        secret_not_before:
          description:
            - A secret that was made before this moment is replaced by a new one, which only O(return_secret) tells.
            - A date such as V(2026-12-01) or a moment such as V(2026-12-01T08:00:00Z), in UTC, and not ahead.
            - A secret whose age Keycloak does not know counts as older. Exclusive with O(secret), needs O(old_secret).
          type: str
          version_added: 0.2.0
        old_secret:
          description:
            - What becomes of the old secret when this module changes O(secret), or makes one by O(secret_not_before).
            - V(keep) lets it work for as long as the realm's client policy says (C(rotated-expiration-period) of the
              executor C(secret-rotation)), and is refused where the server would drop it. The server needs the feature
              C(client-secret-rotation), which Keycloak and its Red Hat builds have as a preview and switched off.
            - V(absent) ends it at once, and one that an earlier run kept.
            - Without this option a changed secret ends at once, and one that an earlier run kept stays.
          type: str
          choices: [keep, absent]
          version_added: 0.2.0
        return_secret:
          description: Whether RV(secret) is returned. Such a task wants C(no_log).
          type: bool
          default: false
        standard_flow_enabled:
          description: Whether the authorization code flow is on.
          type: bool
        implicit_flow_enabled:
          description: Whether the implicit flow is on.
          type: bool
        direct_access_grants_enabled:
          description: Whether tokens can be had for a user's password.
          type: bool
        service_accounts_enabled:
          description: Whether the client can get tokens for itself.
          type: bool
        service_account_roles:
          description:
            - Roles of the account by which the client gets tokens for itself; needs O(service_accounts_enabled).
            - Others that it holds stay unless O(prune_service_account_roles).
          type: list
          elements: dict
          suboptions:
            name:
              description: Name of the role.
              type: str
              required: true
            client_id:
              description: Client that the role belongs to; without it the role is the realm's.
              type: str
        prune_service_account_roles:
          description: Removes roles of the account that are missing from O(service_account_roles).
          type: bool
          default: false
        consent_required:
          description: Whether users must consent.
          type: bool
        full_scope_allowed:
          description: Whether tokens hold all roles of the user.
          type: bool
        frontchannel_logout:
          description: Whether users are signed out through the browser.
          type: bool
        root_url:
          description: Address that relative ones are appended to.
          type: str
        base_url:
          description: Address of the application.
          type: str
        admin_url:
          description: Address of the application's administration.
          type: str
        redirect_uris:
          description: Where the browser may return to, V(*) at the end stands for anything; their order doesn't count.
          type: list
          elements: str
        web_origins:
          description: Origins from which scripts may ask; their order doesn't count.
          type: list
          elements: str
        attributes:
          description:
            - Further attributes by Keycloak's own names. Those not named here stay; an empty text removes one.
            - Several values of one attribute, such as C(post.logout.redirect.uris), are a list.
            - Private keys are sent and compared, and never shown.
          type: dict
        default_client_scopes:
          description:
            - Names of the client scopes that always count; their order doesn't. The list is whole but for
              O(keep_basic_scope), and for V(service_account), which Keycloak itself gives to clients with
              O(service_accounts_enabled).
          type: list
          elements: str
        optional_client_scopes:
          description: Names of the client scopes that count on request; their order doesn't. The list is whole.
          type: list
          elements: str
        keep_basic_scope:
          description: >-
            Whether the scope V(basic) stays a default one although O(default_client_scopes) does not name it. Without
            it, tokens have no C(sub) since Keycloak 25. If O(optional_client_scopes) names it, it becomes optional.
          type: bool
          default: true
        protocol_mappers:
          description: Mappers of the client, by name. Others stay unless O(prune_protocol_mappers).
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
              description: Kind of the mapper by Keycloak's own name, such as V(oidc-usermodel-property-mapper).
              type: str
              required: true
            config:
              description: Settings by Keycloak's own names, such as V(claim.name). Those not named here stay.
              type: dict
        prune_protocol_mappers:
          description: Whether mappers that O(protocol_mappers) doesn't name are removed.
          type: bool
          default: false
  client_id:
    description: Identifier of the client, as applications send it.
    type: str
  <<: *each
extends_documentation_fragment:
  - rhai.maas.keycloak
  - rhai.maas.keycloak.attributes
  - rhai.maas.plan
seealso:
  - module: rhai.maas.keycloak_realm
"""

EXAMPLES = r"""
- name: Ensure the client of the developer portal
  rhai.maas.keycloak_client:
    auth_keycloak_url: https://sso.example.com
    auth_username: admin
    auth_password: "{{ vault_keycloak_password }}"
    realm: maas
    client_id: 3scale
    secret: "{{ vault_client_secret }}"
    public_client: false
    standard_flow_enabled: true
    direct_access_grants_enabled: false
    redirect_uris:
      - https://maas.apps.example.com/auth/rhsso/callback*
    protocol_mappers:
      - name: email verified
        protocol_mapper: oidc-usermodel-property-mapper
        config:
          user.attribute: emailVerified
          claim.name: email_verified
          jsonType.label: boolean
          id.token.claim: true
          access.token.claim: true
          userinfo.token.claim: true

- name: Ensure that the secret is not older than the first of December, and let the old one work for a while
  rhai.maas.keycloak_client:
    auth_keycloak_url: https://sso.example.com
    auth_username: admin
    auth_password: "{{ vault_keycloak_password }}"
    realm: maas
    client_id: 3scale
    secret_not_before: "2026-12-01"
    old_secret: keep
    return_secret: true
  register: client
  no_log: true

- name: Ensure a client is gone
  rhai.maas.keycloak_client:
    auth_keycloak_url: https://sso.example.com
    auth_username: admin
    auth_password: "{{ vault_keycloak_password }}"
    realm: maas
    client_id: trial
    state: absent
"""

RETURN = r"""
client:
  description:
    - The client without its secret as it is after the run, or would be; empty when it is absent.
    - C(old_secret_valid_until) says how long an old secret works beside the new one, in UTC; null when there is none.
  returned: success
  type: dict
  sample: {"id": "48a8221e-adf1-4a93-9ced-e9fe3df3c4d7", "client_id": "3scale", "enabled": true}
secret:
  description: Secret of the client; null when it is only planned, or has none.
  returned: when O(return_secret)
  type: str
clients:
  description: The clients as they are after the run, or would be, one for each entry of the list.
  returned: success
  type: list
  elements: dict
changes:
  description: What changed or would change, in order.
  returned: always
  type: list
  elements: dict
  sample: [{"action": "create", "noun": "client", "key": "maas / 3scale"}]
calls:
  description: Requests at the server, without those for the token.
  returned: always
  type: dict
  sample: {"reads": 1, "writes": 1}
"""

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.client import CLIENT, plan_client
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.many import run_each
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.rotation import TASKS


def main() -> None:
    """Entry point."""
    run_each(CLIENT, "client", "clients", plan_client, {"realm": Field(required=True)}, tasks=TASKS)


if __name__ == "__main__":
    main()
