# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""What is a secret, by its place in a table, by its name or by the header it is sent in; and how it is hidden. Pure.

A value is hidden as a whole and by its place: another option that happens to hold the same text stays readable.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

HIDDEN = "(secret)"
_PLACEHOLDERS = (HIDDEN, "(secret, changed)")
LONG_ENOUGH = 8  # characters from which a secret is looked for inside of other texts too

_WORDS = ("secret", "password", "passphrase", "token_value", "user_key_value", "application_key", "private_key")
_NAMES = frozenset(
    ("app_key", "user_key", "api_key", "certificate_key", "signing_key", "provider_key", "provider_verification_key")
    + ("access_token", "refresh_token", "bearer_token", "api_token", "auth_token", "service_token", "id_token", "token")
    + ("apikey", "passwd", "pwd", "client_key", "ssl_key", "tls_key")
    + ("backend_authentication_value", "authorization", "proxy_authorization")
)
_KEYS = ("system_name", "client_id", "alias", "name")  # what an entry of a list is called by
_DEEPEST = 40  # levels of a schema that are followed: one that refers to itself has no end
_ENDS = ("credential",)  # bindCredential of a directory
# client.secret.creation.time, passwordPolicy, resetPasswordAllowed …
_HARMLESS_ENDS = ("_type", "_path", "_name", "_url", "_required", "_policy", "_time", "_allowed", "_enabled")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_HEADERS = frozenset(
    ("authorization", "proxy-authorization", "cookie", "set-cookie", "x-api-key", "api-key", "apikey", "x-auth-token")
    + ("app-key", "app_key", "user-key", "user_key", "private-token", "x-3scale-proxy-secret-token")
)
_HEADER_OPTIONS = ("header", "header_name", "name", "arg", "key")
_HEADER_ENDS = re.compile(r"[-_](key|token|secret|password|auth|authorization|credentials?)$")
_URL_LOGIN = re.compile(r"(?<=://)[^/@\s]*:[^/@\s]*@")


def sounds_secret(name: str) -> bool:
    """Whether a value of this name is a secret anywhere: ``user_key``, ``clientSecret``, ``saml.private.key``."""
    low = _HUMP.sub("_", name).lower().replace(".", "_").replace("-", "_")
    if low.endswith(_HARMLESS_ENDS):
        return False
    return low in _NAMES or low.endswith(_ENDS) or any(word in low for word in _WORDS)


def has_login(text: str) -> bool:
    """Whether an address in a text holds a user and a password."""
    return _URL_LOGIN.search(text) is not None


def _secret_entry(owner: Mapping[Any, Any], name: str) -> bool:
    """Whether an entry is a secret by its name, or as the value of a header that carries credentials."""
    if sounds_secret(name):
        return True
    given = (str(owner[option]).lower() for option in _HEADER_OPTIONS if isinstance(owner.get(option), str))
    return name == "value" and any(low in _HEADERS or _HEADER_ENDS.search(low) or sounds_secret(low) for low in given)


def hide(value: Any, known: Collection[str] = ()) -> Any:
    """A copy fit for showing: secrets by name, those in ``known`` and logins inside of addresses are hidden."""
    if isinstance(value, Mapping):
        return {
            str(name): _hidden(entry) if _secret_entry(value, str(name)) and _is_text(entry) else hide(entry, known)
            for name, entry in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [hide(entry, known) for entry in value]
    if isinstance(value, str):
        return HIDDEN if value and value in known else _URL_LOGIN.sub(HIDDEN + "@", value)
    return value


def _is_text(value: Any) -> bool:
    """Whether a value is a text that isn't empty, or a list of texts: an attribute of several values."""
    if isinstance(value, (list, tuple)):
        return all(_is_text(entry) for entry in value)
    return isinstance(value, str) and bool(value)


def _hidden(value: Any) -> Any:
    return HIDDEN if isinstance(value, str) else [HIDDEN for _entry in value]


def hidden(content: Any, where: str, known: Collection[str] = ()) -> tuple[Any, list[str]]:
    """A copy without secrets, as of :func:`hide`, and the places where they stood."""
    shown = hide(content, known)
    return shown, sorted(set(_places(content, shown, where)))


def _places(before: Any, after: Any, where: str) -> Iterator[str]:
    """Where two values of one shape differ."""
    if isinstance(before, Mapping):
        for name in before:
            yield from _places(before[name], after[str(name)], f"{where}.{name}")
    elif isinstance(before, (list, tuple)):
        for number, (old, new) in enumerate(zip(before, after)):
            row = old if isinstance(old, Mapping) else {}
            named = next((row[name] for name in _KEYS if row.get(name)), number)
            yield from _places(old, new, f"{where}.{named}")
    elif before != after:
        yield where


def placeholder(value: Any, where: str = "") -> str:
    """The option in which a hidden secret's stand-in was given, such as ``products[0].proxy.secret_token``; or ""."""
    if isinstance(value, Mapping):
        found = (placeholder(entry, f"{where}.{name}" if where else str(name)) for name, entry in value.items())
        return next((place for place in found if place), "")
    if isinstance(value, (list, tuple)):
        found = (placeholder(entry, f"{where}[{number}]") for number, entry in enumerate(value))
        return next((place for place in found if place), "")
    hidden = isinstance(value, str) and (value in _PLACEHOLDERS or f"://{HIDDEN}@" in value)
    return where if hidden else ""


def values(value: Any) -> Iterator[str]:
    """The secrets that stand in a free-form value."""
    if isinstance(value, Mapping):
        for name, entry in value.items():
            if _secret_entry(value, str(name)) and _is_text(entry):
                yield from _texts(entry)
            else:
                yield from values(entry)
    elif isinstance(value, (list, tuple)):
        for entry in value:
            yield from values(entry)


def free_form(params: Mapping[str, Any], spec: Mapping[str, Any]) -> Iterator[str]:
    """The secrets in those of a module's options whose entries no specification describes."""
    for name, entry in params.items():
        option = spec.get(name) or {}
        if option.get("options"):
            for item in entry if isinstance(entry, list) else [entry]:
                if isinstance(item, Mapping):
                    yield from free_form(item, option["options"])
        elif "no_log" not in option:
            yield from values(entry)


def marked(schema: Any, value: Any, root: Any = None, depth: int = 0) -> Iterator[str]:
    """The values that a JSON schema marks as secret (``writeOnly: true`` or ``format: password``).

    Of a mapping or list that is marked as a whole all texts; references are those inside of the schema itself.
    """
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return
    root = schema if root is None else root
    if schema.get("writeOnly") is True or schema.get("format") == "password":
        yield from _texts(value)
        return
    below = [_referred(schema.get("$ref"), root)]
    for word in ("allOf", "anyOf", "oneOf"):
        below += schema[word] if isinstance(schema.get(word), list) else []
    for word in ("dependencies", "dependentSchemas"):
        below += schema[word].values() if isinstance(schema.get(word), Mapping) else []
    below += [schema.get(word) for word in ("if", "then", "else")]
    for part in below:
        yield from marked(part, value, root, depth + 1)
    for inner, entry in _parts(schema, value):
        yield from marked(inner, entry, root, depth + 1)


def _parts(schema: Mapping[str, Any], value: Any) -> Iterator[tuple[Any, Any]]:
    """The entries of a mapping or list, each with the schemas that describe it."""
    if isinstance(value, Mapping):
        named = schema.get("properties") or {}
        patterns = schema.get("patternProperties") or {}
        for name, entry in value.items():
            fitting = [inner for pattern, inner in patterns.items() if _fits(pattern, str(name))]
            fitting += [named[name]] if name in named else []
            for inner in fitting or [schema.get("additionalProperties")]:
                yield inner, entry
    elif isinstance(value, (list, tuple)):
        items = schema.get("items")
        for place, entry in enumerate(value):
            known = isinstance(items, list) and place < len(items)
            yield (
                (items[place] if known else schema.get("additionalItems")) if isinstance(items, list) else items,
                entry,
            )


def _fits(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return True  # rather hidden than shown


def _referred(reference: Any, root: Any) -> Any:
    """What a reference inside of a schema (``#/definitions/name``) stands for; None for all others."""
    if not isinstance(reference, str) or not reference.startswith("#"):
        return None
    place = root
    for part in reference.lstrip("#").strip("/").split("/") if reference.strip("#/") else []:
        name = part.replace("~1", "/").replace("~0", "~")
        place = place.get(name) if isinstance(place, Mapping) else None
    return place


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for entry in value.values():
            yield from _texts(entry)
    elif isinstance(value, (list, tuple)):
        for entry in value:
            yield from _texts(entry)


def readable(params: Mapping[str, Any], spec: Mapping[str, Any]) -> Iterator[str]:
    """The texts of a module's options that are no secrets."""
    for name, entry in params.items():
        option = spec.get(name) or {}
        if option.get("no_log"):
            continue
        for item in entry if isinstance(entry, list) else [entry]:
            if isinstance(item, Mapping) and option.get("options"):
                yield from readable(item, option["options"])
            elif isinstance(item, str):
                yield item


def hide_options(params: Mapping[str, Any], spec: Mapping[str, Any], known: Collection[str] = ()) -> dict[str, Any]:
    """A module's options as they may be shown: what its specification marks is hidden by its place."""
    shown: dict[str, Any] = {}
    for name, entry in params.items():
        option = spec.get(name) or {}
        if option.get("no_log") and entry is not None:
            shown[name] = HIDDEN
        elif option.get("options") and isinstance(entry, list):
            shown[name] = [
                hide_options(item, option["options"], known) if isinstance(item, Mapping) else HIDDEN for item in entry
            ]
        elif option.get("options") and isinstance(entry, Mapping):
            shown[name] = hide_options(entry, option["options"], known)
        elif option.get("options") and entry is not None:  # a text that couldn't be read as options
            shown[name] = HIDDEN
        elif "no_log" in option:
            shown[name] = entry
        else:
            shown[name] = hide(entry, known)
    return shown
