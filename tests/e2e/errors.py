# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes that users make, and what the run has to say to each. A table."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from tests.support.sandbox import Sandbox

SITE = "playbooks/site.yml"
THREESCALE = "playbooks/threescale.yml"
SERVING = "playbooks/model_serving.yml"


def _model(**changes: Any) -> dict[str, Any]:
    return {"name": "spare", "task": "chat", "endpoint": "https://llm.example.com", "plans": ["standard"], **changes}


def _served(**changes: Any) -> dict[str, Any]:
    source = {"huggingface": "ibm-granite/granite-8b-code-instruct-128k"}
    return {"name": "spare", "task": "chat", "source": source, "plans": ["standard"], **changes}


@dataclass(frozen=True)
class Mistake:
    """One wrong variable (``variables``), the playbook that meets it, and the words its answer must hold."""

    name: str
    variables: dict[str, Any]
    says: list[str]
    playbook: str = SITE
    before_any_write: bool = True
    options: list[str] = field(default_factory=list)

    def arguments(self, _sandbox: Sandbox) -> list[str]:
        """What to add to ``ansible-playbook -i INVENTORY``."""
        return [self.playbook, "-e", json.dumps(self.variables), *self.options]


MISTAKES = [
    Mistake("model name with a space", {"maas_models": [_model(name="my model")]}, ["maas_models", "my model"]),
    Mistake("two models of one name", {"maas_models": [_model(), _model()]}, ["maas_models", "spare"]),
    Mistake("unknown plan", {"maas_models": [_model(plans=["gold"])]}, ["gold", "maas_plans"]),
    Mistake(
        "GPU that no node has",
        {"maas_models": [_served(serving={"gpus": 99})]},
        ["spare", "99", "nvidia.com/gpu", "serving.gpus"],
    ),
    Mistake("generation that does not exist", {"sso_generation": "keycloak"}, ["sso_generation", "rhbk", "rhsso"]),
    Mistake(
        "typing error in an identity provider",
        {"sso_identity_providers": [{"alias": "company", "provider": "oidc", "client_id": "x"}]},
        ["sso_identity_providers", "provider_id"],
    ),
    Mistake("secret that the vault lacks", {"sso_client_secret": "{{ vault_nope }}"}, ["vault_nope", "undefined"]),
    Mistake("tenant in capital letters", {"maas_tenant": "MaaS"}, ["maas_tenant", "lower case letters"]),
    Mistake("namespace in capital letters", {"sso_namespace": "SSO"}, ["sso_namespace", "lower case letters"]),
    Mistake(
        "runtime that is not there, without preflight",
        {"maas_models": [_served(serving={"runtime": "tgi"})]},
        ["spare", "tgi", "model_serving_runtimes"],
        SERVING,
    ),
    Mistake("unknown task", {"maas_models": [_model(task="paint")]}, ["paint", "chat"]),
    Mistake(
        "wrong token",
        {"threescale_access_token": "not-the-token-of-this-tenant"},
        ["threescale_access_token", "403"],
        THREESCALE,
        before_any_write=False,
    ),
    Mistake(
        "unknown host",
        {"threescale_admin_url": "https://nowhere.invalid"},
        ["nowhere.invalid"],
        THREESCALE,
        before_any_write=False,
    ),
    Mistake(
        "untrusted certificate",
        {"threescale_ca_path": "/etc/ssl/certs/ca-certificates.crt"},
        ["certificate", "threescale_ca_path"],
        THREESCALE,
        before_any_write=False,
    ),
    Mistake(
        "missing RWX class",
        {"threescale_storage_class": "no-such-class"},
        ["threescale_storage_class", "no-such-class"],
        THREESCALE,
    ),
    Mistake(
        "missing class for the search index",
        {"threescale_search_storage_class": "no-such-class"},
        ["threescale_search_storage_class", "no-such-class"],
        THREESCALE,
    ),
    Mistake(
        "file storage of both kinds",
        {"threescale_apimanager_spec": {"system": {"fileStorage": {"simpleStorageService": {}}}}},
        ["threescale_apimanager_spec", "threescale_storage_s3_secret"],
        THREESCALE,
    ),
]
