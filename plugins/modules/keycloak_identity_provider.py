# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: keycloak_identity_provider
short_description: Keep an identity provider of a Keycloak realm, with its mappers
version_added: 0.1.0
author: The rhai.maas maintainers (@rhai)
description:
  - Makes an identity provider (OpenID Connect, Google, GitHub …), keeps its settings and mappers, or removes it.
  - Keycloak never shows the provider's client secret, so it can't be compared. It is sent when the provider is
    made, later only with O(update_secret=always).
  - Takes many identity providers in one call (O(identity_providers)), or one by the same options at the top level.
options:
  realm:
    description: Realm of the identity provider.
    type: str
    required: true
  identity_providers:
    description: The identity providers to keep. Exclusive with the options of a single one.
    type: list
    elements: dict
    suboptions:
      alias:
        description: Name of the provider; stands in its addresses.
        type: str
        required: true
      <<: &each
        state:
          description: Whether the provider shall be there.
          type: str
          choices: [present, absent]
          default: present
        provider_id:
          description: >-
            Kind of the provider by Keycloak's own name, such as V(oidc), V(keycloak-oidc), V(google),
            V(github).
          type: str
          default: oidc
        display_name:
          description: Name on the sign-in page.
          type: str
        enabled:
          description: Whether the provider can be used.
          type: bool
        trust_email:
          description: Whether an e-mail address from this provider counts as verified.
          type: bool
        store_token:
          description: Whether the provider's tokens are kept.
          type: bool
        add_read_token_role_on_create:
          description: Whether new users may read those tokens.
          type: bool
        link_only:
          description: Whether the provider can only be linked to an account, not used to sign in.
          type: bool
        first_broker_login_flow_alias:
          description: Flow at the first sign-in through the provider.
          type: str
        post_broker_login_flow_alias:
          description: Flow after each sign-in through the provider; empty for none.
          type: str
        discovery_url:
          description:
            - Address of the provider's discovery document (C(…/.well-known/openid-configuration)).
              Keycloak itself reads it
              at each run, so it must reach the address and trust its certificate. The single addresses follow from it.
          type: str
        client_id:
          description: Identifier of this Keycloak at the provider.
          type: str
        client_secret:
          description: Secret of O(client_id).
          type: str
        update_secret:
          description:
            - Whether O(client_secret) is sent only when the provider is made, or V(always), which
              always counts as a change.
          type: str
          choices: [on_create, always]
          default: on_create
        authorization_url:
          description: Address for the browser to sign in at.
          type: str
        token_url:
          description: Address where tokens are had.
          type: str
        user_info_url:
          description: Address of the user's claims.
          type: str
        logout_url:
          description: Address to sign out at.
          type: str
        jwks_url:
          description: Address of the provider's public keys.
          type: str
        issuer:
          description: Issuer that the provider's tokens must name.
          type: str
        default_scope:
          description: Scopes to ask for, with blanks between.
          type: str
        sync_mode:
          description: Whether users are taken over at the first sign-in, V(import), or at each, V(force).
          type: str
          choices: [import, force, legacy]
        config:
          description: Further settings by Keycloak's own names. Those not named here stay; an empty text removes one.
          type: dict
        mappers:
          description: Mappers of the provider, by name. Others stay unless O(prune_mappers).
          type: list
          elements: dict
          suboptions:
            name:
              description: Name of the mapper.
              type: str
              required: true
            identity_provider_mapper:
              description: Kind of the mapper by Keycloak's own name, such as V(oidc-user-attribute-idp-mapper).
              type: str
              required: true
            config:
              description: Settings by Keycloak's own names. Those not named here stay.
              type: dict
        prune_mappers:
          description: Whether mappers that O(mappers) doesn't name are removed.
          type: bool
          default: false
  alias:
    description: Name of the provider; stands in its addresses.
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
- name: Ensure people sign in with their company account
  rhai.maas.keycloak_identity_provider:
    auth_keycloak_url: https://sso.example.com
    auth_username: admin
    auth_password: "{{ vault_keycloak_password }}"
    realm: maas
    alias: company
    display_name: Company account
    discovery_url: https://login.example.com/.well-known/openid-configuration
    client_id: models-as-a-service
    client_secret: "{{ vault_company_client_secret }}"
    trust_email: true
    sync_mode: import

- name: Ensure people sign in with Google
  rhai.maas.keycloak_identity_provider:
    auth_keycloak_url: https://sso.example.com
    auth_username: admin
    auth_password: "{{ vault_keycloak_password }}"
    realm: maas
    alias: google
    provider_id: google
    client_id: "{{ google_client_id }}"
    client_secret: "{{ vault_google_client_secret }}"
    config:
      hostedDomain: example.com

- name: Ensure a provider is gone
  rhai.maas.keycloak_identity_provider:
    auth_keycloak_url: https://sso.example.com
    auth_username: admin
    auth_password: "{{ vault_keycloak_password }}"
    realm: maas
    alias: trial
    state: absent
"""

RETURN = r"""
identity_provider:
  description: The provider without its secret as it is after the run, or would be; empty when it is absent.
  returned: success
  type: dict
  sample: {"alias": "company", "provider_id": "oidc", "trust_email": true}
identity_providers:
  description: The identity providers as they are after the run, or would be, one for each entry of the list.
  returned: success
  type: list
  elements: dict
changes:
  description: What changed or would change, in order.
  returned: always
  type: list
  elements: dict
  sample: [{"action": "create", "noun": "identity provider", "key": "maas / company"}]
calls:
  description: Requests at the server, without those for the token.
  returned: always
  type: dict
  sample: {"reads": 1, "writes": 1}
"""

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.many import run_each
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.provider import PROVIDER, plan_identity_provider


def main() -> None:
    """Entry point."""
    more = {"realm": Field(required=True)}
    run_each(PROVIDER, "identity_provider", "identity_providers", plan_identity_provider, more)


if __name__ == "__main__":
    main()
