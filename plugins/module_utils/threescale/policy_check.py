# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Policy chains held to the policies' schemas, before the first write.

3scale takes any name, version and configuration; the gateway leaves out what it doesn't know or can't read, with a line
in its log, and serves the product without it (docs/threescale-behaviour.md#policies-unseen).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable

from ansible_collections.rhai.maas.plugins.module_utils.engine import normal
from ansible_collections.rhai.maas.plugins.module_utils.engine.errors import DeniedError
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import RefusalError, Values
from ansible_collections.rhai.maas.plugins.module_utils.engine.secrets import marked
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session

MOST_REASONS = 3
BUILTIN = "builtin"
Schemas = dict[tuple[str, str], Mapping[str, Any]]

_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "null": "nothing",
}
_LIMITS = {
    "minimum": "{} or more",
    "maximum": "{} or less",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "minItems": "a list of {} entries or more",
    "maxItems": "a list of {} entries or less",
    "minLength": "a text of {} characters or more",
    "maxLength": "a text of {} characters or less",
    "pattern": "a text that matches {}",
    "const": "{!r}",
}


def custom_names(products: Sequence[Values]) -> set[tuple[str, str]]:
    """Name and version of the policies in wanted chains that the gateway doesn't bring along."""
    return {key for product in products for key in map(_key, _chain(product)) if key[1] != BUILTIN}


def schemas_of(items: Iterable[Values]) -> Schemas:
    """Configuration schemas by name and version, from policies as the registry lists them (name, version, schema)."""
    found: Schemas = {}
    for item in items:
        schema = normal.document(item.get("schema")) or {}
        found[(str(item.get("name")), str(item.get("version")))] = schema.get("configuration") or {}
    return found


def secrets_in_chains(products: Iterable[Values], custom: Schemas) -> list[str]:
    """The values of configurations that the schemas of custom policies mark as secrets."""
    return [
        text
        for product in products
        for policy in _chain(product)
        for text in marked(custom.get(_key(policy), {}), policy.get("configuration"))
    ]


def registry(session: Session) -> Schemas | None:
    """The schemas of the registry; None where the token lacks its scope."""
    try:
        return schemas_of(session.rows("/admin/api/registry/policies.json", "policies", "policy"))
    except DeniedError:
        return None


def hide_marked(session: Session, chains: Sequence[Values], known: Schemas | None) -> set[tuple[str, str]]:
    """Let this run show nothing that manifests mark in chains (``policies`` of each).

    ``known`` are the schemas that there are, None where they have to be asked for. Returns the custom policies of
    which there are none.
    """
    named = custom_names(chains)
    if known is None:
        known = (registry(session) or {}) if named else {}
    session.secrets.update(secrets_in_chains(chains, known))
    return named - set(known)


@dataclass(frozen=True)
class Known:
    """The policies that there are: ``builtin`` schemas of the gateway's own by name, ``custom`` ones (None: the token
    can't read the registry), ``gateway`` asks the server for the manifests of its own gateway; with ``assume`` (check
    mode) an unknown custom policy counts as planned."""

    builtin: Mapping[str, Mapping[str, Any]]
    custom: Schemas | None
    gateway: Callable[[], Values]
    assume: bool = False


def check_chains(products: Sequence[Values], known: Known) -> list[str]:
    """Check the chains of all wanted products. Raises :class:`RefusalError`; returns warnings."""
    warnings: list[str] = []
    for position, product in enumerate(products):
        for place, policy in enumerate(_chain(product)):
            option = f"products[{position}].policies[{place}]"
            schema, warning = _schema(policy, known, option)
            if warning:
                warnings.append(f"{option}: policy '{policy['name']}' {policy['version']} {warning}")
            _check_configuration(policy.get("configuration") or {}, schema, f"{option}.configuration", policy["name"])
    return warnings


def _schema(policy: Values, known: Known, option: str) -> tuple[Mapping[str, Any], str]:
    """The schema of a policy, and a warning where it can't be known (the schema is empty then)."""
    name, version = _key(policy)
    if version == BUILTIN:
        return known.builtin[name] if name in known.builtin else _from_gateway(known, name, option), ""
    if known.custom is None:
        return {}, "isn't checked: the token can't read the registry (scope policy_registry)."
    if (name, version) in known.custom:
        return known.custom[(name, version)], ""
    if known.assume:
        return {}, "is not there yet; check mode takes it as planned."
    raise _unknown(name, version, known.custom, option)


def _chain(product: Values) -> Sequence[Values]:
    return [] if product.get("state") == "absent" else product.get("policies") or []


def _key(policy: Values) -> tuple[str, str]:
    return str(policy["name"]), str(policy.get("version") or BUILTIN)


def _from_gateway(known: Known, name: str, option: str) -> Mapping[str, Any]:
    """The schema of a policy that only the server's own gateway knows."""
    for manifest in known.gateway().get(name) or []:
        if manifest.get("version") == BUILTIN:
            found: Mapping[str, Any] = manifest.get("configuration") or {}
            return found
    raise RefusalError(
        f"{option}: the gateway has no policy '{name}' of version builtin, and would serve the product without it. "
        f"It has: {', '.join(sorted(known.builtin))}. Correct the name, or give the version of your own policy."
    )


def _unknown(name: str, version: str, custom: Schemas, option: str) -> RefusalError:
    versions = sorted(other for known, other in custom if known == name)
    there = f"It is there as version {', '.join(versions)}." if versions else "No version of it is there."
    return RefusalError(
        f"{option}: policy '{name}' {version} is neither in the registry nor in custom_policies; a gateway without it "
        f"serves the product without it. {there} Register it (threescale_policy), or describe it in custom_policies."
    )


def _check_configuration(configuration: Values, schema: Mapping[str, Any], option: str, name: str) -> None:
    if not schema or (not configuration and not set(schema) - {"type", "properties", "definitions"}):
        return
    try:
        from jsonschema import Draft7Validator
        from jsonschema.exceptions import SchemaError
    except ImportError:
        raise RefusalError(
            f"{option}: the Python library jsonschema is needed to check it (pip install jsonschema)."
        ) from None
    try:
        Draft7Validator.check_schema(dict(schema))
    except SchemaError as error:
        raise RefusalError(f"{option}: the schema of policy '{name}' can't be right: {error.message}") from None
    errors = sorted(Draft7Validator(dict(schema)).iter_errors(dict(configuration)), key=lambda error: list(error.path))
    if errors:
        said = [f"{_place(error)}{_why(error)}" for error in errors[:MOST_REASONS]]
        more = f" and {len(errors) - MOST_REASONS} more" if len(errors) > MOST_REASONS else ""
        raise RefusalError(
            f"{option} of policy '{name}': {'; '.join(said)}{more}. The gateway would leave the policy out and serve "
            "the product without it."
        )


def _place(error: Any) -> str:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
    return f"{path.lstrip('.')} " if path else ""


def _why(error: Any) -> str:
    """What would be right; never the value itself, which may be a secret."""
    rule, expected = error.validator, error.validator_value
    if rule == "type":
        kinds = [expected] if isinstance(expected, str) else list(expected)
        return "must be " + " or ".join(_TYPES.get(kind, kind) for kind in kinds)
    if rule == "required":
        return f"lacks {', '.join(name for name in expected if name not in error.instance)}"
    if rule == "enum":
        return f"must be one of {', '.join(str(value) for value in expected)}"
    if rule in ("oneOf", "anyOf"):
        reasons = sorted({_place(inner) + _why(inner) for inner in error.context or []})
        return f"has none of its allowed forms ({'; or '.join(reasons[:MOST_REASONS])})"
    if rule == "additionalProperties":
        known = ", ".join(error.schema.get("properties") or {})
        return f"has unknown entries; it knows {known}"
    if rule in _LIMITS:
        return "must be " + _LIMITS[rule].format(expected)
    return f"breaks the rule {rule} of the schema"
