# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""What a backend is: a table only."""

from __future__ import annotations

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field, Resource
from ansible_collections.rhai.maas.plugins.module_utils.threescale.metrics import (
    METHOD_FIELDS,
    METRIC_FIELDS,
    RULE_FIELDS,
)

BACKEND_FIELDS: dict[str, Field] = {
    "system_name": Field(required=True, create_only=True),
    "name": Field(form="text", initial_from="system_name", shape="not empty"),
    "private_endpoint": Field(form="url"),
    "state": Field(choices=("present", "absent"), default="present", local=True),
    "prune": Field(type="bool", default=False, local=True),
    "keep_unlisted": Field(type="list", elements="str", choices=("metrics", "methods"), local=True),
    "description": Field(form="text"),
    "annotations": Field(type="dict", form="notes", since="2.16"),
    "metrics": Field(type="list", elements="dict", options=METRIC_FIELDS, local=True),
    "methods": Field(type="list", elements="dict", options=METHOD_FIELDS, local=True),
    "mapping_rules": Field(type="list", elements="dict", options=RULE_FIELDS, local=True),
}
BACKEND = Resource(
    "backend",
    "/admin/api/backend_apis",
    "backend_api",
    "backend_api",
    "backend_apis",
    ("system_name",),
    BACKEND_FIELDS,
    page=500,
)
