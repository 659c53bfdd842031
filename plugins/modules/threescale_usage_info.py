#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: threescale_usage_info
short_description: Read who used what
version_added: 0.1.0
description:
  - Reads usage by product, application, account, plan, backend or response code, and metric, from the statistics of
    3scale.
  - The access token needs the scope C(stats) too.
extends_documentation_fragment:
  - rhai.maas.threescale
  - rhai.maas.threescale.transport
  - rhai.maas.threescale.attributes_info
  - rhai.maas.threescale.actiongroup
options:
  products:
    description: System names of the products; all if left out.
    type: list
    elements: str
  metrics:
    description:
      - System names of the metrics and methods; all of each product or backend if left out.
      - Products without a metric are left out; a name that none of them has is refused.
    type: list
    elements: str
  backends:
    description: System names of the backends, with O(by=backend); all if left out.
    type: list
    elements: str
  response_codes:
    description:
      - The codes to count, with O(by=response_code). 3scale counts the groups V(2XX), V(4XX) and V(5XX), and by
        themselves V(200), V(403), V(404), V(500) and V(503); of others there are none.
    type: list
    elements: str
    default: [2XX, 4XX, 5XX]
  period:
    description: A window that ends now, or begins at O(since). One of O(period) and O(since) is required.
    type: str
    choices: [year, month, week, day]
  since:
    description: Beginning of the window, such as V(2026-11-01) or V(2026-11-01 12:00:00).
    type: str
  until:
    description: End of the window; now if left out. Only without O(period).
    type: str
  granularity:
    description: Length of the steps of O(values); V(day) if left out. Only without O(period).
    type: str
    choices: [month, day, hour]
  timezone:
    description: Time zone of the window; the one of the tenant if left out.
    type: str
  by:
    description:
      - What usage is told for; V(product) if left out.
      - V(account) and V(plan) add up the applications of each product. V(response_code) counts answers of products,
        whatever the metric.
    type: str
    choices: [product, application, account, plan, backend, response_code]
  by_application:
    description: The same as O(by=application).
    type: bool
    default: false
  values:
    description: Whether the single steps are returned too.
    type: bool
    default: false
author:
  - The rhai.maas maintainers (@rhai)
"""

EXAMPLES = r"""
- name: Read the tokens of the month, by application
  rhai.maas.threescale_usage_info:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    metrics: [total_tokens]
    period: month
    by: application
  register: usage

- name: Read the answers of the last day by status, as rows of a table
  rhai.maas.threescale_usage_info:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    period: day
    by: response_code
  register: answers
"""

RETURN = r"""
usage:
  description: One entry for each product (or what O(by) says) and metric.
  returned: success
  type: list
  elements: dict
  sample:
    - product: granite-8b-code-instruct
      application: chatbot
      application_id: 30
      account: Team A
      account_id: 12
      plan: Standard Plan
      metric: total_tokens
      total: 48210
      period:
        name: month
        since: "2026-11-01T00:00:00Z"
        until: "2026-11-30T23:59:59Z"
        timezone: Etc/UTC
        granularity: day
rows:
  description: The same as rows of a table, without lists and dictionaries in them.
  returned: success
  type: list
  elements: dict
  sample:
    - product: granite-8b-code-instruct
      metric: total_tokens
      total: 48210
      since: "2026-11-01T00:00:00Z"
      until: "2026-11-30T23:59:59Z"
calls:
  description: Requests that the run took.
  returned: always
  type: dict
  sample: {"reads": 3, "writes": 0}
"""

from ansible_collections.rhai.maas.plugins.module_utils.threescale.info_usage import USAGE_OPTIONS, read_usage
from ansible_collections.rhai.maas.plugins.module_utils.threescale.shell import run_info


def main() -> None:
    """Run the module."""
    run_info(USAGE_OPTIONS, read_usage)


if __name__ == "__main__":
    main()
