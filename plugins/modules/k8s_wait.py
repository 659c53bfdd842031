# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: k8s_wait
short_description: Wait until cluster objects are ready, or one of them is lost
version_added: 0.1.0
author: The rhai.maas maintainers (@rhai)
description:
  - Reads objects of one kind with M(kubernetes.core.k8s_info) until all of them are ready, one of them says that
    waiting does not help, or the time is up. Tells what it waits for whenever that changes.
  - What ready and lost mean is known for each kind that this collection makes (phases, conditions, the generation that
    was observed, replicas); an object of another kind is ready when it exists.
  - When it fails, the message names the object, what it says of itself, and the O(hint).
options:
  api_version:
    description: API version of the kind.
    type: str
    default: v1
  kind:
    description: Kind of the objects.
    type: str
    required: true
  names:
    description: >-
      Names of the objects that must be ready. Without names all that match; for an empty list there is no wait.
    type: list
    elements: str
  known:
    description:
      - The result of the M(rhai.maas.k8s_objects) task that ensured the objects. When it changed nothing and found
        all of them ready, they are not read again.
    type: dict
  namespace:
    description: Where they are.
    type: str
  label_selectors:
    description: Which of them, where O(names) is not given.
    type: list
    elements: str
  count:
    description: How many must be there at least, where O(names) is not given.
    type: int
    default: 1
  holds:
    description:
      - Keys that each object (a Secret or ConfigMap) must hold. The value is null (any), a text, or a mapping that the
        value, read as JSON, must contain.
    type: dict
  contains:
    description: >-
      By an object's name, a part of it that must be there before it counts as ready, such as an annotation of the
      revision that is waited for. Lists are compared as a whole.
    type: dict
  condition:
    description: >-
      A condition that is enough, where the kind as a whole says more than is waited for. An object without it has to
      be ready as a whole.
    type: str
  timeout:
    description: Seconds after which it gives up.
    type: int
    default: 300
  interval:
    description: Seconds between two readings at most; the first ones follow each other after 1, 2, 4 … seconds.
    type: float
    default: 3
  grace:
    description: Seconds for which an object may call itself failed and still recover.
    type: int
    default: 0
  explain:
    description: A query of M(kubernetes.core.k8s_info) for other objects (the Pods, say) that explain a failure.
    type: dict
  pods:
    description:
      - Which Pods do the work, as options of M(kubernetes.core.k8s_info), such as O(label_selectors). They are looked
        at with each reading. What waiting does not mend ends the wait with their last lines and what to do -
        CrashLoopBackOff, ImagePullBackOff, Unschedulable, volumes that can't be mounted, quotas that are exceeded.
    type: dict
  progress:
    description: Whether the last line that each of O(pods) wrote is told while it waits.
    type: bool
    default: false
  patience:
    description: >-
      Seconds for which such a trouble may last, by its reason. Where nodes come by themselves, give V(Unschedulable)
      the time that they take.
    type: dict
  hint:
    description: What to do when it fails, in one sentence, with the variable's name.
    type: str
  kubeconfig:
    description: As in M(kubernetes.core.k8s_info), and so are all its other options, which are handed on.
    type: raw
attributes:
  check_mode:
    description: Reads once, does not wait and does not fail for objects that are only planned.
    support: full
  diff_mode:
    description: It changes nothing.
    support: none
seealso:
  - module: kubernetes.core.k8s_info
  - module: rhai.maas.k8s_objects
"""

EXAMPLES = r"""
- name: Wait for the bucket claim
  rhai.maas.k8s_wait:
    api_version: objectbucket.io/v1alpha1
    kind: ObjectBucketClaim
    names: [models]
    namespace: llm-hosting
    timeout: 300
    hint: Does the storage class named by model_serving_bucket_storage_class exist?
"""

RETURN = r"""
ready:
  description: Whether all objects are ready; false only in check mode.
  returned: success
  type: bool
resources:
  description: The objects as read last; the values of Secrets only where the task has C(no_log).
  returned: success
  type: list
  elements: dict
"""
