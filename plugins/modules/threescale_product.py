#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: threescale_product
short_description: Keep products of 3scale with everything below them
version_added: 0.1.0
description:
  - Makes, changes and removes products with proxy settings, policy chain, metrics, methods, mapping rules,
    backend usages,
    features, application and service plans, limits, prices, and brings the configuration to staging and production.
  - Takes many products in one call (O(products)), which costs one process and one connection pool, or one product
    by the
    same options at the top level.
  - Options left out are left alone; an empty string or list means "make it empty".
extends_documentation_fragment:
  - rhai.maas.threescale
  - rhai.maas.threescale.transport
  - rhai.maas.threescale.attributes
  - rhai.maas.threescale.actiongroup
  - rhai.maas.plan
options:
  products:
    description: The products to keep. Exclusive with the options for a single product.
    type: list
    elements: dict
    suboptions:
      system_name:
        description: Name that identifies the product. It can't be changed later.
        type: str
        required: true
      <<: &each
        name:
          description: Name shown to people; the system name for new products if left out.
          type: str
        state:
          description:
            - Whether the product is there. With it go its plans, applications and documents; applications and plans
              first, because until 3scale has cleaned up everybody who signs up would still get an application.
            - A product with live applications is removed only with O(products[].force=true).
            - The server frees the system name of a removed product only after five to ten minutes.
          type: str
          choices: [present, absent]
          default: present
        force:
          description: Whether a product or plan is removed although live keys hang on it.
          type: bool
          default: false
        prune:
          description: >-
            Whether what stands not in a given list of metrics, methods, usages, features, plans, limits, prices is
            removed.
          type: bool
          default: false
        keep_unlisted:
          description: Kinds of children that O(products[].prune=true) spares, V(features) those of plans too.
          type: list
          elements: str
          choices:
            - metrics
            - methods
            - backend_usages
            - features
            - application_plans
            - service_plans
            - limits
            - pricing_rules
        description:
          description: Description for people.
          type: str
        txt_support:
          description: Text about support, for new products alone, as the server never tells it.
          type: str
        terms:
          description: Terms of use, for new products alone, as the server never tells them.
          type: str
        deployment_option:
          description: Where the gateway runs.
          type: str
          choices:
            - hosted
            - self_managed
            - service_mesh_istio
            - plugin_ruby
            - plugin_java
            - plugin_python
            - plugin_nodejs
            - plugin_php
            - plugin_rest
            - plugin_csharp
        backend_version:
          description: How requests are signed. V(1) is a user key, V(2) application id and key.
          type: str
          choices: ["1", "2", oidc, oauth]
        support_email:
          description: Address for questions about the product.
          type: str
        intentions_required:
          description: Whether developers must say what an application is for.
          type: bool
        buyers_manage_apps:
          description: Whether developers manage applications themselves.
          type: bool
        buyers_manage_keys:
          description: Whether developers manage keys themselves.
          type: bool
        custom_keys_enabled:
          description: Whether developers may choose keys.
          type: bool
        buyer_key_regenerate_enabled:
          description: Whether developers may regenerate keys.
          type: bool
        mandatory_app_key:
          description: Whether an application gets a key at once.
          type: bool
        referrer_filters_required:
          description: Whether referrer filters are required.
          type: bool
        buyer_can_select_plan:
          description: Whether developers choose the plan of a new application.
          type: bool
        buyer_plan_change_permission:
          description: How developers change plans.
          type: str
          choices: [request, direct, credit_card, request_credit_card, none]
        notification_settings:
          description: Alert levels by channel, such as C(web_provider) with a list of percentages; replaced as a whole.
          type: dict
        annotations:
          description: Annotations (3scale 2.16 and later know V(managed_by)); they are merged, an empty value removes.
          type: dict
        proxy:
          description: Settings of the gateway. What is left out stays.
          type: dict
          suboptions:
            endpoint:
              description: Public address of the production gateway; the server has a default.
              type: str
            sandbox_endpoint:
              description: Public address of the staging gateway; the server has a default.
              type: str
            credentials_location:
              description:
                - Where the credentials of a request are.
                - V(headers) means the raw key in the header that O(products[].proxy.auth_user_key) names,
                  V(authorization) HTTP Basic or Bearer.
              type: str
              choices: [query, headers, authorization]
            auth_user_key:
              description: Name of the parameter or header with the user key.
              type: str
            auth_app_id:
              description: Name of the parameter or header with the application id.
              type: str
            auth_app_key:
              description: Name of the parameter or header with the application key.
              type: str
            error_auth_failed:
              description: Text of the answer when the credentials are wrong.
              type: str
            error_status_auth_failed:
              description: Status of the answer when the credentials are wrong.
              type: int
            error_headers_auth_failed:
              description: Content type of the answer when the credentials are wrong.
              type: str
            error_auth_missing:
              description: Text of the answer when there are no credentials.
              type: str
            error_status_auth_missing:
              description: Status of the answer when there are no credentials.
              type: int
            error_headers_auth_missing:
              description: Content type of the answer when there are no credentials.
              type: str
            error_no_match:
              description: Text of the answer when no mapping rule matches.
              type: str
            error_status_no_match:
              description: Status of the answer when no mapping rule matches.
              type: int
            error_headers_no_match:
              description: Content type of the answer when no mapping rule matches.
              type: str
            error_limits_exceeded:
              description: Text of the answer when a limit is exceeded.
              type: str
            error_status_limits_exceeded:
              description: Status of the answer when a limit is exceeded.
              type: int
            error_headers_limits_exceeded:
              description: Content type of the answer when a limit is exceeded.
              type: str
            secret_token:
              description: Secret that the gateway sends to the backend, of letters, digits, C(-) and C(_).
              type: str
            hostname_rewrite:
              description: Host name that the backend sees.
              type: str
            oauth_login_url:
              description: Address of the login page of an OAuth product.
              type: str
            api_test_path:
              description: Path for the test request of the admin portal.
              type: str
            oidc_issuer_endpoint:
              description: >-
                Address of the OpenID Connect issuer, with client id and secret in it. This, the kind of the issuer and
                the claim count only with O(products[].backend_version=oidc), and are refused elsewhere.
              type: str
            oidc_issuer_type:
              description: Kind of the issuer.
              type: str
              choices: [keycloak, rest]
            jwt_claim_with_client_id:
              description: Claim of the token that holds the client id.
              type: str
            jwt_claim_with_client_id_type:
              description: How the claim is written; needed with O(products[].proxy.jwt_claim_with_client_id).
              type: str
              choices: [plain, liquid]
        oidc_configuration:
          description: Flows of an OpenID Connect product.
          type: dict
          suboptions:
            standard_flow_enabled:
              description: Authorization code flow.
              type: bool
            implicit_flow_enabled:
              description: Implicit flow.
              type: bool
            service_accounts_enabled:
              description: Client credentials flow.
              type: bool
            direct_access_grants_enabled:
              description: Resource owner password flow.
              type: bool
        policies:
          description:
            - The policy chain, all of it, in order, C(apicast) included (it is appended where it lacks).
            - The server accepts unknown policies; the gateway then skips them.
          type: list
          elements: dict
          suboptions:
            name:
              description: Name of the policy (of its folder at the gateway).
              type: str
              required: true
            version:
              description: Version of the policy.
              type: str
              default: builtin
            enabled:
              description: Whether the policy works.
              type: bool
              default: true
            configuration:
              description: Configuration of the policy.
              type: dict
        metrics:
          description:
            - Metrics, by O(products[].metrics[].system_name). Each product has C(hits) by itself.
            - Metrics left out stay, unless O(products[].prune=true).
          type: list
          elements: dict
          suboptions:
            system_name:
              description: Name that identifies the metric. It can't be changed later.
              type: str
              required: true
            friendly_name:
              description: Name shown to people; the system name for new metrics if left out.
              type: str
            unit:
              description: What is counted; C(hit) for new metrics if left out.
              type: str
            description:
              description: What the metric means.
              type: str
            state:
              description: Whether the metric is there.
              type: str
              choices: [present, absent]
              default: present
        methods:
          description:
            - Methods, that is metrics below C(hits), by O(products[].methods[].system_name).
            - Methods left out stay, unless O(products[].prune=true).
          type: list
          elements: dict
          suboptions:
            system_name:
              description: Name that identifies the method. It can't be changed later.
              type: str
              required: true
            friendly_name:
              description: Name shown to people; the system name for new methods if left out.
              type: str
            description:
              description: What the method means.
              type: str
            state:
              description: Whether the method is there.
              type: str
              choices: [present, absent]
              default: present
        mapping_rules:
          description:
            - The mapping rules, all of them, in the order in which the gateway tries them.
            - Rules that stand not here are removed. The rule C(GET /) that the server adds to each new product becomes
              one of those that are listed.
          type: list
          elements: dict
          suboptions:
            http_method:
              description: HTTP method of the request.
              type: str
              required: true
              choices: [GET, POST, DELETE, PUT, PATCH, HEAD, OPTIONS]
            pattern:
              description: Path that a request must begin with, or equal with a C($) at its end.
              type: str
              required: true
            metric:
              description: System name of the metric or method that a matching request counts for.
              type: str
              default: hits
            delta:
              description: How much a matching request counts.
              type: int
              default: 1
            last:
              description: Whether no rule after this one is tried when it matches.
              type: bool
              default: false
        backend_usages:
          description:
            - Backends that the product uses.
            - Usages left out stay, unless O(products[].prune=true).
          type: list
          elements: dict
          suboptions:
            backend:
              description: System name of the backend.
              type: str
              required: true
            path:
              description: Path below which the backend answers.
              type: str
              default: /
        features:
          description:
            - Features that plans can include.
            - Features left out stay, unless O(products[].prune=true).
          type: list
          elements: dict
          suboptions:
            system_name:
              description: Name that identifies the feature.
              type: str
              required: true
            name:
              description: Name shown to people.
              type: str
            description:
              description: Description for people.
              type: str
            visible:
              description: Whether the portal shows it.
              type: bool
            scope:
              description: Kind of plan that it belongs to; C(ApplicationPlan) for new features if left out.
              type: str
              choices: [ApplicationPlan, ServicePlan]
        application_plans:
          description:
            - Application plans, by system name.
            - Plans left out stay, unless O(products[].prune=true).
          type: list
          elements: dict
          suboptions:
            system_name:
              description: Name that identifies the plan. It can't be changed later.
              type: str
              required: true
            name:
              description: Name shown to people; the system name for new plans if left out.
              type: str
            state:
              description:
                - Whether the plan is there.
                - A plan that has applications is removed, and their keys revoked, only with O(products[].force=true).
              type: str
              choices: [present, absent]
              default: present
            published:
              description: Whether developers see the plan. New plans are hidden.
              type: bool
            default:
              description:
                - V(true) makes it the default plan, so that each new developer gets an application of it.
                - The API can't unset a default plan, so V(false) changes nothing.
              type: bool
            description:
              description: Description; the server takes it on creation and never shows it.
              type: str
            approval_required:
              description: Whether applications wait for approval.
              type: bool
            trial_period_days:
              description: Days free of charge.
              type: int
            cost_per_month:
              description: Fixed price of a month.
              type: float
            setup_fee:
              description: Price of the beginning.
              type: float
            limits:
              description:
                - Limits, by metric and period. A value is changed in place, a limit is never off during a change.
                - Limits left out stay, unless O(products[].prune=true).
              type: list
              elements: dict
              suboptions:
                metric:
                  description: System name of the metric or method.
                  type: str
                  required: true
                backend:
                  description: System name of the backend whose metric it is; left out for a metric of the product.
                  type: str
                period:
                  description: Period of time that the limit is for.
                  type: str
                  required: true
                  choices: [eternity, year, month, week, day, hour, minute]
                value:
                  description: How much is allowed in a period; V(0) blocks.
                  type: int
                  required: true
            pricing_rules:
              description:
                - Prices, by metric and range.
                - Prices left out stay, unless O(products[].prune=true).
              type: list
              elements: dict
              suboptions:
                metric:
                  description: System name of the metric or method.
                  type: str
                  required: true
                backend:
                  description: System name of the backend whose metric it is; left out for a metric of the product.
                  type: str
                min:
                  description: First unit in a month that the price is for.
                  type: int
                  default: 1
                max:
                  description: Last unit that the price is for; left out for no end.
                  type: int
                cost_per_unit:
                  description: Price of a unit. The server keeps four decimals.
                  type: float
                  required: true
            features:
              description: System names of the product's features that the plan includes.
              type: list
              elements: str
        service_plans:
          description: >-
            Service plans, by name. Plans left out stay, unless O(products[].prune=true); the default plan always
            does.
          type: list
          elements: dict
          suboptions:
            name:
              description: Name that identifies the plan. Each product has a plan C(Default) by itself.
              type: str
              required: true
            system_name:
              description: >-
                Name for the API, for new plans alone, as the server never tells it; made from the name if left out.
              type: str
              version_added: 0.2.0
            state:
              description: Whether the plan is there.
              type: str
              choices: [present, absent]
              default: present
            published:
              description: Whether developers see the plan.
              type: bool
            default:
              description:
                - V(true) makes it the default plan, so that each new developer sees the product.
                - The API can't unset a default plan, so V(false) changes nothing.
              type: bool
            approval_required:
              description: Whether subscriptions wait for approval.
              type: bool
            features:
              description: >-
                System names of the product's features that the plan includes, each with
                O(products[].features[].scope=ServicePlan). Others are taken off only with O(products[].prune=true).
              type: list
              elements: str
              version_added: 0.2.0
        smoke:
          description:
            - A request that the gateways must answer. It is sent to staging before production is touched, and to
              production after the promotion.
            - Where staging fails, production stays as it is. Where production fails, the rules, policies, settings and
              backend usages that it served before are written back, deployed and promoted; the run fails.
            - Nothing is sent when nothing is deployed or promoted, nor in check mode.
          type: dict
          suboptions:
            path:
              description: Path and query of the request.
              type: str
              required: true
            method:
              description: Its method.
              type: str
              choices: [GET, POST, HEAD, OPTIONS]
              default: GET
            headers:
              description: Its headers, such as the one that holds the key.
              type: dict
            body:
              description: Its body; a mapping or list is sent as JSON.
              type: raw
            status:
              description: Statuses that are right; any from 200 to 299 if left out.
              type: list
              elements: int
            timeout:
              description: Seconds within which each gateway must answer as wanted; it is asked until then.
              type: float
              default: 60
            wait:
              description:
                - Seconds after which production must still answer as wanted. Production gateways keep a configuration
                  for five minutes if not told otherwise, so until then it may be the old one that answers.
              type: float
              default: 0
        promotion:
          description:
            - How far the configuration is brought. V(none) writes only, V(staging) deploys, V(production) promotes too.
            - Nothing is deployed when the latest configuration shows what is wanted already; a run that was cut off
              before is finished.
          type: str
          choices: [none, staging, production]
          default: staging
  custom_policies:
    description:
      - Policies of your own that the gateway has but 3scale's registry doesn't, so that chains may name them. The
        registry's policies and those that the gateway brings along are known without it.
      - Every policy in a chain must exist, and its configuration must fit its schema, before anything is written. The
        gateway leaves out a policy that it doesn't know or can't read, and serves the product without it.
      - Takes what M(rhai.maas.threescale_policy) takes as O(rhai.maas.threescale_policy#module:policies).
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the policy, as chains name it.
        type: str
        required: true
      version:
        description: Its version.
        type: str
        required: true
      schema:
        description: Its manifest; C(configuration) in it is the schema that configurations are held to.
        type: dict
        required: true
  system_name:
    description:
      - Name that identifies the product. It can't be changed later.
      - Required for a single product.
    type: str
  <<: *each
seealso:
  - module: rhai.maas.threescale_backend
  - module: rhai.maas.threescale_active_doc
author:
  - The rhai.maas maintainers (@rhai)
"""

EXAMPLES = r"""
- name: Keep the product of a model, from mapping rules to production
  rhai.maas.threescale_product:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    products:
      - system_name: granite-8b-code-instruct
        name: Granite 8B Code Instruct
        description: Granite behind the gateway
        prune: true
        proxy:
          credentials_location: authorization
          auth_user_key: Authorization
        policies:
          - name: cors
            configuration:
              allow_origin: https://maas.apps.example.com
              allow_credentials: true
              allow_headers: [Authorization, Content-type, Accept]
          - name: apicast
        metrics:
          - system_name: total_tokens
            friendly_name: Total tokens
            unit: token
        methods:
          - system_name: chat_completions
            friendly_name: Chat completions
        mapping_rules:
          - http_method: POST
            pattern: /v1/chat/completions
            metric: chat_completions
        backend_usages:
          - backend: granite-8b-code-instruct
            path: /
        application_plans:
          - system_name: standard
            name: Standard Plan
            published: true
            limits:
              - metric: hits
                period: minute
                value: 60
              - metric: total_tokens
                period: day
                value: 100000
            pricing_rules:
              - metric: total_tokens
                cost_per_unit: 0.0002
        service_plans:
          - name: Default
            default: true
        promotion: production

- name: Change one thing of one product, and leave the rest alone
  rhai.maas.threescale_product:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    system_name: granite-8b-code-instruct
    buyer_can_select_plan: true
    promotion: none

- name: Remove the sample product, which has a sample application
  rhai.maas.threescale_product:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    system_name: api
    state: absent
    force: true
"""

RETURN = r"""
products:
  description: The products as they are afterwards.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Number of the product; none in check mode for one that is not there yet.
      type: int
    system_name:
      description: Name that identifies it.
      type: str
    name:
      description: Name shown to people.
      type: str
    state:
      description: V(present) or V(absent).
      type: str
    endpoint:
      description: Address of the production gateway, as far as this run met it.
      type: str
    sandbox_endpoint:
      description: Address of the staging gateway, as far as this run met it.
      type: str
  sample:
    - id: 3
      system_name: granite-8b-code-instruct
      name: Granite 8B Code Instruct
      state: present
      endpoint: https://granite-8b-code-instruct-maas-apicast-production.apps.example.com:443
      sandbox_endpoint: https://granite-8b-code-instruct-maas-apicast-staging.apps.example.com:443
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
  sample: [{"action": "update", "noun": "limit", "key": "granite-8b-code-instruct / standard / hits per minute"}]
plan:
  description: The operations of the run as data, for O(saved_plan), reports and other programs. Holds no secrets.
  returned: success
  type: list
  elements: dict
  contains:
    action:
      description: As in C(changes).
      type: str
    noun:
      description: As in C(changes).
      type: str
    key:
      description: As in C(changes).
      type: str
    before:
      description: What differs, as it was; none for what was not there.
      type: dict
    after:
      description: What differs, as it will be; none for what goes.
      type: dict
    after_steps:
      description: Places in this list, from 0, of the operations that this one waits for.
      type: list
      elements: int
  sample: []
calls:
  description: Requests that the run took.
  returned: always
  type: dict
  sample: {"reads": 7, "writes": 0}
"""

from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.deploying import TASKS
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.products import (
    OPTIONS,
    marked_in_chains,
    plan_products,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.shell import run


def main() -> None:
    """Run the module."""
    run(OPTIONS, plan_products, single="products", secrets=marked_in_chains, tasks=TASKS)


if __name__ == "__main__":
    main()
