# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts, mapping rules, credentials, refusals, what the model gets."""

from __future__ import annotations

import base64
import ssl

import httpx
import pytest
import trustme

from tests.sandbox.gateway.conftest import AUTHORITY, Gateway
from tests.sandbox.gateway.fakes import FakeModel, Verdict
from tests.support.until import until

RULES = [
    ("GET", "/v1/models$", "models"),
    ("POST", "/v1/chat/completions", "chat"),
    ("GET", "/v1/files/{id}", "files"),
    ("GET", "/search?q={words}", "search"),
    ("GET", "/search?kind=exact", "exact"),
    ("GET", "/both", "first"),
    ("GET", "/both", "second", {"delta": 3}),
    ("GET", "/stop", "first", {"last": True}),
    ("GET", "/stop", "second"),
    ("GET", "/a.b", "dotted"),
    ("GET", "/sp%20ace", "spaced"),
]


@pytest.mark.parametrize(
    ("method", "path", "usage"),
    [
        ("GET", "/v1/models", {"models": "1"}),
        ("GET", "/v1/models?x=1", {"models": "1"}),
        ("GET", "//v1/mod%65ls", {"models": "1"}),
        ("GET", "/v1/./x/../models", {"models": "1"}),
        ("POST", "/v1/chat/completions/more", {"chat": "1"}),
        ("GET", "/v1/files/abc-1/content", {"files": "1"}),
        ("GET", "/search?q=a", {"search": "1"}),
        ("GET", "/search?q=a&kind=exact", {"search": "1", "exact": "1"}),
        ("GET", "/both", {"first": "1", "second": "3"}),
        ("GET", "/stop", {"first": "1"}),
        ("GET", "/a.b", {"dotted": "1"}),
        ("GET", "/sp%20ace", {"spaced": "1"}),
    ],
)
def test_mapping_rules_that_match(gateway: Gateway, method: str, path: str, usage: dict[str, str]) -> None:
    host = gateway.serve(rules=RULES)
    sign = "&" if "?" in path else "?"
    assert gateway.send(host, f"{path}{sign}user_key=KEY", method).status_code == 200
    call = gateway.threescale.calls[0]
    assert call.path == "/transactions/authrep.xml"
    assert call.usage == usage
    assert call.query["service_id"].isdigit() and call.query["service_token"] == "SERVICE-TOKEN"
    assert call.headers["3scale-options"] == "rejection_reason_header=1&limit_headers=1&no_body=1"
    assert call.headers["host"] == "backend.apps.example.com"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/models/x"), ("POST", "/v1/models"), ("GET", "/V1/MODELS"), ("GET", "/v1/files/"), ("GET", "/search"),
     ("GET", "/search?kind=other"), ("GET", "/axb"), ("HEAD", "/v1/models")],
)  # fmt: skip
def test_no_mapping_rule_matches(gateway: Gateway, method: str, path: str) -> None:
    host = gateway.serve(rules=RULES)
    sign = "&" if "?" in path else "?"
    answer = gateway.send(host, f"{path}{sign}user_key=nobody-knows-it", method)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "text/plain; charset=us-ascii"
    assert answer.text == ("" if method == "HEAD" else "No Mapping Rule matched")
    assert gateway.threescale.calls == []


def test_unknown_host_and_host_without_promotion(gateway: Gateway) -> None:
    assert gateway.send("nobody.apps.example.com").status_code == 404
    staging = gateway.serve()
    assert gateway.send(staging.replace("-staging", "-production")).status_code == 404


def test_production_is_picked_up_after_its_cache(gateway: Gateway) -> None:
    host = gateway.serve("production", name="promoted")
    assert gateway.send(host).status_code == 200
    fetched = len(gateway.threescale.fetches)
    assert gateway.send(host).status_code == 200
    assert len(gateway.threescale.fetches) == fetched, "a remembered configuration is not fetched again"
    gateway.serve("production", name="promoted", error_auth_missing="new text")
    until(lambda: gateway.send(host, "/v1/models").text == "new text", "the new configuration counts")


def test_staging_is_asked_for_with_each_request(gateway: Gateway) -> None:
    host = gateway.serve(name="fresh")
    assert gateway.send(host, "/v1/models").text == "Authentication parameters missing"
    gateway.serve(name="fresh", error_auth_missing='{"error": "no key"}', error_status_auth_missing=401,
                  error_headers_auth_missing="application/json")  # fmt: skip
    answer = gateway.send(host, "/v1/models")
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/json")
    assert answer.json() == {"error": "no key"}


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("location", "headers", "path", "key"),
    [
        ("query", {}, "/?user_key=KEY", "KEY"),
        ("headers", {"user_key": "KEY"}, "/", "KEY"),
        ("headers", {"User-Key": "KEY"}, "/", "KEY"),
        ("authorization", {"Authorization": basic("KEY:")}, "/", "KEY"),
        ("authorization", {"Authorization": basic(":KEY")}, "/", ""),
        ("authorization", {"Authorization": "Bearer KEY"}, "/", "KEY"),
        ("authorization", {"Authorization": "Bearer   KEY"}, "/", "KEY"),
        ("authorization", {"Authorization": "Bearer"}, "/", ""),
        ("headers", {"user_key": ""}, "/", ""),
    ],
)
def test_where_the_key_is_found(gateway: Gateway, location: str, headers: dict[str, str], path: str, key: str) -> None:
    host = gateway.serve(credentials_location=location)
    answer = gateway.send(host, path, headers=headers)
    assert gateway.threescale.calls[0].query["user_key"] == key
    assert answer.status_code == (200 if key == "KEY" else 403)
    assert key == "KEY" or answer.text == "Authentication failed"


@pytest.mark.parametrize(
    ("location", "headers", "path"),
    [
        ("query", {"user_key": "KEY"}, "/"),
        ("headers", {}, "/?user_key=KEY"),
        ("authorization", {"Authorization": "KEY"}, "/"),
        ("authorization", {"Authorization": "bearer KEY"}, "/"),
        ("authorization", {}, "/"),
    ],
)
def test_no_key(gateway: Gateway, location: str, headers: dict[str, str], path: str) -> None:
    answer = gateway.send(gateway.serve(credentials_location=location), path, headers=headers)
    assert (answer.status_code, answer.text) == (403, "Authentication parameters missing")
    assert gateway.threescale.calls == []


def test_key_in_a_form_and_app_id_pairs(gateway: Gateway) -> None:
    host = gateway.serve(rules=[("POST", "/", "hits")])
    assert gateway.send(host, "/", "POST", data={"user_key": "KEY"}).status_code == 200
    host = gateway.serve(backend_version="2", authentication_method="2", credentials_location="authorization")
    gateway.send(host, "/", headers={"Authorization": basic("me:secret")})
    call = gateway.threescale.calls[-1]
    assert (call.query["app_id"], call.query["app_key"]) == ("me", "secret")


def test_two_authorization_headers_are_refused(gateway: Gateway) -> None:
    host = gateway.serve(credentials_location="authorization")
    pairs = [("Host", host), ("Authorization", "Bearer KEY"), ("Authorization", "Bearer KEY")]
    assert httpx.get(f"http://127.0.0.1:{gateway.port}/", headers=pairs).status_code == 400


def test_what_the_model_gets(gateway: Gateway) -> None:
    host = gateway.serve(credentials_location="headers", auth_user_key="Authorization", rules=[("POST", "/", "hits")])
    sent = {"Authorization": "KEY", "X-Real-IP": "6.6.6.6", "X-3scale-proxy-secret-token": "forged", "Cookie": "a=b"}
    answer = gateway.send(host, "/v1//raw%20path?x=%41", "POST", headers=sent, content=b"x" * 200_000)
    got = answer.json()
    assert got["path"] == "/v1//raw%20path?x=%41"
    assert got["size"] == 200_000
    headers = got["headers"]
    assert headers["host"] == f"127.0.0.1:{gateway.model.port}"
    assert headers["authorization"] == "KEY"
    assert headers["x-real-ip"] == "127.0.0.1"
    assert headers["x-3scale-proxy-secret-token"] == "SHARED"
    assert headers["cookie"] == "a=b"
    assert answer.headers["x-model"] == "yes"


def test_base_path_and_host_rewrite(gateway: Gateway) -> None:
    host = gateway.serve(api_backend=f"{gateway.model.url}/base", hostname_rewrite="model.internal")
    got = gateway.send(host, "/v1/models?user_key=KEY").json()
    assert got["path"] == "/base/v1/models?user_key=KEY"
    assert got["headers"]["host"] == "model.internal"


def test_limits_exceeded_and_switched_off_metric(gateway: Gateway) -> None:
    host = gateway.serve()
    over = {"3scale-rejection-reason": "limits_exceeded", "3scale-limit-remaining": "0", "3scale-limit-reset": "42"}
    gateway.threescale.verdicts["KEY"] = Verdict(409, {**over, "3scale-limit-max-value": "5"})
    answer = gateway.send(host)
    assert (answer.status_code, answer.text) == (429, "Usage limit exceeded")
    assert answer.headers["retry-after"] == "42"
    gateway.threescale.verdicts["KEY"] = Verdict(409, {**over, "3scale-limit-max-value": "0"})
    assert (gateway.send(host).status_code, gateway.send(host).text) == (403, "Authentication failed")
    gateway.threescale.verdicts["KEY"] = Verdict(409, {"3scale-rejection-reason": "application_not_active"})
    assert gateway.send(host).status_code == 403


def test_model_that_can_not_be_reached(gateway: Gateway) -> None:
    assert gateway.send(gateway.serve(api_backend="http://127.0.0.1:1")).status_code == 502
    assert gateway.send(gateway.serve(api_backend="http://no.such.name.invalid")).status_code == 503
    assert gateway.send(gateway.serve(api_backend=None)).status_code == 404


def test_services_of_the_cluster_are_resolved(gateway: Gateway) -> None:
    port = gateway.model.port
    for name in ("granite.llm-hosting.svc.cluster.local", "granite.llm-hosting.svc"):
        answer = gateway.send(gateway.serve(api_backend=f"http://{name}:{port}"))
        assert answer.status_code == 200
        assert answer.json()["headers"]["host"] == f"{name}:{port}"
    assert gateway.send(gateway.serve(api_backend=f"http://gone.llm-hosting.svc:{port}")).status_code == 503


def tls_of(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


def test_certificate_of_the_model_is_checked(gateway: Gateway) -> None:
    known, stranger = FakeModel(tls_of(AUTHORITY)), FakeModel(tls_of(trustme.CA()))
    answer = gateway.send(gateway.serve(api_backend=known.url))
    assert (answer.status_code, len(known.seen)) == (200, 1)
    assert gateway.send(gateway.serve(api_backend=stranger.url)).status_code == 502
    assert stranger.seen == []
    known.close()
    stranger.close()


def test_debug_headers_need_the_service_token(gateway: Gateway) -> None:
    host = gateway.serve()
    shown = gateway.send(host, headers={"X-3scale-debug": "SERVICE-TOKEN"}).headers
    assert shown["x-3scale-matched-rules"] == "/"
    assert shown["x-3scale-usage"] == "usage%5Bhits%5D=1"
    assert shown["x-3scale-service-name"].startswith("product")
    assert "x-3scale-debug" not in gateway.model.seen[-1].headers
    assert "x-3scale-usage" not in gateway.send(host, headers={"X-3scale-debug": "guess"}).headers


def test_counters(gateway: Gateway) -> None:
    address = f"http://127.0.0.1:{gateway.port}/_sandbox/counters"
    httpx.delete(address)
    host = gateway.serve(rules=[("GET", "/", "hits"), ("POST", "/", "hits")])
    gateway.send(host, "/a?user_key=KEY")
    gateway.send(host, "/a?user_key=KEY", "POST")
    assert httpx.get(address).json() == {"total": 2, "writes": 1, "dry_runs": 0, "by_path": {"GET /a": 1, "POST /a": 1}}
