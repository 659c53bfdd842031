#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: threescale_sso_integration
short_description: Keep single sign-on integrations of 3scale's portals
version_added: 0.1.0
description:
  - Makes and changes authentication providers of the developer portal, or of the admin portal.
  - Takes many integrations in one call (O(sso_integrations)), or one by the same options at the top level.
  - Options left out are left alone.
extends_documentation_fragment:
  - rhai.maas.threescale
  - rhai.maas.threescale.transport
  - rhai.maas.threescale.attributes
  - rhai.maas.threescale.actiongroup
  - rhai.maas.plan
options:
  portal:
    description:
      - Who signs in by it - developers, or the tenant's own users in the admin portal.
      - The admin portal knows V(keycloak) and V(auth0), and has one integration of each system name.
    type: str
    choices: [developer, admin]
    default: developer
  sso_integrations:
    description: The integrations to keep. Exclusive with the options for a single one.
    type: list
    elements: dict
    suboptions:
      kind:
        description: >-
          V(keycloak) (Red Hat single sign-on and Red Hat build of Keycloak), V(github), V(auth0), or another name
          for a custom one. It identifies the integration, as a tenant has one of each kind.
        type: str
        required: true
      <<: &each
        system_name:
          description:
            - Part of the callback address; the kind if left out. It can't be changed later.
          type: str
        name:
          description: Name on the button of the login page. It can't be changed later.
          type: str
        state:
          description:
            - No API removes an integration. V(unpublished) takes its button from the login page.
          type: str
          choices: [present, unpublished]
          default: present
        client_id:
          description: Client at the identity provider. Required for a new integration.
          type: str
        client_secret:
          description: Secret of the client. Required for a new integration. It is compared, and never shown.
          type: str
        site:
          description: Address of the realm (V(keycloak)) or domain (V(auth0)), without a slash at its end.
          type: str
        token_url:
          description: Token endpoint of a custom provider; at creation only.
          type: str
        user_info_url:
          description: User info endpoint of a custom provider; at creation only.
          type: str
        authorize_url:
          description: Authorization endpoint of a custom provider; at creation only.
          type: str
        identifier_key:
          description: Claim with the identifier, for custom providers; at creation only.
          type: str
        username_key:
          description: Claim with the user name, for custom providers; at creation only.
          type: str
        trust_email:
          description: Whether the e-mail address is trusted; at creation only.
          type: bool
        published:
          description: Whether the login page shows it.
          type: bool
        automatically_approve_accounts:
          description: Whether accounts made by it are approved at once.
          type: bool
        skip_ssl_certificate_verification:
          description: Whether the server skips the check of the provider's certificate. Leave it off outside of trials.
          type: bool
  kind:
    description:
      - V(keycloak) (Red Hat single sign-on and Red Hat build of Keycloak), V(github), V(auth0), or another name
        for a custom one. It identifies the integration, as a tenant has one of each kind.
      - Required for a single integration.
    type: str
  <<: *each
seealso:
  - module: rhai.maas.keycloak_client
author:
  - The rhai.maas maintainers (@rhai)
"""

EXAMPLES = r"""
- name: Sign in with Keycloak
  rhai.maas.threescale_sso_integration:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    kind: keycloak
    name: Company login
    system_name: rhsso
    client_id: 3scale
    client_secret: "{{ vault_sso_client_secret }}"
    site: https://sso.apps.example.com/realms/maas
    published: true
    automatically_approve_accounts: true

- name: Let the team sign in to the admin portal as well
  rhai.maas.threescale_sso_integration:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    portal: admin
    kind: keycloak
    name: Company login
    client_id: 3scale-admin
    client_secret: "{{ vault_sso_admin_client_secret }}"
    site: https://sso.apps.example.com/realms/company
    published: true

- name: Take the button of GitHub away
  rhai.maas.threescale_sso_integration:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    kind: github
    state: unpublished
"""

RETURN = r"""
sso_integrations:
  description: The integrations as they are afterwards, without secrets.
  returned: success
  type: list
  elements: dict
  sample:
    - id: 1
      kind: keycloak
      system_name: rhsso
      name: Company login
      client_id: 3scale
      site: https://sso.apps.example.com/realms/maas
      published: true
      callback_url: https://maas.apps.example.com/auth/rhsso/callback
changes:
  description: What was changed, or would be in check mode; what reports are made of.
  returned: always
  type: list
  elements: dict
  contains:
    action:
      description: C(create), C(update), C(delete), or what the change is called otherwise.
      type: str
    noun:
      description: Kind of the object.
      type: str
    key:
      description: Name of the object, with the names of what it belongs to.
      type: str
  sample: [{"action": "create", "noun": "backend", "key": "partner-llm"}]
calls:
  description: Requests that the run took.
  returned: always
  type: dict
  sample: {"reads": 7, "writes": 0}
"""

from ansible_collections.rhai.maas.plugins.module_utils.threescale.shell import run
from ansible_collections.rhai.maas.plugins.module_utils.threescale.sso import OPTIONS, plan_sso


def main() -> None:
    """Run the module."""
    run(OPTIONS, plan_sso, single="sso_integrations")


if __name__ == "__main__":
    main()
