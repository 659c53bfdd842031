#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: threescale_backend
short_description: Keep backends of 3scale with their metrics, methods and mapping rules
version_added: 0.1.0
description:
  - Makes, changes and removes backends, that is, the addresses behind the gateway.
  - Takes many backends in one call (O(backends)), or one by the same options at the top level.
  - Options left out are left alone; an empty string or list means "make it empty".
extends_documentation_fragment:
  - rhai.maas.threescale
  - rhai.maas.threescale.transport
  - rhai.maas.threescale.attributes
  - rhai.maas.threescale.actiongroup
  - rhai.maas.plan
options:
  backends:
    description:
      - The backends to keep. Exclusive with the options for a single backend.
    type: list
    elements: dict
    suboptions:
      system_name:
        description: Name that identifies the backend. It can't be changed later.
        type: str
        required: true
      <<: &each
        name:
          description: Name shown to people; the system name for new backends if left out.
          type: str
        private_endpoint:
          description:
            - Where the gateway sends requests, such as V(http://model.namespace.svc.cluster.local:8080).
            - Required for a new backend. Schemes are http, https, ws and wss.
          type: str
        state:
          description:
            - Whether the backend is there. A backend in use by a product can't be removed.
            - The server frees the system name of a removed backend only after five to ten minutes.
          type: str
          choices: [present, absent]
          default: present
        prune:
          description: Whether metrics and methods that stand in none of the given lists are removed.
          type: bool
          default: false
        keep_unlisted:
          description: Kinds of children that O(backends[].prune=true) spares.
          type: list
          elements: str
          choices: [metrics, methods]
        description:
          description: Description for people.
          type: str
        annotations:
          description: Annotations (3scale 2.16 and later know V(managed_by)); they are merged, an empty value removes.
          type: dict
        metrics:
          description:
            - Metrics, by O(backends[].metrics[].system_name). Each backend has C(hits) by itself.
            - Metrics left out stay, unless O(backends[].prune=true).
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
            - Methods, that is metrics below C(hits), by O(backends[].methods[].system_name).
            - Methods left out stay, unless O(backends[].prune=true).
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
            - Rules that stand not here are removed.
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
  system_name:
    description:
      - Name that identifies the backend. It can't be changed later.
      - Required for a single backend.
    type: str
  <<: *each
notes:
  - A change of a backend reaches the gateway with the next deployment of each product that uses it; see
    M(rhai.maas.threescale_product), which notices it.
seealso:
  - module: rhai.maas.threescale_product
author:
  - The rhai.maas maintainers (@rhai)
"""

EXAMPLES = r"""
- name: Keep one backend for each model
  rhai.maas.threescale_backend:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    backends:
      - system_name: granite-8b-code-instruct
        name: Granite 8B Code Instruct
        private_endpoint: http://granite-8b-code-instruct-128k-predictor.llm-hosting.svc.cluster.local:8080
      - system_name: nomic-embed-text-v1-5
        name: Nomic Embed Text v1.5
        private_endpoint: https://nomic-embed-text-v1-5-predictor.llm-hosting.svc.cluster.local

- name: Keep a single backend with a method of its own
  rhai.maas.threescale_backend:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    system_name: partner-llm
    name: Partner LLM
    private_endpoint: https://llm.partner.example.com
    methods:
      - system_name: chat
        friendly_name: Chat
    mapping_rules:
      - http_method: POST
        pattern: /v1/chat/completions
        metric: chat

- name: Remove the sample backend
  rhai.maas.threescale_backend:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    system_name: api
    state: absent
"""

RETURN = r"""
backends:
  description: The backends as they are afterwards.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: Number of the backend; none in check mode for one that is not there yet.
      type: int
    system_name:
      description: Name that identifies it.
      type: str
    name:
      description: Name shown to people.
      type: str
    private_endpoint:
      description: Where the gateway sends requests.
      type: str
    state:
      description: V(present) or V(absent).
      type: str
  sample:
    - id: 7
      system_name: partner-llm
      name: Partner LLM
      private_endpoint: https://llm.partner.example.com:443
      state: present
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

from ansible_collections.rhai.maas.plugins.module_utils.threescale.backends import OPTIONS, plan_backends
from ansible_collections.rhai.maas.plugins.module_utils.threescale.shell import run


def main() -> None:
    """Run the module."""
    run(OPTIONS, plan_backends, single="backends")


if __name__ == "__main__":
    main()
