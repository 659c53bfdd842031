# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Changes made visible: Ansible's diff and the change list, with secrets cut out on both sides. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Change, Ref

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

HIDDEN = "(secret)"
CHANGED = "(secret, changed)"
_SECRET_WORDS = ("secret", "password", "token_value", "user_key_value", "application_key", "private_key")
_URL_LOGIN = re.compile(r"(?<=://)[^/@\s]*:[^/@\s]*@")


def diff(changes: Iterable[Change]) -> list[dict[str, str]]:
    """Ansible's diff: one entry for each change, before and after as YAML of what differs."""
    return [_entry(change) for change in changes]


def summary(changes: Iterable[Change]) -> list[dict[str, str]]:
    """The change list that reports are made of: action, noun, key."""
    return [{"action": change.action, "noun": change.noun, "key": change.key} for change in changes]


def title(change: Change) -> str:
    """A change in words: ``update method 'granite / chat'``."""
    return f"{change.action} {change.noun} '{change.key}'"


def _entry(change: Change) -> dict[str, str]:
    before, after = _cut(change)
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


def _cut(change: Change) -> tuple[Any, Any]:
    """Both sides without secrets. A secret that changes still shows *that* it does."""
    sides: list[Any] = []
    for side in (change.before, change.after):
        sides.append(None if side is None else {name: plain(value) for name, value in side.items()})
    for name in change.secrets:
        for position, side in enumerate(sides):
            if side and side.get(name) is not None:
                side[name] = CHANGED if position else HIDDEN
    return sides[0], sides[1]


def plain(value: Any) -> Any:
    """A value fit for showing: references become names, logins inside addresses and values named as secrets go."""
    if isinstance(value, Ref):
        return value.key
    if isinstance(value, Mapping):
        return {
            str(name): HIDDEN if _sounds_secret(str(name)) and isinstance(entry, str) and entry else plain(entry)
            for name, entry in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    if isinstance(value, str):
        return _URL_LOGIN.sub(HIDDEN + "@", value)
    if isinstance(value, (bytes, bytearray)):
        return f"({len(value)} bytes)"
    return value


def _sounds_secret(name: str) -> bool:
    return any(word in name.lower() for word in _SECRET_WORDS)
