# SPDX-License-Identifier: GPL-3.0-or-later
"""API specifications as ActiveDocs takes them: Swagger 1.2 and 2.0, OpenAPI 3.0 and 3.1. Pure functions."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft4Validator, Draft202012Validator
from jsonschema.exceptions import ValidationError
from openapi_spec_validator.schemas import schema_v2, schema_v30, schema_v31

VERSIONS = ("1.2", "2.0", "3.0", "3.1")
_LOCAL = re.compile(r"(localhost|127(\.\d{1,3}){3})\Z")


class Specification:
    """What can be told of a document's text."""

    def __init__(self, body: str | None) -> None:
        self.valid_json = True
        self.body = body or ""
        try:
            document = json.loads(self.body, parse_constant=_no_number)
        except ValueError:
            document, self.valid_json = None, False
        self.document: dict[str, Any] = document if isinstance(document, dict) else {}
        self.is_object = isinstance(document, dict)

    @property
    def _written(self) -> Any:
        name = next((name for name in ("openapi", "swagger", "swaggerVersion") if name in self.document), None)
        return self.document.get(name or "")

    @property
    def readable(self) -> bool:
        """Whether the server gets as far as judging it: a version that is no text makes it fail."""
        written = self._written
        small = isinstance(written, (int, float)) and not isinstance(written, bool) and written < 1.2
        return written is None or isinstance(written, str) or small

    @property
    def version(self) -> str:
        """ "1.0", "1.2", "2.0", "3.0", "3.1" and whatever else is written there; "" for what is no version."""
        number = re.match(r"\s*\d+(\.\d+)?", written := str(self._written or ""))
        if number is None or float(number[0]) < 1.2:
            return "1.0"
        found = re.match(r"(\d+\.\d+)(\..+)?\Z", written)
        return found[1] if found else ""

    @property
    def servers(self) -> list[Any]:
        """The addresses that the document names, variables filled in."""
        if self.version.startswith("3"):
            servers = self.document.get("servers", [])
            return [url for server in servers if isinstance(server, dict) for url in _urls(server)]
        if self.version == "2.0":
            schemes, host = self.document.get("schemes") or [None], self.document.get("host")
            return [f"{schemes[0]}://{host}" if schemes[0] and host else ""]
        base = self.document.get("basePath")
        return [base.lower() if isinstance(base, str) else base]

    @property
    def base_path(self) -> str | None:
        """The first address."""
        return next(iter(self.servers), None)

    def problems(self, validated: bool, versions: tuple[str, ...] = VERSIONS) -> list[tuple[str, str]]:
        """(attribute, message) of everything that is wrong; VALIDATED false looks at the addresses alone.

        VERSIONS: those that the server knows.
        """
        found: list[tuple[str, str]] = []
        if not all(_good_address(server) for server in self.servers):
            found.append(("base_path", "invalid"))
        if validated:
            found.extend(("body", message) for message in dict.fromkeys(self._schema_problems(versions)))
        elif self.valid_json and not self.is_object:
            found.append(("body", "JSON Spec is invalid"))
        if isinstance(self.base_path, str) and _LOCAL.match(urlsplit(self.base_path).hostname or ""):
            found.append(("base_path", "can't be localhost"))
        return found

    def _schema_problems(self, versions: tuple[str, ...]) -> list[str]:
        if not self.valid_json:
            return ["Invalid JSON"]
        if self.version == "1.0":
            return _old_problems(self.document)
        if self.version in versions:
            return list(_checked(self.version, self.body))
        return ["Invalid Swagger version"]


def _no_number(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are no JSON


def _urls(server: dict[str, Any]) -> list[Any]:
    url, variables = server.get("url"), server.get("variables")
    if not variables or not isinstance(url, str):
        return [url]
    choices = [
        [(name, value) for value in given.get("enum") or [given.get("default")]] for name, given in variables.items()
    ]
    filled = []
    for combination in itertools.product(*choices):
        text = url
        for name, value in combination:
            text = text.replace("{" + name + "}", str(value))
        filled.append(text)
    return filled


def _good_address(server: Any) -> bool:
    if server is None or server == "":
        return True
    if not isinstance(server, str):
        return False
    parts = urlsplit(server)
    return parts.scheme in ("http", "https", "ws", "wss") and bool(parts.hostname)


def _old_problems(document: dict[str, Any]) -> list[str]:
    apis = document.get("apis")
    if not isinstance(apis, list):
        return ["JSON Spec is invalid"]
    operations = [one for api in apis if isinstance(api, dict) for one in api.get("operations") or []]
    for operation in operations:
        kinds = {one.get("paramType") for one in operation.get("parameters") or [] if isinstance(one, dict)}
        if {"query", "body"} <= kinds:
            return ["JSON Spec can not have paramType='body' and paramType='query' on the same method."]
    return []


@lru_cache(maxsize=512)
def _checked(version: str, body: str) -> tuple[str, ...]:
    document = json.loads(body)
    if version == "1.2":
        lacking = [name for name in ("swaggerVersion", "basePath", "resourcePath", "apis") if name not in document]
        schema = "http://swagger-api.github.io/schemas/v1.2/apiDeclaration.json#"
        return tuple(
            f"The property '#/' did not contain a required property of '{name}' in schema {schema}" for name in lacking
        )
    if version == "2.0":
        return tuple(_swagger_message(leaf) for leaf in _leaves(Draft4Validator(dict(schema_v2)).iter_errors(document)))
    validator = Draft4Validator(dict(schema_v30)) if version == "3.0" else Draft202012Validator(dict(schema_v31))
    return tuple(_openapi_message(leaf) for leaf in _leaves(validator.iter_errors(document)))


def _leaves(errors: Iterator[ValidationError]) -> Iterator[ValidationError]:
    for error in errors:
        if error.context:
            yield from _leaves(iter(error.context))
        else:
            yield error


def _missing(error: ValidationError) -> list[str]:
    required, present = error.validator_value, error.instance
    if not isinstance(required, list) or not isinstance(present, dict):
        return []  # only ever asked of an error of "required", where both are what they should be
    return [name for name in required if name not in present]


def _swagger_message(error: ValidationError) -> str:
    place = "#/" + "/".join(str(part) for part in error.absolute_path)
    schema = "http://swagger.io/v2/schema.json#"
    if error.validator == "required":
        return (
            f"The property '{place}' did not contain a required property of '{_missing(error)[0]}' in schema {schema}"
        )
    if error.validator == "additionalProperties":
        extra = re.findall(r"'([^']+)'", error.message)
        return (
            f"The property '{place}' contains additional properties {json.dumps(extra)} outside of the schema when "
            f"none are allowed in schema {schema}"
        )
    return f"The property '{place}' {error.message} in schema {schema}"


_TYPES = {
    "object": "an object",
    "array": "an array",
    "string": "a string",
    "number": "a number",
    "integer": "an integer",
    "boolean": "a boolean",
    "null": "null",
}


def _openapi_message(error: ValidationError) -> str:
    place = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in error.absolute_path)
    where = f"`{place}`" if place else "root"
    if error.validator == "required":
        return f"object at {where} is missing required properties: {', '.join(_missing(error))}"
    if error.validator == "type" and isinstance(error.validator_value, str):
        return f"value at {where} is not {_TYPES[error.validator_value]}"
    if error.validator == "enum":
        return f"value at {where} is not one of: {json.dumps(error.validator_value)}"
    if error.validator == "pattern":
        return f"string at {where} does not match pattern: {error.validator_value}"
    if error.validator in ("additionalProperties", "unevaluatedProperties"):
        extra = re.findall(r"'([^']+)'", error.message)
        kind = "additional" if error.validator == "additionalProperties" else "unevaluated"
        return f"object property at `{place}/{extra[0] if extra else ''}` is a disallowed {kind} property"
    if error.validator == "format":
        return f"value at {where} does not match format: {error.validator_value}"
    return f"value at {where} does not match schema"
