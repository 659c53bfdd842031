# SPDX-License-Identifier: GPL-3.0-or-later
"""Both Keycloak operators, over the real server in its two layouts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from sandbox.common.launch import free_port, running
from tests.sandbox.operators.cluster import Cluster, Object, condition, is_true, plain
from tests.support.until import until


@pytest.fixture(scope="module", autouse=True)
def servers(kube: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Both layouts of the real server, where the operators' configuration says they are."""
    folder = tmp_path_factory.mktemp("keycloak")
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        for generation, server in kube.config["keycloak"].items():
            patch.setenv("KC_BOOTSTRAP_ADMIN_PASSWORD", server["admin_password"])
            url = urlsplit(server["url"])
            arguments = ["--port", str(url.port), "--management-port", str(free_port())]
            arguments += ["--relative-path", url.path or "/", "--state", str(folder / generation)]
            ready = f"{server['url']}/realms/master/.well-known/openid-configuration"
            # The first run of a machine downloads and builds the server. One after the other: side by side on two
            # cores they hold each other up.
            log = folder / f"{generation}.log"
            stack.enter_context(running("sandbox.keycloak", arguments, ready, log, 400))
        yield


def login(url: str, user: str, password: str) -> int:
    form = {"grant_type": "password", "client_id": "admin-cli", "username": user, "password": password}
    return httpx.post(f"{url}/realms/master/protocol/openid-connect/token", data=form).status_code


def realm_exists(url: str, name: str) -> bool:
    return httpx.get(f"{url}/realms/{name}/.well-known/openid-configuration").status_code == 200


def keycloak(namespace: str, **spec: Any) -> Object:
    reference = {"name": "db", "key": "password"}
    db = {"vendor": "postgres", "host": "db.example.com", "passwordSecret": reference}
    base = {
        "instances": 1,
        "db": db,
        "http": {"httpEnabled": True},
        "hostname": {"hostname": "https://sso.apps.localhost:8443"},
        "proxy": {"headers": "xforwarded"},
    }
    return {"metadata": {"name": "sso", "namespace": namespace}, "spec": {**base, **spec}}


def test_red_hat_build_of_keycloak(kube: Cluster) -> None:
    namespace, url = kube.namespace("rhbk"), kube.config["keycloak"]["rhbk"]["url"]
    kube.install("rhbk-operator", namespace, "stable-v26.4")
    kube.create("Keycloak", keycloak(namespace))
    stuck = kube.wait("Keycloak", namespace, "sso", is_true("HasErrors"))
    assert "CreateContainerConfigError" in condition(stuck, "HasErrors")["message"]
    assert condition(stuck, "Ready")["status"] == "False"
    kube.create("Secret", {"metadata": {"name": "db", "namespace": namespace}, "stringData": {"password": "x"}})
    ready = kube.wait("Keycloak", namespace, "sso", is_true("Ready"))
    assert condition(ready, "HasErrors")["status"] == "False"
    assert condition(ready, "Ready")["observedGeneration"] == ready["metadata"]["generation"]
    admin = plain(kube.get("Secret", namespace, "sso-initial-admin"))
    assert admin["username"] == "temp-admin"
    assert login(url, admin["username"], admin["password"]) == 200
    [route] = kube.list("Route", namespace)
    assert route["spec"]["host"] == "sso.apps.localhost"
    assert route["spec"]["to"]["name"] == "sso-service"
    spec = {"keycloakCRName": "sso", "realm": {"realm": "imported", "enabled": True, "displayName": "One"}}
    kube.create("KeycloakRealmImport", {"metadata": {"name": "imported", "namespace": namespace}, "spec": spec})
    kube.wait("KeycloakRealmImport", namespace, "imported", is_true("Done"))
    assert realm_exists(url, "imported")


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"db": {}}, "Failed to obtain JDBC connection"),
        ({"hostname": {}}, "hostname is not configured"),
        ({"http": {}}, "Key material not provided to setup HTTPS"),
    ],
)
def test_what_could_not_start_says_why(kube: Cluster, spec: Object, text: str) -> None:
    namespace = f"rhbk-{text.split()[0].lower()}"
    kube.namespace(namespace)
    kube.install("rhbk-operator", namespace, "stable-v26.4")
    kube.create("Keycloak", keycloak(namespace, **spec))
    failed = kube.wait("Keycloak", namespace, "sso", is_true("HasErrors"))
    assert text in condition(failed, "HasErrors")["message"]


def test_rh_sso(kube: Cluster) -> None:
    namespace, url = kube.namespace("rh-sso"), kube.config["keycloak"]["rhsso"]["url"]
    kube.install("rhsso-operator", namespace, "stable")
    own = {"metadata": {"name": "credential-rh-sso", "namespace": namespace}}
    kube.create("Secret", {**own, "stringData": {"ADMIN_PASSWORD": "my-own"}})
    spec = {"instances": 1, "externalAccess": {"enabled": True}}
    meta = {"name": "rh-sso", "namespace": namespace, "labels": {"app": "rh-sso"}}
    kube.create("RHSSO", {"metadata": meta, "spec": spec})
    ready = kube.wait("RHSSO", namespace, "rh-sso", lambda k: (k.get("status") or {}).get("ready"))
    status = ready["status"]
    assert status["phase"] == "reconciling"
    assert status["credentialSecret"] == "credential-rh-sso"
    assert status["externalURL"] == "https://keycloak-rh-sso.apps.localhost:8443"
    assert login(url, "admin", "my-own") == 200
    claim = kube.get("PersistentVolumeClaim", namespace, "keycloak-postgresql-claim")
    assert claim is not None
    assert claim["status"]["phase"] == "Bound"
    realm: Object = {"realm": "maas", "enabled": True, "displayName": "Models"}
    for name, labels in (("maas", {"app": "rh-sso"}), ("nobody", {"app": "elsewhere"})):
        body = {"instanceSelector": {"matchLabels": labels}, "realm": {**realm, "realm": name, "id": name}}
        kube.create("KeycloakRealm", {"metadata": {"name": name, "namespace": namespace}, "spec": body})
        kube.wait("KeycloakRealm", namespace, name, lambda r: (r.get("status") or {}).get("ready"))
    assert realm_exists(url, "maas")
    assert not realm_exists(url, "nobody")  # ready although the selector found no Keycloak: so does the real one
    kube.delete("KeycloakRealm", namespace, "maas")
    until(lambda: not realm_exists(url, "maas"), "the realm goes with its resource")


def test_host_is_prohibited_on_openshift(kube: Cluster) -> None:
    namespace = kube.namespace("rh-sso-host")
    kube.install("rhsso-operator", namespace, "stable")
    spec = {"instances": 1, "externalAccess": {"enabled": True, "host": "sso.example.com"}}
    kube.create("RHSSO", {"metadata": {"name": "sso", "namespace": namespace}, "spec": spec})
    failed = kube.wait("RHSSO", namespace, "sso", lambda k: (k.get("status") or {}).get("phase") == "failing")
    assert failed["status"]["message"] == "Setting Host in External Access on OpenShift is prohibited"
