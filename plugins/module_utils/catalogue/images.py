# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""Which images the models need. Pure, no I/O; takes what ``entries.catalogue`` returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.common import Entry
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.serving import image_for


def image_wishes(models: Sequence[Entry], settings: Mapping[str, Any]) -> list[dict[str, str]]:
    """Each image once, with the variable that names it.

    :param settings: ``runtimes``, ``gpu_resource``, ``nodes``; ``import_image`` and ``workbench_image``, empty where
        nothing is imported or there is no workbench
    """
    runtimes = settings.get("runtimes") or {}
    served = [model["serving"] for model in models if model["serving"] and model["serving"]["runtime"] in runtimes]
    found = {
        image_for(serving, runtimes, settings): (
            f"{runtimes[serving['runtime']].get('image_of', 'model_serving_runtimes')}.{serving['runtime']}"
        )
        for serving in served
    }
    if any(model["source"] for model in models):
        found[str(settings.get("import_image") or "")] = "model_serving_import_image"
    found[str(settings.get("workbench_image") or "")] = "model_serving_workbench_image"
    return [{"image": image, "variable": variable} for image, variable in found.items() if image]
