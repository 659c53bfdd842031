# SPDX-License-Identifier: GPL-3.0-or-later
"""The operators' rules that need no cluster, by tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox.operators import catalogue, policies, rhbk_objects, serving_container, threescale_checks
from sandbox.operators.conditions import condition, merged
from sandbox.operators.config import ConfigError, parse
from sandbox.operators.connections import entry
from sandbox.operators.kube import encoded, selector_text
from sandbox.operators.threescale_monitoring import objects as monitoring
from sandbox.operators.threescale_parts import parts
from sandbox.operators.zync import wanted

OUTSIDE = {"system": {"redis": True, "database": True}, "backend": {"redis": True}}


@pytest.mark.parametrize(
    ("spec", "count"),
    [
        ({}, 15),
        ({"externalComponents": OUTSIDE}, 12),
        ({"externalComponents": {**OUTSIDE, "zync": {"database": True}}}, 11),
        ({"externalComponents": OUTSIDE, "zync": {"enabled": False}}, 9),
        ({"highAvailability": {"enabled": True}}, 12),
        ({"system": {"database": {"postgresql": {}}}}, 15),
    ],
)
def test_deployments_of_a_release(spec: dict[str, Any], count: int) -> None:
    assert len({part.name for part in parts(spec)}) == count


SOURCES = {("redhat-operators", "openshift-marketplace")}


def subscription(**spec: Any) -> dict[str, Any]:
    base = {"name": "rhbk-operator", "source": "redhat-operators", "sourceNamespace": "openshift-marketplace"}
    return {"metadata": {"name": "sub"}, "spec": {**base, **spec}}


@pytest.mark.parametrize(
    ("spec", "installed", "csv"),
    [
        ({}, "", "rhbk-operator.v26.4.0-opr.1"),
        ({"channel": "stable-v26.2"}, "", "rhbk-operator.v26.2.10-opr.1"),
        ({"channel": "stable-v26", "startingCSV": "rhbk-operator.v26.0.16-opr.1"}, "", "rhbk-operator.v26.0.16-opr.1"),
        ({"channel": "stable-v26"}, "rhbk-operator.v26.0.16-opr.1", "rhbk-operator.v26.2.10-opr.1"),
        ({"channel": "stable-v26"}, "rhbk-operator.v26.4.0-opr.1", "rhbk-operator.v26.4.0-opr.1"),
        # another channel: what is older is replaced at once, what is newer stays
        ({"channel": "stable-v26.4"}, "rhbk-operator.v26.0.16-opr.1", "rhbk-operator.v26.4.0-opr.1"),
        ({"channel": "stable-v26.2"}, "rhbk-operator.v26.4.0-opr.1", "rhbk-operator.v26.4.0-opr.1"),
    ],
)
def test_resolution(spec: dict[str, Any], installed: str, csv: str) -> None:
    assert catalogue.resolve(catalogue.load(), subscription(**spec), installed, set()) == csv


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"source": "x"}, "no operators found from catalog x in namespace openshift-marketplace"),
        ({"name": "x"}, "no operators found in package x in the catalog referenced by subscription sub"),
        ({"channel": "x"}, "no operators found in channel x of package rhbk-operator"),
        ({"startingCSV": "x"}, "no operators found with name x in channel stable-v26.4"),
    ],
)
def test_what_can_not_be_resolved(spec: dict[str, Any], text: str) -> None:
    other = subscription()
    other["metadata"] = {"name": "beside"}
    with pytest.raises(catalogue.Unsatisfiable, match=text):
        catalogue.resolve_all(catalogue.load(), [other, subscription(**spec)], set(), SOURCES)


def test_two_subscriptions_of_one_package_ask_for_one_channel() -> None:
    other = subscription(channel="stable-v26")
    other["metadata"] = {"name": "other"}
    found = catalogue.resolve_all(catalogue.load(), [other, subscription(channel="stable-v26")], set(), SOURCES)
    assert set(found.values()) == {"rhbk-operator.v26.4.0-opr.1"}
    with pytest.raises(catalogue.Unsatisfiable, match="originate from package rhbk-operator"):
        catalogue.resolve_all(catalogue.load(), [other, subscription(channel="stable-v26.4")], set(), SOURCES)


@pytest.mark.parametrize(
    ("package", "targets", "refused"),
    [
        ("rhsso-operator", ["here"], ""),
        ("rhsso-operator", ["there"], ""),
        ("rhsso-operator", [], "AllNamespaces InstallModeType not supported"),
        ("rhods-operator", ["here"], "OwnNamespace InstallModeType not supported"),
        ("3scale-operator", [], ""),
        ("3scale-operator", ["a", "b"], "MultiNamespace InstallModeType not supported"),
    ],
)
def test_install_modes(package: str, targets: list[str], refused: str) -> None:
    found = catalogue.refused_mode(catalogue.load().packages[package], "here", targets)
    assert found.startswith(refused)
    assert bool(found) == bool(refused)


def manager(**spec: Any) -> dict[str, Any]:
    meta = {"name": "m", "namespace": "three", "uid": "u"}
    return {"metadata": meta, "spec": {"wildcardDomain": "apps.localhost", **spec}}


GOOD = {
    "system-redis": {"URL": "redis://r/1"},
    "backend-redis": {"REDIS_STORAGE_URL": "rediss://r/0", "REDIS_QUEUES_URL": "redis://r/1"},
    "system-database": {"URL": "mysql2://u:p@db/system"},
}


@pytest.mark.parametrize(
    ("spec", "version", "secrets", "text"),
    [
        ({}, "2.15", {}, ""),
        ({}, "2.16", GOOD, "External databases are required"),
        ({"externalComponents": OUTSIDE}, "2.16", GOOD, ""),
        ({"externalComponents": OUTSIDE}, "2.16", {}, "failed to verify system redis version"),
        (
            {"externalComponents": OUTSIDE},
            "2.16",
            {**GOOD, "system-database": {"URL": "sqlite:///x"}},
            "failed to verify system database version",
        ),
    ],
)
def test_preflight(spec: dict[str, Any], version: str, secrets: dict[str, dict[str, str]], text: str) -> None:
    found = threescale_checks.preflight(manager(**spec), version, secrets)
    assert found.startswith(text) or text in found
    assert bool(found) == bool(text)


def test_a_minor_release_can_not_be_skipped() -> None:
    body = manager()
    body["metadata"]["annotations"] = {"apps.3scale.net/apimanager-threescale-version": "2.14"}
    assert threescale_checks.preflight(body, "2.16", GOOD) == "attempted upgrade from 2.14 to 2.16 not allowed"


@pytest.mark.parametrize(("csv", "version"), [("3scale-operator.v0.12.5", "2.15"), ("3scale-operator.v0.13.4", "2.16")])
def test_release_of_an_operator(csv: str, version: str) -> None:
    assert threescale_checks.generation(csv) == version


def test_monitoring_objects() -> None:
    assert monitoring(manager()) == []
    enabled = monitoring(manager(monitoring={"enabled": True}))
    kinds = [resource.kind for resource, _body in enabled]
    assert kinds.count("PodMonitor") == kinds.count("PrometheusRule") == 8
    bare = monitoring(manager(monitoring={"enabled": True, "enablePrometheusRules": False}))
    assert {resource.kind for resource, _body in bare} == {"PodMonitor"}


def test_policy_folders_follow_the_secrets(tmp_path: Path) -> None:
    policy = {"name": "remove-bearer", "version": "0.1", "secretRef": {"name": "cp"}}
    secret = {"metadata": {"name": "cp", "resourceVersion": "7"}, "data": encoded({"init.lua": "x", "more.lua": "y"})}
    assert policies.write(tmp_path, [policy], {"cp": secret})
    assert not policies.write(tmp_path, [policy], {"cp": secret})
    assert (tmp_path / "remove-bearer/0.1/more.lua").read_text() == "y"
    secret["data"] = encoded({"init.lua": "z"})
    assert policies.write(tmp_path, [policy], {"cp": secret})
    assert not (tmp_path / "remove-bearer/0.1/more.lua").exists()
    assert policies.missing([policy], {}) == ["cp"]
    assert policies.rollout_marks([policy], {"cp": secret}) == {}  # without the watch label nothing rolls out
    secret["metadata"]["labels"] = {policies.WATCHED: "apimanager"}
    assert list(policies.rollout_marks([policy], {"cp": secret}).values()) == ["7"]
    own = tmp_path / "own" / "1.0"
    own.mkdir(parents=True)
    policies.write(tmp_path, [], {})
    assert not (tmp_path / "remove-bearer").exists()
    assert own.exists()


def test_routes_that_zync_wants() -> None:
    tenants = [
        {"id": 1, "name": "master", "domain": "m.d", "self_domain": "master.d", "master": True},
        {"id": 2, "name": "maas", "domain": "maas.d", "self_domain": "maas-admin.d", "master": False},
    ]
    product = {"tenant_id": 2, "system_name": "api", "staging": "https://api-s.d:8443", "production": None}
    endpoints = {"tenants": tenants, "products": [product]}
    found = {entry["host"]: entry["service"] for entry in wanted(endpoints, "maas")}
    assert found == {
        "master.d": "system-master",
        "maas-admin.d": "system-provider",
        "maas.d": "system-developer",
        "api-s.d": "apicast-staging",
    }
    assert wanted(endpoints, "other") == []


def test_runtime_and_service_make_one_container() -> None:
    base = {"name": "kserve-container", "args": ["--name={{.Name}}"], "env": [{"name": "A", "value": "1"}]}
    runtime = {"metadata": {"name": "r"}, "spec": {"containers": [base]}}
    model = {"modelFormat": {"name": "vLLM"}, "args": ["--more"], "env": [{"name": "A", "value": "2"}]}
    isvc = {"metadata": {"name": "one", "namespace": "n"}, "spec": {"predictor": {"model": model}}}
    made = serving_container.serving_container(isvc, runtime)
    assert made["args"] == ["--name=one", "--more"]
    assert made["env"] == [{"name": "A", "value": "2"}]
    assert made["readinessProbe"]["tcpSocket"] == {"port": 8080}
    model["args"] = ["--template={{`{{`}} b }}"]
    assert serving_container.serving_container(isvc, runtime)["args"][1] == "--template={{ b }}"
    model["args"] = ["--template={{ b }}"]
    with pytest.raises(serving_container.SpecError, match="Failed to replace placeholders"):
        serving_container.serving_container(isvc, runtime)
    with pytest.raises(serving_container.SpecError, match="no container is kserve-container"):
        serving_container.serving_container(isvc, {"spec": {"containers": [{"name": "other"}]}})


@pytest.mark.parametrize(
    ("hostname", "class_name", "host"),
    [
        ("https://sso.example.com:8443/x", "", "sso.example.com"),
        ("sso.example.com", "", "sso.example.com"),
        ("", "openshift-default", "sso-ingress-n.apps.localhost"),
        ("", "", ""),
    ],
)
def test_host_of_keycloak(hostname: str, class_name: str, host: str) -> None:
    spec = {"hostname": {"hostname": hostname}, "ingress": {"className": class_name}}
    body = {"metadata": {"name": "sso", "namespace": "n"}, "spec": spec}
    assert rhbk_objects.host(body, "apps.localhost") == host


def test_conditions_keep_their_time_while_the_status_stays() -> None:
    before = [{"type": "Ready", "status": "True", "lastTransitionTime": "then"}]
    [kept] = merged(before, [condition("Ready", True, "New")])
    assert (kept["lastTransitionTime"], kept["reason"]) == ("then", "New")
    [moved] = merged(before, [condition("Ready", False)])
    assert moved["lastTransitionTime"] != "then"


def test_selectors_become_queries() -> None:
    expressions = [{"key": "b", "operator": "In", "values": ["1", "2"]}, {"key": "c", "operator": "DoesNotExist"}]
    assert selector_text({"matchLabels": {"a": "1"}, "matchExpressions": expressions}) == "a=1,b in (1,2),!c"


def test_a_connection_without_the_old_annotation_has_no_type() -> None:
    secret = {"metadata": {"annotations": {"opendatahub.io/connection-type-ref": "s3"}}, "data": encoded({})}
    assert '"type": ""' in entry(secret, bundle=False)


def test_configuration_names_what_it_does_not_know() -> None:
    with pytest.raises(ConfigError, match="unknown keys colour"):
        parse({"colour": "blue"})
    with pytest.raises(ConfigError, match="admin_user"):
        parse({"keycloak": {"rhbk": {"url": "http://x"}}})
    assert parse({"public_port": 8443}).port_suffix == ":8443"
    assert parse({}).port_suffix == ""
