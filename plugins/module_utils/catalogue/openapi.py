# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""An OpenAPI 3.0 document for a model's endpoints. Pure, no I/O."""

from __future__ import annotations

from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.bodies import body_of
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.common import Entry

Schema = dict[str, Any]


def document(model: Entry, server: str, refused: str = "401") -> Entry:
    """Describes the model behind its gateway.

    :param model: ``title, description, endpoints, served_name``; an endpoint's own ``model`` is named in its example
    :param server: production address of the product; absolute, since 3scale refuses relative ones
    :param refused: the status of a call without a good key
    """
    paths: dict[str, Any] = {}
    for endpoint in model["endpoints"]:
        paths.setdefault(endpoint["path"], {})[endpoint["method"].lower()] = _operation(endpoint, model, refused)
    return {
        "openapi": "3.0.2",
        "info": {
            "title": model["title"],
            "version": "1.0.0",
            "description": model["description"] or f"{model['title']} behind the API gateway.",
        },
        "servers": [{"url": server}],
        "security": [{"key": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The API key of your application, as Authorization: Bearer KEY",
                }
            }
        },
    }


def _operation(endpoint: Entry, model: Entry, refused: str) -> Entry:
    operation: Entry = {
        "operationId": endpoint["name"],
        "summary": endpoint["title"],
        "responses": {
            "200": {"description": "The answer"},
            refused: {"description": "The key is missing, wrong or suspended"},
            "429": {"description": "A limit of the plan is reached; Retry-After says when to try again"},
        },
    }
    served = str(endpoint.get("model") or model["served_name"])
    body = body_of(endpoint["name"], served, str(endpoint.get("program")))
    if body:
        operation["requestBody"] = {"required": True, "content": body}
    return operation
