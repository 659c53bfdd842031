# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Changes made visible: Ansible's diff and the change list, with secrets cut out on both sides. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Change, Ref
from ansible_collections.rhai.maas.plugins.module_utils.engine.secrets import HIDDEN, hide

__all__ = ["CHANGED", "HIDDEN", "as_yaml", "diff", "operations", "plain", "summary", "title"]

try:
    import yaml

    HAS_YAML = True

    class _Dumper(yaml.SafeDumper):
        """Texts of several lines as they are, not quoted: a diff of a template shows its lines."""

    def _lines(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
        style = "|" if "\n" in value else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    _Dumper.add_representer(str, _lines)
except ImportError:  # the target has no PyYAML: JSON is YAML too
    HAS_YAML = False

CHANGED = "(secret, changed)"


def diff(changes: Iterable[Change], known: Collection[str] = ()) -> list[dict[str, str]]:
    """Ansible's diff: one entry for each change, before and after as YAML of what differs. ``known`` are secrets."""
    return [_entry(change, known) for change in changes]


def operations(changes: Sequence[Change], known: Collection[str] = ()) -> list[dict[str, Any]]:
    """The plan as data that JSON can hold: what happens to which object, from what to what, and after which others.

    ``after_steps`` are places in this list, from 0.
    """
    places = {change: place for place, change in enumerate(changes)}
    listed = []
    for change in changes:
        before, after = _cut(change, known)
        listed.append(
            {
                "action": change.action,
                "noun": change.noun,
                "key": change.key,
                "before": before,
                "after": after,
                "after_steps": sorted({places[need] for need in change.needs if need in places}),
            }
        )
    found: list[dict[str, Any]] = json.loads(json.dumps(listed, default=str))
    return found


def summary(changes: Iterable[Change]) -> list[dict[str, str]]:
    """The change list that reports are made of: action, noun, key."""
    return [{"action": change.action, "noun": change.noun, "key": change.key} for change in changes]


def title(change: Change) -> str:
    """A change in words: ``update method 'granite / chat'``."""
    return f"{change.action} {change.noun} '{change.key}'"


def one_line(text: str) -> str:
    """A text with whatever breaks lines, or can't be seen, as its escape: values are quoted in errors as they came."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def _entry(change: Change, known: Collection[str]) -> dict[str, str]:
    before, after = _cut(change, known)
    name = f"{change.noun}: {change.key}"
    return {
        "before": as_yaml(before),
        "after": as_yaml(after),
        "before_header": name,
        "after_header": f"{name} ({change.action})",
    }


def as_yaml(side: Any) -> str:
    """A value as YAML for people: long texts by their lines, nothing for nothing."""
    if side is None:
        return ""
    if not HAS_YAML:
        return json.dumps(side, indent=2, ensure_ascii=False) + "\n"
    return str(
        yaml.dump(side, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=False, width=120)
    )


def _cut(change: Change, known: Collection[str]) -> tuple[Any, Any]:
    """Both sides without secrets. A secret that changes still shows *that* it does."""
    sides: list[Any] = []
    for side in (change.before, change.after):
        sides.append(None if side is None else plain(side, known))
    if change.before and change.after:
        sides[1] = _changed_secrets(change.before, change.after, sides[1])
    for name in change.secrets:
        for position, side in enumerate(sides):
            if side and side.get(name) is not None:
                side[name] = CHANGED if position else HIDDEN
    return sides[0], sides[1]


def _changed_secrets(before: Any, after: Any, shown: Any) -> Any:
    """What is shown of a side, where a hidden value that differs from the one before says so."""
    if shown == HIDDEN and isinstance(after, str):
        return HIDDEN if before == after else CHANGED
    if isinstance(shown, dict) and isinstance(after, Mapping):
        old = before if isinstance(before, Mapping) else {}
        return {name: _changed_secrets(old.get(name), after.get(name), entry) for name, entry in shown.items()}
    if isinstance(shown, list) and isinstance(after, (list, tuple)):
        rest = [*(before if isinstance(before, (list, tuple)) else ())]
        rest += [None] * (len(after) - len(rest))
        return [_changed_secrets(old, new, entry) for old, new, entry in zip(rest, after, shown)]
    return shown


def plain(value: Any, known: Collection[str] = ()) -> Any:
    """A value fit for showing: references become names, files their size, secrets are hidden."""
    return hide(_named(value), known)


def _named(value: Any) -> Any:
    if isinstance(value, Ref):
        return value.key
    if isinstance(value, Mapping):
        return {str(name): _named(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_named(entry) for entry in value]
    if isinstance(value, (bytes, bytearray)):
        return f"({len(value)} bytes)"
    return value
