# SPDX-License-Identifier: GPL-3.0-or-later
"""A sandbox as the automation platform installs and runs it."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.cluster import Cluster
from tests.support.playbook import Run, run_playbook
from tests.support.runner import Job, Platform, lay_out
from tests.support.sandbox import Sandbox
from tests.support.state import of_threescale
from tests.support.tenant import Tenant
from tests.support.until import until

LIMITED = {"name": "standard", "title": "Standard", "limits": [{"requests": 600, "per": "minute"}]}
PLANS = {"maas_plans": [LIMITED, {"name": "trial", "title": "Trial"}]}
INSTALLS = ["rights", "preflight", "model_serving", "sso", "threescale", "portal_content"]
DRIFT_FILES = ["drift_json", "drift_page", "drift_textfile"]
# what the operator lifecycle manager leaves, and what the cluster writes by itself
STAYS = {"APIService", "CustomResourceDefinition", "Event", "Lease", "IPAddress", "EndpointSlice"}


@dataclass(frozen=True)
class Service:
    """A finished sandbox. ``bare``: names of the objects that its cluster held before."""

    sandbox: Sandbox
    cluster: Cluster
    bare: set[str]
    platform: Platform

    def run(self, errand: str, *options: str, **given: Any) -> Run:
        """An errand, with extra variables."""
        more = ("-e", json.dumps(given)) if given else ()
        return run_playbook(self.sandbox.inventory, f"playbooks/{errand}.yml", *options, *more)

    def passes(self, errand: str, *options: str, **given: Any) -> Run:
        """An errand that must end well."""
        run = self.run(errand, *options, **given)
        assert run.code == 0, run.output[-6000:]
        return run

    def job(self, template: str, handed_on: dict[str, Any] | None = None, **survey: Any) -> Job:
        """A job of the platform that must end well, and shows no secret."""
        facts = self.sandbox.facts
        secrets = ["sandbox-keycloak-database", facts["sandbox_company_oidc_client_secret"]]
        if template not in [*INSTALLS, "teardown"]:
            secrets += [self.tenant().token, *self.tenant().keys().values()]
        return self.platform.passes(template, survey, secrets, handed_on)

    def rows(self) -> list[str]:
        """What 3scale holds, whenever it is asked."""
        self.sandbox.purge()
        return of_threescale(self.sandbox.dump("threescale"))

    def tenant(self) -> Tenant:
        return Tenant(self.sandbox, self.cluster)


def objects(sandbox: Sandbox) -> set[str]:
    """Names of the cluster's objects; asked again while the server readies new definitions."""
    for _attempt in range(30):
        found = sandbox.dump("kubernetes")
        if isinstance(found, list):
            named = [(item["kind"], item["metadata"]) for item in found]
            return {f"{kind} {m.get('namespace', '')}/{m['name']}" for kind, m in named if kind not in STAYS}
        time.sleep(1)
    raise TimeoutError(f"the cluster can't be read: {found}")


def platform(sandbox: Sandbox, folder: Path) -> Platform:
    """The project of the sandbox's inventory, whose jobs sign in by their environment, as an administrator at first."""
    variables = {
        "maas_environment": {},
        "model_serving_hugging_face_token": "{{ lookup('ansible.builtin.env', 'HF_TOKEN') }}",
        "teardown_models": True,
        **{name: str(folder / name) for name in DRIFT_FILES},
    }
    (sandbox.inventory / "group_vars" / "all" / "platform.yml").write_text(json.dumps(variables))
    known = yaml.safe_load(Path(sandbox.facts["sandbox_admin_kubeconfig"]).read_text())
    cluster, user = known["clusters"][0]["cluster"], known["users"][0]["user"]
    credentials = {
        "K8S_AUTH_HOST": cluster["server"],
        "K8S_AUTH_SSL_CA_CERT": cluster["certificate-authority"],
        "K8S_AUTH_API_KEY": user["token"],
        "HF_TOKEN": sandbox.facts.get("sandbox_hub_token", "hf_sandbox"),
    }
    try:
        return lay_out(sandbox.inventory, folder, credentials)
    finally:
        (sandbox.inventory / "group_vars" / "all" / "platform.yml").unlink()


def begin(sandbox: Sandbox, folder: Path) -> Service:
    """Gives the automation its rights, as an administrator, and installs all with these, stage by stage."""
    (sandbox.inventory / "group_vars" / "all" / "plans.yml").write_text(json.dumps(PLANS))  # JSON is YAML
    running, cluster = platform(sandbox, folder), Cluster(sandbox)
    Service(sandbox, cluster, set(), running).job("rights")
    running.credentials["K8S_AUTH_API_KEY"] = until(lambda: token_of(cluster, "automation"), "the account has a token")
    made = Service(sandbox, cluster, objects(sandbox), running)
    for stage in INSTALLS[1:]:
        made.job(stage)
    return made


def token_of(cluster: Cluster, account: str) -> str:
    """The token of the automation's account, once the cluster has made it."""
    data = cluster.core.read_namespaced_secret(f"{account}-token", "rhai-maas").data or {}
    return base64.b64decode(data.get("token", "")).decode()
