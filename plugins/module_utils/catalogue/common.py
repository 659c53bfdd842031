# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""What the catalogue's checks share. Pure, no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

Entry = dict[str, Any]

NAME = re.compile(r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")
#: what 3scale takes as the system name of a metric, a feature or a backend
SYSTEM_NAME = re.compile(r"^\w[\w/-]+$", re.ASCII)
#: the longest first label of a host name
LONGEST_LABEL = 63
_SHORTEST_PRODUCT = 2


class CatalogueError(ValueError):
    """The catalogue asks for something that can't be; the message names the variable and the fix."""


def names(values: Iterable[Any]) -> str:
    """Names in order, as they stand in a sentence."""
    return ", ".join(sorted(str(value) for value in values))


def items_of(variable: str, value: Any, form: str) -> tuple[list[tuple[str, Mapping[str, Any]]], list[str]]:
    """The mappings of a list, each with where it stands, and a sentence for what is not one.

    :param form: what an item looks like, for the sentence
    """
    if value is None:
        return [], []
    if isinstance(value, (str, Mapping)) or not isinstance(value, Iterable):
        return [], [f"{variable} is not a list; write a list of {form}"]
    found, wrong = [], []
    for number, item in enumerate(value):
        if isinstance(item, Mapping):
            found.append((f"{variable}[{number}] ({item.get('name', 'without a name')})", item))
        else:
            wrong.append(f"{variable}[{number}] is {item!r} and not a mapping; write {form}")
    return found, wrong


def texts_of(value: Any) -> list[str] | None:
    """A list of texts; None when it is something else."""
    if value is None:
        return []
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return [str(item) for item in value]
    return None


def host_label(system_name: str) -> str:
    """A product's system name as 3scale writes it into host names: lower case, one dash for whatever is no letter.

    See docs/threescale-behaviour.md#products-host-names.
    """
    return re.sub(r"-{2,}", "-", re.sub(r"[^a-z0-9]+", "-", system_name.lower())).strip("-")


def _label(product: str, tenant: str) -> str:
    """The part of a product's host name before the first dot."""
    return f"{product}-{tenant}-apicast-production"


def faults_of_tenant(tenant: str) -> Iterable[str]:
    """Whether a tenant of this name has host names at all."""
    if not NAME.match(tenant):
        yield f"maas_tenant {tenant!r} must be of lower case letters, digits and - (it becomes part of host names)"
    longest = LONGEST_LABEL - _SHORTEST_PRODUCT - len(_label("", ""))
    if len(tenant) > longest:
        yield (
            f"maas_tenant {tenant!r} has {len(tenant)} characters, at most {longest} leave room for a product in its "
            "host name"
        )


def faults_of_host(variable: str, system_name: str, tenant: str) -> Iterable[str]:
    """Whether a product of this system name is found under the address that the catalogue tells of it."""
    if not SYSTEM_NAME.match(system_name) or host_label(system_name) != system_name:
        yield (
            f"{variable} {system_name!r} must be of at least two lower case letters, digits and single dashes: 3scale "
            f"would make the host name {_label(host_label(system_name) or 'of nothing', tenant)} of it"
        )
    longest = LONGEST_LABEL - len(_label("", tenant))
    if _SHORTEST_PRODUCT <= longest < len(system_name):
        yield (
            f"{variable} {system_name!r} has {len(system_name)} characters, at most {longest} are left of a host name "
            f"with tenant {tenant!r}; give a shorter product"
        )
