# SPDX-License-Identifier: GPL-3.0-or-later
"""``make demo``: start the sandbox, run the site playbook twice, and use the service as a developer does."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import requests

from tools.demo.developer import Developer, JourneyError
from tools.demo.keys import KeyTroubleError, one_key
from tools.demo.models import CallError, Models
from tools.demo.playbook import Recap, run_site
from tools.demo.quota import SETTLED, QuotaError, buy, reported, talk, worked
from tools.demo.service import INVENTORY, ROOT, Service, ServiceError, find_service, inventory_variables, sandbox_facts

BUILD = ROOT / "build"
QUESTION = "Name the capital of France."
REAL = "llamacpp"  # the runtime whose models are real ones in the sandbox, too


def heading(text: str) -> None:
    """A line that stands out among the playbook's output."""
    print(f"\n\033[1m== {text}\033[0m" if sys.stdout.isatty() else f"\n== {text}", flush=True)


def start_sandbox() -> None:
    """``bin/sandbox up``; it shows its own progress, and does nothing where all parts run already."""
    heading("Starting the sandbox")
    done = subprocess.run([str(ROOT / "bin" / "sandbox"), "up"], cwd=ROOT, check=False)
    if done.returncode:
        raise SystemExit("The sandbox did not start (see above); bin/sandbox status shows its parts.")


def run_twice() -> tuple[Recap, Recap]:
    """The site playbook twice; the second run has to change nothing."""
    heading("First run of playbooks/site.yml")
    first = run_site(INVENTORY)
    if first["failed"]:
        raise SystemExit("The first run of the site playbook failed (see above).")
    heading("Second run: nothing may change")
    return first, run_site(INVENTORY)


def use_service(service: Service, facts: dict[str, Any], models: list[dict[str, Any]]) -> dict[str, Any]:
    """The developer's part: sign in, applications, a key, calls with it. Returns what build/demo.json holds of it."""
    heading("A developer signs in through the company's Keycloak and asks for a key")
    developer = Developer(service.portal, service.ca)
    developer.sign_in(facts["sandbox_company_user"], facts["sandbox_company_password"])
    names = {model["name"]: model for model in models}
    applications = {name: developer.application(name, f"demo on {name}") for name in names}
    key = one_key(service, applications)
    key_file = BUILD / "demo.key"
    key_file.touch(mode=0o600)
    key_file.chmod(0o600)
    key_file.write_text(key + "\n")

    chat = next(name for name, model in names.items() if (model.get("serving") or {}).get("runtime") == REAL)
    embedding = next(name for name, model in names.items() if model["task"] == "embedding")
    gateways = {name: service.gateways[name] for name in names}
    served = {name: str((model.get("serving") or {}).get("name") or name) for name, model in names.items()}
    client = Models(gateways, served, key, service.ca)
    heading(f"{chat} answers through {gateways[chat]}")
    answer = client.chat(chat, QUESTION)
    print(answer)
    heading("… and streams")
    pieces = client.stream(chat, QUESTION, lambda text: print(text, end="", flush=True))
    size = client.embedding(embedding, QUESTION)
    usage = {metric: developer.usage(applications[chat], metric) for metric in ("hits", "chat_completions")}
    quota = use_up(service, facts, developer, names[chat], applications[chat])
    return {
        "gateway": gateways,
        "key_file": str(key_file),
        "chat": answer,
        "stream_chunks": pieces,
        "embedding_size": size,
        "usage": usage,
        "quota": quota,
    }


def use_up(
    service: Service, facts: dict[str, Any], developer: Developer, model: dict[str, Any], beside: int
) -> dict[str, int]:
    """A key of the plan ``trial`` talks until it is refused. What that cost: as the answers say, in the portal, in the
    usage report, and by the model server's own metrics."""
    name = model["name"]
    heading(f"A key with 2,000 tokens a day talks to {name} until it is refused")
    served = (model.get("serving") or {}).get("name") or name
    namespace = inventory_variables().get("model_serving_namespace", "llm-hosting")
    key = buy(service, name, "trial", beside)
    before = worked(facts["sandbox_kubeconfig"], namespace, served)
    answers, tokens = talk(service.gateways[name], served, key.key, service.ca)
    found = {"answers": answers, "tokens": tokens}
    found["server"] = worked(facts["sandbox_kubeconfig"], namespace, served) - before
    deadline = time.monotonic() + SETTLED
    while (portal := developer.usage(key.application, "total_tokens")) != tokens and time.monotonic() < deadline:
        time.sleep(1)
    found |= {"portal": portal, "report": reported(key.name, BUILD)}
    print(", ".join(f"{place} {number}" for place, number in found.items()))
    if len({found[place] for place in ("tokens", "server", "portal", "report")}) != 1:
        raise QuotaError(f"tokens are counted differently: {found}")
    return found


def show(facts: dict[str, Any]) -> None:
    """The last lines on the terminal."""
    heading("Models as a Service is up")
    recap = "ok={ok} changed={changed} failed={failed} in {seconds} s"
    rows = {
        "portal": facts["portal"],
        "admin": facts["admin"],
        "certificate authority": facts["ca"],
        "the developer's key lies in": f"{facts['key_file']} (mode 600)",
        "streamed pieces": facts["stream_chunks"],
        "embedding": f"{facts['embedding_size']} dimensions",
        "tokens of the used-up quota": "{tokens} in {answers} answers, counted alike".format(**facts["quota"]),
        "usage in the portal": ", ".join(f"{name} {value}" for name, value in facts["usage"].items()),
        "first run": recap.format(**facts["first_run"]),
        "second run": recap.format(**facts["second_run"]),
    }
    for name, value in rows.items():
        print(f"{name + ':':<30}{value}")
    for model, address in facts["gateway"].items():
        print(f"{'  ' + model + ':':<30}{address}")
    print("It stays up until `make down`.")


def main() -> int:
    """0 when the service works and the second run changed nothing."""
    start_sandbox()
    first, second = run_twice()
    facts = sandbox_facts()
    variables = inventory_variables()
    try:
        service = find_service(facts, variables.get("threescale_namespace", "3scale"))
        used = use_service(service, facts, variables["maas_models"])
    except (JourneyError, CallError, ServiceError, KeyTroubleError, QuotaError, requests.RequestException) as problem:
        raise SystemExit(f"demo: {problem}") from problem
    found = {"portal": service.portal, "admin": service.admin, "ca": service.ca, **used}
    found |= {"first_run": first, "second_run": second}
    BUILD.mkdir(exist_ok=True)
    Path(BUILD / "demo.json").write_text(json.dumps(found, indent=1) + "\n")
    show(found)
    if second["changed"] or second["failed"]:
        print("The second run was not a run without changes.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    BUILD.mkdir(exist_ok=True)
    sys.exit(main())
