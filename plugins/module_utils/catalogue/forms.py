# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""What stands in a catalogue is of the form that everything below takes it to be, or refused in a sentence. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.common import Entry

_MAPPINGS = ("source", "serving", "endpoints", "card")
_TEXTS = ("name", "runtime", "file")
_WHOLE = ("gpus", "max_model_len")
_NAMES = ("open", "remove", "uncounted")


def given(values: Any) -> Entry:
    """A mapping without what is empty (null): that means "as usual"."""
    return {name: value for name, value in (values or {}).items() if value is not None}


def faults_of_forms(raw: Mapping[str, Any], where: str) -> Iterable[str]:
    """What is of another form in an entry, one sentence each."""
    for key in _MAPPINGS:
        if raw.get(key) is not None and not isinstance(raw[key], Mapping):
            yield f"{where}: {key} must be a mapping, not {raw[key]!r}"
    serving = raw["serving"] if isinstance(raw.get("serving"), Mapping) else {}
    for key in _TEXTS:
        if serving.get(key) is not None and not isinstance(serving[key], str):
            yield f"{where}: serving.{key} must be a text, not {serving[key]!r}"
    for key in _WHOLE:
        if serving.get(key) is not None and not _whole(serving[key]):
            yield f"{where}: serving.{key} must be a whole number from 0, not {serving[key]!r}"
    if serving.get("args") is not None and not isinstance(serving["args"], list):
        yield f"{where}: serving.args must be a list of arguments, not {serving['args']!r}"
    chosen = raw["endpoints"] if isinstance(raw.get("endpoints"), Mapping) else {}
    for key in _NAMES:
        if chosen.get(key) is not None and not _texts(chosen[key]):
            yield f"{where}: endpoints.{key} must be a list of names, not {chosen[key]!r}"
    yield from _faults_of_lists(raw, chosen, where)


def _faults_of_lists(raw: Mapping[str, Any], chosen: Mapping[str, Any], where: str) -> Iterable[str]:
    for key, value in (("policies", raw.get("policies")), ("endpoints.add", chosen.get("add"))):
        if value is not None and not (isinstance(value, list) and all(isinstance(item, Mapping) for item in value)):
            yield f"{where}: {key} must be a list of mappings, not {value!r}"
            continue
        for item in value or []:
            if item.get("name") is not None and not isinstance(item["name"], str):
                yield f"{where}: {key}: name must be a text, not {item['name']!r}"
            if item.get("configuration") is not None and not isinstance(item["configuration"], Mapping):
                yield f"{where}: {key}: configuration must be a mapping, not {item['configuration']!r}"


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _whole(value: Any) -> bool:
    """Whether it is a whole number; templates give them as texts."""
    text = str(value)
    return not isinstance(value, (bool, float)) and text.isascii() and text.isdigit() and len(text) < 19
