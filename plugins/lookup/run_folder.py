# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder for temporary files that goes with the run, however it ends."""

from __future__ import annotations

DOCUMENTATION = r"""
name: run_folder
short_description: Folder for temporary files that goes with the run
version_added: 0.2.0
author: The rhai.maas maintainers (@rhai)
description:
  - The folder on the control node that Ansible makes for itself when it starts and removes when it ends, after a
    failure too. Nobody else may read it.
"""

EXAMPLES = r"""
- name: Make a folder that is gone when the run is
  ansible.builtin.tempfile:
    state: directory
    path: "{{ lookup('rhai.maas.run_folder') }}"
  delegate_to: localhost
"""

RETURN = r"""
_raw:
  description: One path.
  type: list
  elements: path
"""

from typing import Any  # noqa: E402

from ansible import constants  # noqa: E402
from ansible.plugins.lookup import LookupBase  # noqa: E402


class LookupModule(LookupBase):  # type: ignore[misc]
    """Takes no terms."""

    def run(self, terms: list[Any], variables: Any = None, **kwargs: Any) -> list[str]:  # noqa: ARG002
        """Returns the path (Ansible's own contract). Lookup ``config`` would make another folder, which stays."""
        return [str(constants.DEFAULT_LOCAL_TMP)]
