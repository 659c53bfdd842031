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
  - A question that can't be answered (no right to it) does not fail the task; its result says why in C(msg) and has no
    C(resources).
options:
  queries:
    description: What to read, each with options of M(kubernetes.core.k8s_info).
    type: list
    elements: dict
    default: []
    suboptions:
      api_version:
        description: API version of the kind.
        type: str
        default: v1
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
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
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
      - {kind: Secret, name: system-seed, namespace: 3scale}
      - {kind: Service, namespace: llm-hosting}
  register: look
  no_log: true
"""

RETURN = r"""
results:
  description: One for each question, in their order.
  returned: success
  type: list
  elements: dict
  contains:
    resources:
      description: The objects; missing when they could not be read.
      type: list
      elements: dict
    msg:
      description: Why they could not be read.
      type: str
objects:
  description: All objects that were read, with C(changed) as O(rhai.maas.k8s_wait#module:known) takes them.
  returned: success
  type: list
  elements: dict
"""

import copy
from typing import Any

from ansible_collections.kubernetes.core.plugins.module_utils.ansiblemodule import AnsibleModule
from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.client import get_api_client
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.core import AnsibleK8SModule
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.exceptions import CoreException
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.service import K8sService

QUERY: dict[str, Any] = {
    "api_version": {"type": "str", "default": "v1"},
    "kind": {"type": "str", "required": True},
    "name": {"type": "str"},
    "namespace": {"type": "str"},
    "label_selectors": {"type": "list", "elements": "str", "default": []},
}


def _spec() -> dict[str, Any]:
    queries = {"type": "list", "elements": "dict", "default": [], "options": QUERY}
    return {**copy.deepcopy(AUTH_ARG_SPEC), "queries": queries}


def _answer(service: Any, query: dict[str, Any]) -> dict[str, Any]:
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
    """Runs the module."""
    module = AnsibleK8SModule(module_class=AnsibleModule, argument_spec=_spec(), supports_check_mode=True)
    try:
        service = K8sService(get_api_client(module=module), module)
        results = [_answer(service, query) for query in module.params["queries"]]
        objects = [item for result in results for item in result.get("resources") or []]
        module.exit_json(changed=False, results=results, objects=objects)
    except CoreException as error:
        module.fail_from_exception(error)


if __name__ == "__main__":
    main()
