# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jinja filters that turn the catalogue into the wanted state of each system; the work is done in module_utils."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Callable

from ansible.errors import AnsibleFilterError
from ansible.utils.unsafe_proxy import wrap_var

from ansible_collections.rhai.maas.plugins.module_utils.catalogue import (
    common,
    images,
    imports,
    portal,
    runtimes,
    serving,
    threescale,
    truth,
    versions,
)
from ansible_collections.rhai.maas.plugins.module_utils.catalogue import entries as base
from ansible_collections.rhai.maas.plugins.module_utils.cluster import preflight, sign_on
from ansible_collections.rhai.maas.plugins.module_utils.cluster.state import judge
from ansible_collections.rhai.maas.plugins.module_utils.threescale import manifests


def _plain(value: Any) -> Any:
    """A copy in plain containers: the catalogue must not change, nor hand on, what the inventory holds."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _guard(function: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            made = function(*(_plain(item) for item in args), **{key: _plain(item) for key, item in kwargs.items()})
        except common.CatalogueError as error:
            raise AnsibleFilterError(str(error)) from error
        return wrap_var(
            made
        )  # before ansible-core 2.19 braces in a result (those of a snippet) would be read as templates

    return guarded


def _catalogue(models: Any, plans: Any, tenant: str = "maas") -> Any:
    return base.catalogue(models, plans, tenant)


def _faults(models: Any, plans: Any, settings: Any) -> list[str]:
    tenant = str(settings.get("tenant") or "maas")
    wrong = base.faults(models, plans, tenant)
    if wrong:
        return wrong
    entries = base.catalogue(models, plans, tenant)
    wrong += threescale.faults(entries, {**settings, "plans": plans}) if "credentials_location" in settings else []
    wrong += serving.faults(entries, settings) if "runtimes" in settings else []
    wrong += imports.faults(entries)
    return wrong


def _lost_objects(resources: Any) -> list[dict[str, Any]]:
    return [
        {
            "apiVersion": item["apiVersion"],
            "kind": item["kind"],
            "metadata": {key: item["metadata"][key] for key in ("name", "namespace") if key in item["metadata"]},
        }
        for item in resources
        if judge(item).failed
    ]


def _secret_objects(secrets: Any, namespace: str) -> list[dict[str, Any]]:
    return [
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name, "namespace": namespace},
            "type": "Opaque",
            "data": {key: base64.b64encode(str(text).encode()).decode() for key, text in held.items()},
        }
        for name, held in secrets.items()
    ]


def _most_allocatable(nodes: Any, resource: str) -> int:
    counts = [((node.get("status") or {}).get("allocatable") or {}).get(resource, 0) for node in nodes or []]
    return max((int(count) for count in counts), default=0)


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Returns the filters by name."""
        return {
            "catalogue": _guard(_catalogue),
            "catalogue_faults": _guard(_faults),
            "serving_runtimes": _guard(runtimes.serving_runtimes),
            "serving_objects": _guard(serving.serving_objects),
            "import_jobs": _guard(imports.import_jobs),
            "threescale_objects": _guard(threescale.threescale_objects),
            "most_allocatable": _guard(_most_allocatable),
            "preflight_faults": _guard(preflight.faults),
            "gpu_wishes": _guard(serving.gpu_wishes),
            "image_wishes": _guard(images.image_wishes),
            "sso_faults": _guard(sign_on.sso_faults),
            "older_policies": _guard(versions.older_policies),
            "unused_policies": _guard(versions.unused_policies),
            "policy_definitions": _guard(versions.policy_definitions),
            "policy_secrets": _guard(versions.policy_secrets),
            "metering_queries": _guard(truth.metering_queries),
            "produced_by_prometheus": _guard(truth.produced_by_prometheus),
            "produced_by_servers": _guard(truth.produced_by_servers),
            "stored_tokens": _guard(truth.stored_tokens),
            "metering_report": _guard(truth.metering_report),
            "model_addresses": _guard(threescale.model_addresses),
            "lost_objects": _guard(_lost_objects),
            "policy_faults": _guard(manifests.policy_faults),
            "secret_objects": _guard(_secret_objects),
            "portal_models": _guard(portal.portal_models),
        }
