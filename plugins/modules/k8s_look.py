#!/usr/bin/python

# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: k8s_look
short_description: Look at many kinds of a cluster, and at one's rights, in one call
version_added: 0.1.0
author: The rhai.maas maintainers (@rhai)
description:
  - Reads objects of many kinds over one connection, tells which kinds the cluster knows, and asks the API server which
    of the given rights the account lacks (SelfSubjectRulesReview, SelfSubjectAccessReview).
  - Which cluster is meant is said as for the modules of C(kubernetes.core), by the environment -
    E(K8S_AUTH_KUBECONFIG), or E(K8S_AUTH_HOST), E(K8S_AUTH_API_KEY) and E(K8S_AUTH_SSL_CA_CERT).
  - Changes nothing. The values of Secrets are never returned.
requirements:
  - kubernetes
options:
  queries:
    description: What to read.
    type: list
    elements: dict
    default: []
    suboptions:
      as:
        description: Name of its answer in RV(found). Queries of one name are answered together.
        type: str
        required: true
      api_version:
        description: Group and version.
        type: str
        default: v1
      kind:
        description: Kind.
        type: str
        required: true
      namespace:
        description: Where; everywhere if left out.
        type: str
      name:
        description: Name of the only one that is meant.
        type: str
  kinds:
    description: Kinds that the cluster may know or not, each with C(api_version) and C(kind).
    type: list
    elements: dict
    default: []
  grants:
    description:
      - Rights that are asked for. Each entry has C(rules) of a ClusterRole, and C(places), which names for each group
        (or group/resource) the namespaces where it is needed, with an empty name for the whole cluster.
    type: list
    elements: dict
    default: []
attributes:
  check_mode:
    description: It changes nothing.
    support: full
  diff_mode:
    description: It changes nothing.
    support: none
seealso:
  - module: kubernetes.core.k8s_info
"""

EXAMPLES = r"""
- name: Look whether Jobs may be made, and which storage classes there are
  rhai.maas.k8s_look:
    queries:
      - {as: classes, api_version: storage.k8s.io/v1, kind: StorageClass}
    grants:
      - rules:
          - {apiGroups: [batch], resources: [jobs], verbs: [create]}
        places:
          batch: [llm-hosting]
"""

RETURN = r"""
found:
  description: The objects by the names of O(queries[].as); V(false) in place of a list where they could not be read.
  returned: success
  type: dict
  sample: {"classes": [{"kind": "StorageClass", "metadata": {"name": "fast"}}]}
apis:
  description: Of O(kinds) those that the cluster knows, by version.
  returned: success
  type: dict
  sample: {"v1": ["Pod"]}
denied:
  description: The rights that the account lacks, each as group, resource, verb, namespace and name.
  returned: success
  type: list
  elements: list
  sample: [["batch", "jobs", "create", "llm-hosting", ""]]
"""

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collections.rhai.maas.plugins.module_utils.cluster.look import Look
from ansible_collections.rhai.maas.plugins.module_utils.cluster.rights import wanted

try:
    from ansible_collections.kubernetes.core.plugins.module_utils.k8s.client import get_api_client

    HAS_CLIENT = True
except ImportError:
    HAS_CLIENT = False

QUERY = {
    "as": {"type": "str", "required": True},
    "api_version": {"type": "str", "default": "v1"},
    "kind": {"type": "str", "required": True},
    "namespace": {"type": "str"},
    "name": {"type": "str"},
}


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "queries": {"type": "list", "elements": "dict", "default": [], "options": QUERY},
            "kinds": {"type": "list", "elements": "dict", "default": []},
            "grants": {"type": "list", "elements": "dict", "default": []},
        },
        supports_check_mode=True,
    )
    if not HAS_CLIENT:
        module.fail_json(msg=missing_required_lib("kubernetes.core (collection) with kubernetes"))
    params = module.params
    try:
        look = Look(get_api_client())
        found = {
            "apis": look.knows(params["kinds"]),
            "denied": look.denied(wanted(params["grants"])),
            "found": look.found(params["queries"]),
        }
    except Exception as error:  # pylint: disable=broad-except  # of the client's libraries: each has its own
        module.fail_json(msg=f"{type(error).__name__}: {error}")
    module.exit_json(changed=False, **found)


if __name__ == "__main__":
    main()
