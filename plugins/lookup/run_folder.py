# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder for temporary files that goes with the run, however it ends."""

from __future__ import annotations

from typing import Any

from ansible import constants
from ansible.plugins.lookup import LookupBase


class LookupModule(LookupBase):  # type: ignore[misc]
    """Takes no terms."""

    def run(self, terms: list[Any], variables: Any = None, **kwargs: Any) -> list[str]:  # noqa: ARG002
        """Returns the path (Ansible's own contract). Lookup ``config`` would make another folder, which stays."""
        return [str(constants.DEFAULT_LOCAL_TMP)]
