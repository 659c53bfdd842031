# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Jinja filter that turns the table of errands into the objects of the automation platform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.common import CatalogueError
from ansible_collections.rhai.maas.plugins.module_utils.controller.objects import platform_objects


def _objects(errands: list[Mapping[str, Any]], settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    try:
        return platform_objects(settings, errands)
    except CatalogueError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Returns name and function (Ansible's own contract)."""
        return {"controller_objects": _objects}
