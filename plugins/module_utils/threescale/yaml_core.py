# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""YAML as OpenAPI means it: the core schema of YAML 1.2. There ``2026-01-31``, ``on`` and ``1:30`` are texts. Pure."""

from __future__ import annotations

import re
from typing import Any

try:
    import yaml

    HAS_YAML = True

    class _Loader(yaml.SafeLoader):
        """A safe loader; names of a mapping are texts, as in JSON (the status ``200``, too)."""

        yaml_implicit_resolvers: dict[str, list[Any]] = {}

except ImportError:  # then only JSON texts and mappings are taken
    HAS_YAML = False

_TYPES: dict[str, tuple[str, list[str]]] = {
    "bool": (r"(?:true|True|TRUE|false|False|FALSE)$", [*"tTfF"]),
    "null": (r"(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    "int": (r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", [*"-+0123456789"]),
    "float": (
        r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$",
        [*"-+.0123456789"],
    ),
    "merge": (r"<<$", ["<"]),
}


class Decimal(float):
    """A decimal number that knows how it was written: the version 1.10 is not 1.1."""

    written = ""


def load(text: str) -> Any:
    """The one document of a text. Raises ``ValueError`` with what is wrong."""
    if not HAS_YAML:
        raise ValueError("YAML needs PyYAML on the host that runs the module")
    try:
        return yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, RecursionError) as problem:
        raise ValueError(" ".join(str(problem).split())) from None


def _decimal(loader: Any, node: Any) -> Decimal:
    text = loader.construct_scalar(node)
    number = Decimal(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    number.written = text
    return number


def _whole(loader: Any, node: Any) -> int:
    text = loader.construct_scalar(node)
    return int(text, 0) if text.startswith(("0o", "0x")) else int(text)


def _mapping(loader: Any, node: Any) -> dict[str, Any]:
    loader.flatten_mapping(node)
    return {_name(key): loader.construct_object(value, deep=True) for key, value in node.value}


def _name(node: Any) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise yaml.YAMLError(f"a name must be a text, in line {node.start_mark.line + 1}")
    return str(node.value)


if HAS_YAML:
    for _tag, (_pattern, _first) in _TYPES.items():
        _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first)
    _Loader.add_constructor("tag:yaml.org,2002:float", _decimal)
    _Loader.add_constructor("tag:yaml.org,2002:int", _whole)
    _Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
