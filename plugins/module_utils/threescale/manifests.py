# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Manifests of custom policies (``apicast-policy.json``): what a gateway would not start with, or would not load."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

# Folders of the policies that APIcast brings along, in 2.15 and 2.16 alike.
BUILTIN = frozenset(
    [
        "3scale_batcher",
        "3scale_referrer",
        "apicast",
        "caching",
        "camel",
        "clear_context",
        "conditional",
        "content_caching",
        "cors",
        "custom_metrics",
        "default_credentials",
        "echo",
        "find_service",
        "grpc",
        "headers",
        "http_proxy",
        "ip_check",
        "jwt_claim_check",
        "keycloak_role_check",
        "liquid_context_debug",
        "load_configuration",
        "local_chain",
        "logging",
        "maintenance_mode",
        "management",
        "nginx_filters",
        "nginx_metrics",
        "oauth_mtls",
        "on_failed",
        "payload_limits",
        "phase_logger",
        "rate_limit",
        "rate_limit_headers",
        "request_unbuffered",
        "retry",
        "rewrite_url_captures",
        "routing",
        "soap",
        "standalone",
        "statuscode_overwrite",
        "tls",
        "tls_validation",
        "token_introspection",
        "upstream",
        "upstream_connection",
        "upstream_mtls",
        "url_rewriting",
        "websocket",
    ]
)
LONGEST_SUMMARY = 75
_NEEDED = ("name", "version", "summary", "configuration")


def order_faults(manifest: Mapping[str, Any], name: str) -> list[str]:
    """Why ``order`` ends every gateway that finds the manifest (docs/threescale-behaviour.md#policy-order).

    ``name``: the policy's folder. The gateway looks up who is to stand first among its own policies alone.
    """
    order = manifest.get("order")
    if not isinstance(order, Mapping):
        return []
    found = []
    if order.get("before") and name not in BUILTIN:
        found.append(
            'has order.before, at which every gateway ends when it starts ("table index is nil"). Take it out: '
            "the policy's place is where the product's chain has it"
        )
    for other in order.get("after") or []:
        other = other if isinstance(other, Mapping) else {}
        if other.get("name") not in BUILTIN or not other.get("version"):
            found.append(
                f"has order.after with '{other.get('name')}', at which every gateway ends when it starts (\"table "
                'index is nil"): only policies of APIcast itself may stand there, with a version'
            )
    return found


def manifest_faults(manifest: Any, name: str, version: str) -> list[str]:
    """Everything that is wrong with the manifest of the policy in ``name/version``; each ends a sentence."""
    if not isinstance(manifest, Mapping):
        return ["is not a JSON object"]
    lacking = [key for key in _NEEDED if key not in manifest]
    found = [f"lacks {', '.join(lacking)}"] if lacking else []
    if "version" in manifest and manifest["version"] != version:
        found.append(f"has the version '{manifest['version']}' and must have '{version}', else no gateway loads it")
    if len(str(manifest.get("summary", ""))) > LONGEST_SUMMARY:
        found.append(f"has a summary of {len(str(manifest['summary']))} characters, the most is {LONGEST_SUMMARY}")
    if not isinstance(manifest.get("configuration", {}), Mapping):
        found.append("has a configuration that is not a JSON schema")
    return found + order_faults(manifest, name)


def _read(policy: Mapping[str, Any]) -> list[str]:
    if "init.lua" not in policy["files"]:
        return ["there is no init.lua"]
    if "apicast-policy.json" not in policy["files"]:
        return ["there is no apicast-policy.json"]
    try:
        manifest = json.loads(policy["manifest"])
    except ValueError as error:
        return [f"apicast-policy.json is not JSON ({error}), at which every gateway ends when it starts"]
    return [f"apicast-policy.json {text}" for text in manifest_faults(manifest, policy["name"], policy["version"])]


def policy_faults(policy: Mapping[str, Any], option: str) -> list[str]:
    """One sentence for each fault of a policy about to be given to the gateways.

    ``policy``: ``{name, version, folder, files, manifest}``, names of the folder's files and the manifest's text.
    """
    return [f"{option}.folder: {policy['folder']}: {text}." for text in _read(policy)]
