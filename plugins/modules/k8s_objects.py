# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: k8s_objects
short_description: Keep a list of cluster objects, in check mode also before their parents are there
version_added: 0.1.0
author: The rhai.maas maintainers (@rhai)
description:
  - Hands a list of objects to M(kubernetes.core.k8s) as it is, in one call. The change, the dry run, the comparison are
    that module's and the API server's.
  - It differs in how it reads the answer of a dry run. A namespace that the same run would make is not there in check
    mode, so the server refuses the objects in it. Such objects are reported as created, with the definition as the
    diff, and are named in RV(planned). Every other refusal stays an error.
  - A refusal of the server becomes one sentence. Values of Secrets are masked in the diff.
options:
  definition:
    description: The objects, complete with C(apiVersion), C(kind) and C(metadata).
    type: list
    elements: dict
    required: true
  state:
    description: As in M(kubernetes.core.k8s).
    type: str
    default: present
    choices: [absent, present, patched]
  planned_kinds:
    description:
      - Kinds whose definitions an operator brings that the same run installs. Only for these is an unknown kind no
        error in check mode.
    type: list
    elements: str
    default: []
  follows:
    description:
      - That the change is only the consequence of others in the same run, such as an annotation of an object that an
        operator makes. It is then never held against an approved plan.
    type: bool
    default: false
  part_of:
    description:
      - The system that can't do without the objects. Where it did not run yet when a plan was approved, they are not
        held against that plan, as nothing of the system is.
    type: str
    choices: [Keycloak, 3scale, portal]
  kubeconfig:
    description: As in M(kubernetes.core.k8s), and so are all its other options, which are handed on.
    type: raw
attributes:
  check_mode:
    description: The server's own dry run; what can't be asked there is shown from the plan.
    support: full
  diff_mode:
    description: Shows each object that would change.
    support: full
seealso:
  - module: kubernetes.core.k8s
  - module: rhai.maas.k8s_wait
"""

EXAMPLES = r"""
- name: Ensure a namespace and a claim in it
  rhai.maas.k8s_objects:
    definition:
      - apiVersion: v1
        kind: Namespace
        metadata:
          name: llm-hosting
      - apiVersion: objectbucket.io/v1alpha1
        kind: ObjectBucketClaim
        metadata:
          name: models
          namespace: llm-hosting
        spec:
          generateBucketName: models
          storageClassName: ocs-storagecluster-ceph-rgw

- name: Remove the claim
  rhai.maas.k8s_objects:
    state: absent
    definition:
      - apiVersion: objectbucket.io/v1alpha1
        kind: ObjectBucketClaim
        metadata:
          name: models
          namespace: llm-hosting
"""

RETURN = r"""
objects:
  description: The objects as the server holds them, or as they are planned.
  returned: success
  type: list
  elements: dict
planned:
  description: Titles of the objects that could not be asked of the server because their parent is only planned.
  returned: success
  type: list
  elements: str
  sample: ["ObjectBucketClaim llm-hosting/models"]
"""
