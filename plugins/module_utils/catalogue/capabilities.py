# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""What a model can beside its task, by how it is served and never by its name. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.common import Entry, names

CAPABILITIES = ("tools", "json", "vision", "reasoning")
#: flags of a server that switch something on, by its program
_FLAGS: dict[str, dict[str, str]] = {
    "vllm": {
        "--enable-auto-tool-choice": "tools",
        "--limit-mm-per-prompt": "vision",
        "--reasoning-parser": "reasoning",
    },
    "llamacpp": {"--jinja": "tools", "--mmproj": "vision"},
}
#: programs that keep an answer to a JSON schema without any flag
_JSON = ("vllm", "llamacpp")
#: what the collection's own runtimes are started with, where nobody says otherwise
_USUAL: dict[str, tuple[str, ...]] = {"llamacpp": ("--jinja",)}


def capabilities_of(model: Entry, runtimes: Mapping[str, Any]) -> list[str]:
    """What a model can, of ``CAPABILITIES``: what its card says, else what its server is started with.

    :param model: an entry of ``entries.catalogue``
    :param runtimes: ``model_serving_runtimes``, as far as it is known here
    """
    declared = model["card"].get("capabilities")
    if declared is not None:
        return [name for name in CAPABILITIES if name in declared]
    program = model["program"]
    if model["task"] != "chat" or not model["serving"] or program not in _FLAGS:
        return []
    given = {_flag(argument) for argument in _arguments(model["serving"], program, runtimes)}
    found = {ability for flag, ability in _FLAGS[program].items() if flag in given}
    if program in _JSON:
        found.add("json")
    if "--no-enable-auto-tool-choice" in given or "--no-jinja" in given:
        found.discard("tools")
    return [name for name in CAPABILITIES if name in found]


def _arguments(serving: Mapping[str, Any], program: str, runtimes: Mapping[str, Any]) -> Iterable[Any]:
    runtime = runtimes.get(serving.get("runtime") or program)
    yield from (runtime.get("args") or []) if isinstance(runtime, Mapping) else _USUAL.get(program, ())
    yield from serving.get("args") or []


def _flag(argument: Any) -> str:
    """``--flag=value`` and ``--flag value`` are the flag; it may be written with ``_``."""
    first = str(argument).split("=", 1)[0].split(" ", 1)[0]
    return first.replace("_", "-")


def faults_of_card(card: Any) -> Iterable[str]:
    """What is wrong with a card's capabilities and dimensions, one sentence each."""
    if not isinstance(card, Mapping):
        return
    given = card.get("capabilities")
    if given is not None and not (isinstance(given, (list, tuple)) and set(given) <= set(CAPABILITIES)):
        yield f"card.capabilities must be a list of {names(CAPABILITIES)}, not {given!r}"
    dimensions = card.get("dimensions")
    if dimensions is not None and not str(dimensions).isdigit():
        yield f"card.dimensions must be a whole number, not {dimensions!r}"
