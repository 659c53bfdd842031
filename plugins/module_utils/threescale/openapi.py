# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""OpenAPI documents as people write them (docs/threescale-behaviour.md#activedocs-versions). Pure."""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import RefusalError, Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale import yaml_core
from ansible_collections.rhai.maas.plugins.module_utils.threescale.yaml_core import Decimal

VERSIONS = ("openapi", "swagger", "swaggerVersion")
MOST_SERVERS = 1000  # addresses that variables may make; more are left to the server


def parsed(body: Any, option: str) -> dict[str, Any]:
    """A document from JSON, YAML or a mapping, with nothing in it that JSON lacks. Raises :class:`RefusalError`."""
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except ValueError as error:
            try:
                body = yaml_core.load(body)
            except ValueError as problem:
                raise RefusalError(f"{option}: is neither JSON ({error}) nor YAML ({problem}).") from None
    if not isinstance(body, Mapping) or not body:
        raise RefusalError(f"{option}: must be an OpenAPI document, that is a mapping.")
    document = {str(name): value for name, value in body.items()}
    for place, number in _numbers(document, ""):
        if not math.isfinite(number):
            raise RefusalError(f"{option}: the value at {place or '/'} is {number}, which JSON has no word for.")
    return document


def with_texts(document: Values, validated: bool) -> dict[str, Any]:
    """The document with its versions as texts, which unquoted in YAML are numbers.

    The server answers 500 to a number, and where it validates also to ``3.1`` without a third part.
    """
    result = dict(document)
    for name in VERSIONS:
        if name in result and not isinstance(result[name], bool):
            version = _text(result[name])
            short = name == "openapi" and validated and re.fullmatch(r"3\.\d+", version)
            result[name] = f"{version}.0" if short else version
    if isinstance(result.get("info"), Mapping) and isinstance(result["info"].get("version"), (int, float)):
        result["info"] = {**result["info"], "version": _text(result["info"]["version"])}
    return result


def check_version(document: Values, option: str) -> None:
    """Refuse what says of itself that it is no OpenAPI document. Raises :class:`RefusalError`."""
    if not any(name in document for name in VERSIONS) and not isinstance(document.get("apis"), list):
        raise RefusalError(
            f"{option}: has no 'openapi' that tells its version (such as \"3.0.3\"), so it is no OpenAPI document. Add "
            "it, or set skip_swagger_validations: true to keep the document as it is."
        )


def check_servers(document: Values, option: str) -> None:
    """The server takes absolute addresses only, whatever their variables are, and as the first one not localhost."""
    for place, address in enumerate(_addresses(document)):
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https", "ws", "wss") or not parts.netloc:
            raise RefusalError(f"{option}: server '{address}' must be an absolute address, such as https://host/path.")
        if not place and parts.hostname == "localhost":
            raise RefusalError(f"{option}: server '{address}': the server refuses localhost.")


def _addresses(document: Values) -> Iterator[str]:
    """The addresses of a document, variables filled in; empty ones are left out."""
    base = str(document.get("basePath") or "") if "swaggerVersion" in document else ""
    servers = document.get("servers")
    listed = [server for server in servers if isinstance(server, Mapping)] if isinstance(servers, list) else []
    for address in (base, *(address for server in listed for address in _filled(server))):
        if address:
            yield address


def _filled(server: Values) -> Iterator[str]:
    """A server's addresses, one for each combination of its variables' values (the default, where none are listed)."""
    address, variables = str(server.get("url") or ""), server.get("variables")
    if not isinstance(variables, Mapping) or not variables:
        yield address
        return
    values = [_choices(variable) for variable in variables.values()]
    for combination in itertools.islice(itertools.product(*values), MOST_SERVERS):
        filled = address
        for name, value in zip(variables, combination):
            filled = filled.replace("{" + str(name) + "}", value)
        yield filled


def _choices(variable: Any) -> list[str]:
    given = variable if isinstance(variable, Mapping) else {}
    listed = given.get("enum")
    return [_text(value) for value in (listed if isinstance(listed, list) and listed else [given.get("default", "")])]


def _text(value: Any) -> str:
    return (value.written if isinstance(value, Decimal) else "") or str(value)


def _numbers(value: Any, place: str) -> Iterator[tuple[str, float]]:
    """Decimal numbers anywhere in a document, with where they stand."""
    if isinstance(value, float):
        yield place, value
    elif isinstance(value, Mapping):
        for name, entry in value.items():
            yield from _numbers(entry, f"{place}/{name}")
    elif isinstance(value, (list, tuple)):
        for number, entry in enumerate(value):
            yield from _numbers(entry, f"{place}/{number}")
