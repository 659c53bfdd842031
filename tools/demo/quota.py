# SPDX-License-Identifier: GPL-3.0-or-later
"""A key with a small quota of tokens talks to a model until it is refused; three places are asked what that cost."""

from __future__ import annotations

import json
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import kubernetes
import requests

from tools.demo.https import session
from tools.demo.models import PATIENCE, TIMEOUT
from tools.demo.service import INVENTORY, ROOT, Service, ServiceError

QUESTION = "Tell a story about a river."
ANSWER = 200  # tokens
COUNTERS = re.compile(r"^(?:llamacpp:prompt_tokens_total|llamacpp:tokens_predicted_total) (\S+)", re.MULTILINE)
SETTLED = 30  # seconds that reports and statistics may take


class QuotaError(Exception):
    """The quota did not do what it should; says what happened."""


@dataclass(frozen=True)
class Key:
    """An application on a plan: its id, its key, and its name in reports."""

    application: int
    key: str
    name: str


def buy(service: Service, product: str, plan: str, beside: int) -> Key:
    """A new application of a plan, for the developer whose application ``beside`` is, as an operator hands it out."""
    https = session(service.ca, service.token)

    def call(method: str, path: str, **body: Any) -> dict[str, Any]:
        answer = https.request(method, f"{service.admin}/admin/api/{path}", json=body or None, timeout=TIMEOUT)
        if not answer.ok:
            raise ServiceError(f"{method} {path} answered {answer.status_code}: {answer.text[:200]}")
        found: dict[str, Any] = answer.json()
        return found

    services = [item["service"] for item in call("GET", "services.json")["services"]]
    number = next(item["id"] for item in services if item["system_name"] == product)
    plans = [item["application_plan"] for item in call("GET", f"services/{number}/application_plans.json")["plans"]]
    plan_id = next(item["id"] for item in plans if item["system_name"] == plan)
    account = call("GET", f"applications/find.json?application_id={beside}")["application"]["account_id"]
    name = f"{plan} {int(time.time())}"
    wish = {"plan_id": plan_id, "name": name, "description": "a small quota"}
    made = call("POST", f"accounts/{account}/applications.json", **wish)["application"]
    return Key(int(made["id"]), str(made["user_key"]), name)


def talk(address: str, model: str, key: str, ca: str) -> tuple[int, int]:
    """Chat until the quota refuses; number of answers and the tokens that they say they cost."""
    https = session(ca)
    https.headers["Authorization"] = f"Bearer {key}"
    body = {"model": model, "messages": [{"role": "user", "content": QUESTION}], "max_tokens": ANSWER}
    # what a server takes from its cache it does not count as work, so it takes nothing from there
    body["cache_prompt"] = False
    answers, tokens, deadline = 0, 0, time.monotonic() + PATIENCE
    while True:
        answer = https.post(f"{address}/v1/chat/completions", json=body, timeout=TIMEOUT)
        if answer.status_code == 200:
            answers, tokens = answers + 1, tokens + int(answer.json()["usage"]["total_tokens"])
        elif answer.status_code == 429 and answers:
            return answers, tokens
        elif time.monotonic() > deadline or answers:
            raise QuotaError(f"{address} answered {answer.status_code} after {answers} answers: {answer.text[:200]}")
        else:
            time.sleep(1)  # the gateway has to hear of the key


def worked(kubeconfig: str, namespace: str, served: str) -> int:
    """Tokens that the model's servers have worked through since they started, as their own metrics say."""
    client = kubernetes.client.CoreV1Api(kubernetes.config.new_client_from_config(kubeconfig))
    pods = client.list_namespaced_pod(namespace, label_selector=f"serving.kserve.io/inferenceservice={served}").items
    total = 0.0
    for pod in pods:
        port = pod.spec.containers[0].ports[0].container_port
        text = requests.get(f"http://{pod.status.pod_ip}:{port}/metrics", timeout=TIMEOUT).text
        total += sum(float(number) for number in COUNTERS.findall(text))
    return round(total)


def reported(name: str, folder: Path) -> int:
    """The application's tokens of today, as playbooks/report.yml (``threescale_usage_info``) writes them."""
    file = folder / "quota.json"
    given = {"report_file": str(file), "report_period": "day", "report_metrics": ["total_tokens"]}
    command = [
        "ansible-playbook",
        "-i",
        str(INVENTORY),
        str(ROOT / "playbooks" / "report.yml"),
        "-e",
        json.dumps(given),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise QuotaError(f"playbooks/report.yml failed: {done.stdout[-1000:]}")
    rows = json.loads(file.read_text())
    return sum(row["total"] for row in rows if row.get("application") == name)
