# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as a secret, and how it is hidden: by its place, as a whole, and no more than that."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Change
from ansible_collections.rhai.maas.plugins.module_utils.engine.secrets import (
    free_form,
    hide,
    hide_options,
    marked,
    readable,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.show import diff, operations

SPEC = {
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "mandatory_app_key": {"type": "bool", "no_log": False},
    "items": {"type": "list", "options": {"key": {"no_log": True}, "configuration": {"type": "dict"}}},
}
PARAMS = {
    "username": "same",
    "password": "same",
    "mandatory_app_key": True,
    "items": [{"key": "k", "configuration": {"app_key": "deep", "shown": "same"}}],
}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"app_key": "x", "certificate_key": "x", "client_secret": "x"}, ["(secret)"] * 3),
        ({"certificate_key_type": "path", "certificate_key_path": "/x", "auth_user_key": "h"}, ["path", "/x", "h"]),
        ({"op": "set", "header": "Authorization", "value": "x"}, ["set", "Authorization", "(secret)"]),
        ({"op": "set", "header": "X-Team", "value": "blue"}, ["set", "X-Team", "blue"]),
        ({"all_proxy": "http://u:p@h:1/"}, ["http://(secret)@h:1/"]),
        ({"app_key": "", "client_secret": None}, ["", None]),
        ({"jwtPrivateKey": "x", "bindCredential": "x", "client.secret.rotated": "x"}, ["(secret)"] * 3),
        ({"client.secret.creation.time": "1", "resetPasswordAllowed": "true", "tokenUrl": "u"}, ["1", "true", "u"]),
        ({"vault.password": ["x", "y"], "passwords": []}, [["(secret)", "(secret)"], []]),
    ],
)
def test_hidden_by_name_and_header(value: dict[str, Any], shown: list[Any]) -> None:
    assert list(hide(value).values()) == shown


def test_options_are_hidden_where_they_stand() -> None:
    """A user name that equals the password can be read; free-form options are looked through."""
    shown = hide_options(PARAMS, SPEC)
    assert shown["username"] == "same" and shown["password"] == "(secret)" and shown["mandatory_app_key"] is True
    assert shown["items"] == [{"key": "(secret)", "configuration": {"app_key": "(secret)", "shown": "same"}}]
    assert list(free_form(PARAMS, SPEC)) == ["deep"]
    assert "same" in set(readable(shown, SPEC))


def test_what_a_schema_marks() -> None:
    schema = {"properties": {"a": {"writeOnly": True}, "b": {"items": {"format": "password"}}, "c": {}}}
    assert list(marked(schema, {"a": "1", "b": ["2", "3"], "c": "4"})) == ["1", "2", "3"]


def test_a_secret_that_changes_says_so_and_no_more() -> None:
    def chain(key: str) -> dict[str, Any]:
        return {"policies": [{"name": "default_credentials", "configuration": {"user_key": key, "own": "marked-one"}}]}

    change = Change("update", "policy chain", "p", before=chain("old-one"), after=chain("new-one"))
    shown = str(diff([change], {"marked-one"})) + str(operations([change], {"marked-one"}))
    assert "(secret, changed)" in shown and "user_key: (secret)" in shown
    assert not any(word in shown for word in ("old-one", "new-one", "marked-one"))


SCHEMA = {
    "definitions": {
        "secret": {"type": "string", "writeOnly": True},
        "tree": {"properties": {"more": {"$ref": "#/definitions/tree"}, "pin": {"$ref": "#/definitions/secret"}}},
    },
    "properties": {
        "plain": {"type": "string"},
        "pass": {"type": "string", "format": "password"},
        "tree": {"$ref": "#/definitions/tree"},
        "headers": {"additionalProperties": {"$ref": "#/definitions/secret"}},
        "by_pattern": {"patternProperties": {"^x-": {"writeOnly": True}}},
        "either": {"anyOf": [{"type": "string"}, {"properties": {"key": {"writeOnly": True}}}]},
        "whole": {"type": "object", "writeOnly": True},
        "rows": {"items": {"properties": {"token": {"writeOnly": True}}}},
        "pair": {"items": [{"type": "string"}, {"$ref": "#/definitions/secret"}]},
    },
    "dependencies": {"plain": {"oneOf": [{"properties": {"extra": {"writeOnly": True}}}]}},
}  # fmt: skip


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"plain": "p", "pass": "s1"}, ["s1"]),
        ({"tree": {"pin": "s1", "more": {"more": {"pin": "s2"}}}}, ["s1", "s2"]),
        ({"headers": {"a": "s1", "b": "s2"}}, ["s1", "s2"]),
        ({"by_pattern": {"x-a": "s1", "y": "p"}}, ["s1"]),
        ({"either": {"key": "s1"}}, ["s1"]),
        ({"either": "p"}, []),
        ({"whole": {"a": "s1", "b": ["s2", {"c": "s3"}]}}, ["s1", "s2", "s3"]),
        ({"rows": [{"token": "s1", "name": "p"}, {"token": "s2"}]}, ["s1", "s2"]),
        ({"pair": ["p", "s1"]}, ["s1"]),
        ({"plain": "p", "extra": "s1"}, ["s1"]),
    ],
)
def test_whatever_a_schema_marks_is_found(value: Any, found: list[str]) -> None:
    assert sorted(set(marked(SCHEMA, value))) == found
