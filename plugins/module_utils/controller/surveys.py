# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""Questions of a survey, which offer what the inventory lists. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.endpoints import ENDPOINTS
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.entries import catalogue
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.offers import offers

#: names of what can be chosen, by the word that stands for it in the table of errands
Choices = Mapping[str, Sequence[str]]


def choices(settings: Mapping[str, Any]) -> Choices:
    """What the inventory lists: ``tasks`` of models, ``products`` (those of single models too) and ``plans``.

    :param settings: ``models``, ``plans``, ``products`` as in ``maas_models`` and so on, ``tenant``
    :raises CatalogueError: with every fault of them
    """
    sold = offers(catalogue(settings["models"], settings["plans"], settings["tenant"]), settings)
    return {
        "tasks": list(ENDPOINTS),
        "products": [offer["system_name"] for offer in sold],
        "plans": [str(plan["name"]) for plan in settings["plans"]],
    }


def question(known: Choices, item: Mapping[str, Any]) -> dict[str, Any]:
    """One question of a survey, as the platform stores it; choices that are a word become what the inventory lists.

    A default answers for who starts the job without an answer: the platform takes it only where none is required.
    """
    listed = item.get("choices")
    asked = {
        "question_name": item["question"],
        "question_description": item.get("hint", ""),
        "variable": item["variable"],
        "type": item["type"],
        "required": item.get("required", "default" not in item),
    }
    names = known[listed] if isinstance(listed, str) else listed
    if isinstance(listed, str) and not names:  # nothing to choose from yet
        return {**asked, "type": "text"}
    given = {key: item[key] for key in ("min", "max", "default") if key in item}
    return {**asked, **given, **({"choices": list(names)} if names else {})}
