# SPDX-License-Identifier: GPL-3.0-or-later
"""XML of what has no form of its own in `xml_forms.py`: fewer keys than JSON, another order, times as Ruby prints them.

Where the real server writes by the same description as JSON, what is null is left out; where its models write
themselves, it is an empty element.
"""

from __future__ import annotations

from typing import Any

from ..http.context import NULL, without_links, xml_shape
from ..http.xml import element
from ..portal.templating.values import inspect
from ..rules.times import ruby_time

_TIMES = ("created_at", "updated_at", "deployed_at")
# keys of the models that write themselves, in their order
_WRITTEN = {
    "key": "value updated_at created_at",
    "referrer_filter": "value id updated_at created_at",
    "api_doc": "id system_name name description published body created_at updated_at",
    "message": "id body subject state",
}


def _written(key: str, names: str) -> None:
    @xml_shape(key)
    def write(data: dict[str, Any]) -> str:
        pairs = [(name, ruby_time(data.get(name)) if name in _TIMES else data.get(name)) for name in names.split()]
        return element(key, pairs)


for _key, _names in _WRITTEN.items():
    _written(_key, _names)


def _described(data: dict[str, Any]) -> dict[str, Any]:
    """Without links and nulls, but for those that are rendered."""
    return {key: value for key, value in without_links(data).items() if value is not None or data[key] is NULL}


@xml_shape("mapping_rule")
def mapping_rule(data: dict[str, Any]) -> str:
    """A mapping rule."""
    pairs = _described(data)
    return element("mapping_rule", {key: ruby_time(value) if key in _TIMES else value for key, value in pairs.items()})


@xml_shape("proxy")
def proxy(data: dict[str, Any]) -> str:
    """A proxy: its policy chain is a text, the list as Ruby shows it to programmers."""
    pairs = {key: ruby_time(value) if key in _TIMES else value for key, value in _described(data).items()}
    return element("proxy", {**pairs, "policies_config": inspect(data["policies_config"])})


@xml_shape("authentication_provider", "permissions")
def described(data: dict[str, Any]) -> str:
    """A provider of single sign-on, or a member's permissions."""
    key = "permissions" if "allowed_sections" in data else "authentication_provider"
    shown = {name: value for name, value in _described(data).items() if value is not None}
    return element(key, shown)


@xml_shape("sso_token")
def sso_token(data: dict[str, Any]) -> str:
    """The link alone."""
    return element("sso_url", data["sso_url"])
