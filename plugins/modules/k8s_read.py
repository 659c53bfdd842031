#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: k8s_read
short_description: Read cluster objects of several kinds at once
version_added: 0.1.0
author: The rhai.maas maintainers (@rhai)
description:
  - Answers several questions to the cluster in one call, where M(kubernetes.core.k8s_info) answers one. A module's
    start costs more than its question, so that a role asks all it has to know at once.
  - A question that can't be answered (no right to it) does not fail the task; its answer says why in C(msg) and has no
    C(resources).
  - Which cluster is meant is said as for the modules of C(kubernetes.core), by the environment -
    E(K8S_AUTH_KUBECONFIG), or E(K8S_AUTH_HOST), E(K8S_AUTH_API_KEY) and E(K8S_AUTH_SSL_CA_CERT).
options:
  queries:
    description: What to read, each with options of M(kubernetes.core.k8s_info).
    type: list
    elements: dict
    required: true
    suboptions:
      api_version:
        description: API version of the kind.
        type: str
        default: v1
      as:
        description: Name of its answer in RV(found); each question has one of its own.
        type: str
        required: true
      kind:
        description: The kind.
        type: str
        required: true
      name:
        description: Name of one object; all without.
        type: str
      namespace:
        description: Namespace to look in; all without.
        type: str
      label_selectors:
        description: Labels that objects must have.
        type: list
        elements: str
        default: []
attributes:
  check_mode:
    description: Only reads.
    support: full
  diff_mode:
    description: Only reads.
    support: none
requirements:
  - kubernetes >= 24.2.0
seealso:
  - module: kubernetes.core.k8s_info
"""

EXAMPLES = r"""
- name: Read a Secret, and the Services of the models
  rhai.maas.k8s_read:
    queries:
      - {as: seed, kind: Secret, name: system-seed, namespace: 3scale}
      - {as: services, kind: Service, namespace: llm-hosting}
  register: read
  no_log: true

- name: Show the models' addresses
  ansible.builtin.debug:
    msg: "{{ read.found.services.resources | default([]) | map(attribute='metadata.name') }}"
"""

RETURN = r"""
found:
  description: The answers by the names of O(queries[].as), each with these keys.
  returned: success
  type: dict
  contains:
    resources:
      description: The objects; missing when they could not be read.
      type: list
      elements: dict
      returned: when they could be read
    api_found:
      description: Whether the cluster knows the kind.
      type: bool
      returned: when it could be asked
    msg:
      description: Why they could not be read.
      type: str
      returned: when they could not be read
objects:
  description: All objects that were read, as option C(known) of M(rhai.maas.k8s_wait) takes them.
  returned: success
  type: list
  elements: dict
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

try:
    from ansible_collections.kubernetes.core.plugins.module_utils.k8s.client import get_api_client
    from ansible_collections.kubernetes.core.plugins.module_utils.k8s.exceptions import CoreException
    from ansible_collections.kubernetes.core.plugins.module_utils.k8s.service import K8sService

    HAS_CLIENT = True
except ImportError:
    HAS_CLIENT = False

QUERY: dict[str, Any] = {
    "as": {"type": "str", "required": True},
    "api_version": {"type": "str", "default": "v1"},
    "kind": {"type": "str", "required": True},
    "name": {"type": "str"},
    "namespace": {"type": "str"},
    "label_selectors": {"type": "list", "elements": "str", "default": []},
}


def answer(service: Any, query: dict[str, Any]) -> dict[str, Any]:
    """The objects of a query, or why there are none to be had."""
    try:
        found = service.find(
            query["kind"],
            query["api_version"],
            name=query["name"],
            namespace=query["namespace"],
            label_selectors=query["label_selectors"],
        )
    except CoreException as error:
        return {"msg": str(error)}
    if not found.get("api_found"):
        return {"msg": str(found.get("msg")), "resources": [], "api_found": False}
    return {"resources": found["resources"], "api_found": True}


def main() -> None:
    """Run the module."""
    queries = {"type": "list", "elements": "dict", "required": True, "options": QUERY}
    module = AnsibleModule(argument_spec={"queries": queries}, supports_check_mode=True)
    if not HAS_CLIENT:
        module.fail_json(msg=missing_required_lib("kubernetes.core (collection) with kubernetes"))
    try:
        service = K8sService(get_api_client(), module)
        found = {query["as"]: answer(service, query) for query in module.params["queries"]}
    except Exception as error:  # pylint: disable=broad-except  # of the client's libraries: each has its own
        module.fail_json(msg=f"The cluster can't be asked: {type(error).__name__}: {error}")
    objects = [item for result in found.values() for item in result.get("resources") or []]
    module.exit_json(changed=False, found=found, objects=objects)


if __name__ == "__main__":
    main()
