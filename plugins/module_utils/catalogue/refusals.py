# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""What the gateway answers when it refuses: errors in the form that clients of OpenAI understand. Pure, no I/O.

The texts are fixed for each product: the proxy knows which of four things is wrong, and no more. 3scale keeps 255
characters of each, of a small alphabet (docs/threescale-behaviour.md#proxies-error-texts), so the longest wording that
fits is taken.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.common import CatalogueError, Entry
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.offers import endpoints_of

LONGEST = 255
_TAKEN = re.compile(r"^[{}\[\]\d,.;@#~%&()?\w\"= /\\:-]+$", re.ASCII)
_JSON = "application/json"
_INVALID = "invalid_request_error"


def refusals(endpoints: Sequence[Entry], settings: Mapping[str, Any]) -> Entry:
    """The ``error_*`` settings of a product's proxy; empty where ``openai_errors`` is off.

    :param endpoints: those that the product answers to
    :param settings: ``openai_errors``, ``portal_url``
    :raises CatalogueError: when the portal's address leaves no room
    """
    if not settings.get("openai_errors"):
        return {}
    portal = str(settings.get("portal_url") or "")
    keys = f" Your keys: {portal}" if portal else ""
    plans = f" Your plan: {portal}" if portal else ""
    paths = ", ".join(dict.fromkeys(str(item["path"]) for item in endpoints))
    found: Entry = {}
    found.update(_refusal("auth_missing", 401, _INVALID, "invalid_api_key", [f"No API key provided.{keys}"]))
    found.update(_refusal("auth_failed", 401, _INVALID, "invalid_api_key", [f"Incorrect API key provided.{keys}"]))
    nowhere = [
        f"Unknown path or method; there are {paths}. Base addresses of clients end in /v1.{keys}",
        f"Unknown path; there are {paths}. Base addresses of clients end in /v1.",
        f"Unknown path. Base addresses of clients end in /v1.{keys}",
    ]
    found.update(_refusal("no_match", 404, _INVALID, "not_found", nowhere))
    over = [f"A limit of your plan is reached; see Retry-After.{plans}"]
    found.update(_refusal("limits_exceeded", 429, "rate_limit_error", "rate_limit_exceeded", over))
    return found


def _refusal(name: str, status: int, kind: str, code: str, wordings: Sequence[str]) -> Entry:
    for message in wordings:
        body = {"error": {"message": message, "type": kind, "param": None, "code": code}}
        text = json.dumps(body, separators=(",", ":"))
        if len(text) <= LONGEST and _TAKEN.match(text):
            return {f"error_{name}": text, f"error_status_{name}": status, f"error_headers_{name}": _JSON}
    raise CatalogueError(
        f"threescale_portal_url does not fit into the text of an error, of which 3scale keeps {LONGEST} plain "
        f"characters ({wordings[-1]!r}); give a shorter address, or set threescale_openai_errors to false"
    )


def errors_configuration(offer: Entry, settings: Mapping[str, Any]) -> Entry:
    """What ``openai-errors`` is told for a product: its texts may be longer, and name what was hit."""
    configuration: Entry = {"paths": list(dict.fromkeys(str(item["path"]) for item in endpoints_of(offer)))}
    if settings.get("portal_url"):
        configuration["portal"] = str(settings["portal_url"])
    if settings.get("usage_policy"):
        configuration["token_metric"] = "total_tokens"
    return configuration
