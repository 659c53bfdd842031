# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of what stands between a plan and its first write, shared by all modules that keep something."""

from __future__ import annotations


class ModuleDocFragment:
    """Options about the plan of a run."""

    DOCUMENTATION = r"""
options:
  allow_removals:
    description:
      - How many objects may be removed because they are not listed.
      - Without it, a run that would remove more than five of them, and more than a fifth of their lists, stops before
        the first write. What is removed by name (V(absent)) doesn't count.
    type: int
  saved_plan:
    description:
      - The C(plan) that an earlier run returned in check mode. This run does exactly that, or stops before the first
        write when something changed meanwhile and something else would be done.
      - Give the other options as they were for that run; a plan holds no secrets, so it can't be carried out alone.
    type: list
    elements: dict
notes:
  - Returns C(plan), the operations of the run as data, each with C(action), C(noun), C(key), C(before), C(after)
    and C(after_steps), the places of the operations that it waits for.
"""
