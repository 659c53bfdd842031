# SPDX-License-Identifier: GPL-3.0-or-later
"""api-key: how a key is found, and that neither it nor the secret token reaches the model."""

from __future__ import annotations

import base64

import pytest

from tests.gateway.conftest import World, policy

KEY = policy("api-key", prefixes=["sk-maas-", "sk-"])
PARTNER = policy("headers", request=[{"op": "set", "header": "Authorization", "value": "Bearer partner"}])


@pytest.fixture(scope="module")
def host(running: World) -> str:
    return running.serve(KEY)


@pytest.mark.parametrize(
    "sent",
    [
        "Bearer KEY",
        "bearer KEY",
        "BEARER \t KEY",
        "Bearer    KEY  ",
        "KEY",
        "Bearer sk-maas-KEY",
        "sk-KEY",
        "bEARER sk-KEY",
    ],
)
def test_key_is_found_and_kept_from_the_model(world: World, host: str, sent: str) -> None:
    key = world.key()
    answer, request = world.call(host, key, send={"Authorization": sent.replace("KEY", key)})
    assert (answer.status, world.backend.calls[0].query["user_key"]) == (200, key)
    assert request is not None and "authorization" not in request.headers
    assert "x-3scale-proxy-secret-token" not in request.headers
    assert key not in str({name: value for name, value in request.headers.items() if name != "x-script"})


@pytest.mark.parametrize(
    "sent",
    [
        *(
            "Bearer",
            "Bearer ",
            "bearer\t",
            "Basic S0VZOg==",
            "x Bearer KEY",
            "BearerKEY",
            "Bearer Bearer KEY",
            "Bearer KEY x",
        ),
        *("sk-maas-", "Bearer sk-sk-KEY", "SK-KEY", "Token KEY"),
    ],
)
def test_everything_else_is_refused(world: World, host: str, sent: str) -> None:
    key = world.key()
    answer, request = world.call(host, key, send={"Authorization": sent.replace("KEY", key)})
    assert (answer.status, request) == (403, None)
    assert "Authentication failed" in answer.body.decode()


def test_other_schemes_are_left_alone(world: World, host: str) -> None:
    world.call(host, world.key(), send={"Authorization": "Basic S0VZOg=="})
    assert world.backend.calls[0].query["user_key"] == "Basic S0VZOg=="


def test_no_key(world: World, host: str) -> None:
    answer, request = world.call(host, world.key(), send={"Authorization": ""})
    assert (answer.body, request, world.backend.calls) == (b"Authentication parameters missing", None, [])


def test_two_keys(world: World, host: str) -> None:
    key = world.key()
    answer, request = world.call(host, key, send={"authorization": f"Bearer {key}"})
    assert (answer.status, request) == (400, None)  # by nginx itself


def test_anthropic_header(world: World, host: str) -> None:
    key = world.key()
    answer, request = world.call(host, key, send={"Authorization": "", "X-Api-Key": f"sk-{key}"})
    assert (answer.status, world.backend.calls[0].query["user_key"]) == (200, key)
    assert request is not None and "x-api-key" not in request.headers


def test_azure_header(world: World, host: str) -> None:
    key = world.key()
    answer, request = world.call(host, key, send={"Authorization": "", "api-key": key})
    assert (answer.status, world.backend.calls[0].query["user_key"]) == (200, key)
    assert request is not None and "api-key" not in request.headers


@pytest.mark.parametrize("prefixes", [["sk-", "sk-maas-"], ["sk-maas-", "sk-"]])
def test_longest_prefix(world: World, prefixes: list[str]) -> None:
    host, key = world.serve(policy("api-key", prefixes=prefixes)), world.key()
    world.call(host, key, send={"Authorization": f"Bearer sk-maas-{key}"})
    assert world.backend.calls[0].query["user_key"] == key


def test_both_headers(world: World, host: str) -> None:
    key = world.key()
    answer, request = world.call(host, key, send={"Authorization": f"Bearer {key}", "X-Api-Key": "other"})
    assert (answer.status, world.backend.calls[0].query["user_key"]) == (200, key)
    assert request is not None and not {"x-api-key", "authorization"} & set(request.headers)


def test_other_headers_by_configuration(world: World) -> None:
    host, key = world.serve(policy("api-key", headers=["Api-Key"])), world.key()
    answer, request = world.call(host, key, send={"Authorization": "", "api-key": key, "x-api-key": "stays"})
    assert answer.status == 200
    assert request is not None and request.headers["x-api-key"] == ["stays"] and "api-key" not in request.headers


def test_header_of_the_product_itself(world: World) -> None:
    host, key = world.serve(KEY, auth_user_key="My-Key"), world.key()
    answer, request = world.call(host, key, send={"Authorization": "", "my-key": key})
    assert answer.status == 200
    assert request is not None and "my-key" not in request.headers


@pytest.mark.parametrize("place", ["before", "after"])
def test_what_the_model_itself_needs_stays(world: World, place: str) -> None:
    chain = [KEY, PARTNER, policy("apicast")] if place == "before" else [KEY, policy("apicast"), PARTNER]
    key = world.key()
    answer, request = world.call(world.serve(*chain), key)
    assert answer.status == 200
    assert request is not None and request.headers["authorization"] == ["Bearer partner"]


def test_forged_secret_token(world: World, host: str) -> None:
    _answer, request = world.call(host, world.key(), send={"X-3scale-proxy-secret-token": "forged"})
    assert request is not None and "x-3scale-proxy-secret-token" not in request.headers


def test_basic_where_the_product_takes_it(world: World) -> None:
    host, key = world.serve(KEY, credentials_location="authorization"), world.key()
    pair = base64.b64encode(f"{key}:".encode()).decode()
    answer, request = world.call(host, key, send={"Authorization": f"Basic {pair}"})
    assert (answer.status, world.backend.calls[0].query["user_key"]) == (200, key)
    assert request is not None and "authorization" not in request.headers


def test_keys_do_not_share_what_the_gateway_remembers(world: World, host: str) -> None:
    key = world.key()
    for _ in range(2):
        assert world.call(host, key)[0].status == 200
    assert world.call(host, "stranger")[0].status == 403


def test_application_ids_are_left_alone(world: World) -> None:
    host = world.serve(KEY, backend_version="2", auth_app_id="x-id", auth_app_key="x-key")
    world.backend.verdicts[""] = world.backend.verdicts["KEY"]
    _answer, request = world.call(host, "Bearer stays", send={"x-id": "one", "x-key": "two"})
    assert world.backend.calls[0].query["app_id"] == "one"
    assert request is not None and request.headers["authorization"] == ["Bearer stays"]
