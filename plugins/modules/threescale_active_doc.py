#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: threescale_active_doc
short_description: Keep ActiveDocs, the OpenAPI documents of the developer portal
version_added: 0.1.0
description:
  - Makes, changes and removes ActiveDocs.
  - Takes many documents in one call (O(active_docs)), or one by the same options at the top level.
  - Options left out are left alone; an empty string means "make it empty".
extends_documentation_fragment:
  - rhai.maas.threescale
  - rhai.maas.threescale.transport
  - rhai.maas.threescale.attributes
  - rhai.maas.threescale.actiongroup
  - rhai.maas.plan
options:
  active_docs:
    description: The documents to keep. Exclusive with the options for a single document.
    type: list
    elements: dict
    suboptions:
      system_name:
        description: >-
          Name that identifies the document; it is part of its address in the portal and can't be changed later.
        type: str
        required: true
      <<: &each
        name:
          description: Name shown to people; the system name for new documents if left out.
          type: str
        state:
          description: Whether the document is there.
          type: str
          choices: [present, absent]
          default: present
        body:
          description:
            - The OpenAPI document (Swagger 1.2, 2.0 or OpenAPI 3), as a mapping or as text in JSON or YAML.
              Required for a new document.
            - Documents are compared parsed, so spaces and the order of keys do not count.
            - Versions may stand unquoted; V(3.1) is sent as C(3.1.0). YAML text is read as YAML 1.2, without dates.
            - Variables of servers are filled in before the addresses are checked.
          type: raw
        product:
          description:
            - System name of the product that the document belongs to. An empty string unlinks it.
            - With the product the server removes its documents.
          type: str
        description:
          description: Description for people.
          type: str
        published:
          description: Whether the portal serves the document. New documents are not published.
          type: bool
        skip_swagger_validations:
          description: >-
            Whether the server takes the document without validating it. For generated documents that mix words of
            OpenAPI 3.0 and 3.1; addresses are still checked.
          type: bool
  system_name:
    description:
      - Name that identifies the document; it is part of its address in the portal and can't be changed later.
      - Required for a single document.
    type: str
  <<: *each
seealso:
  - module: rhai.maas.threescale_product
author:
  - The rhai.maas maintainers (@rhai)
"""

EXAMPLES = r"""
- name: Show the API of a model in the portal
  rhai.maas.threescale_active_doc:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    active_docs:
      - system_name: granite-8b-code-instruct
        name: Granite 8B Code Instruct
        product: granite-8b-code-instruct
        published: true
        body:
          openapi: 3.0.3
          info:
            title: Granite 8B Code Instruct
            version: "1"
          servers:
            - url: https://granite-8b-code-instruct-maas-apicast-production.apps.example.com:443
          paths:
            /v1/chat/completions:
              post:
                responses:
                  "200":
                    description: The answer of the model

- name: Remove the sample document
  rhai.maas.threescale_active_doc:
    threescale_url: https://maas-admin.apps.example.com
    access_token: "{{ vault_threescale_access_token }}"
    system_name: echo
    state: absent
"""

RETURN = r"""
active_docs:
  description: The documents as they are afterwards.
  returned: success
  type: list
  elements: dict
  sample:
    - id: 6
      system_name: granite-8b-code-instruct
      product: granite-8b-code-instruct
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
calls:
  description: Requests that the run took.
  returned: always
  type: dict
  sample: {"reads": 7, "writes": 0}
"""

from ansible_collections.rhai.maas.plugins.module_utils.threescale.active_docs import OPTIONS, plan_active_docs
from ansible_collections.rhai.maas.plugins.module_utils.threescale.shell import run


def main() -> None:
    """Run the module."""
    run(OPTIONS, plan_active_docs, single="active_docs")


if __name__ == "__main__":
    main()
