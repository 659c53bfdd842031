# SPDX-License-Identifier: GPL-3.0-or-later
"""The rulebook, run by ansible-rulebook: what 3scale and Alertmanager post starts the matching job template."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.playbook import ROOT, environment
from tests.support.ports import free_port
from tests.support.templates import job_templates
from tests.support.until import until

TEMPLATES = job_templates({})
TOKEN = "a-token-of-events"
KEY = "a-key-that-nobody-may-see"
EVENT = '<?xml version="1.0" encoding="UTF-8"?><event><action>{}</action><type>{}</type><object>{}</object></event>'
ACCOUNT = "<account><id>5</id><state>pending</state><org_name>Team A</org_name></account>"
USER = "<user><id>6</id><account_id>5</account_id><state>{}</state><email>a@example.com</email></user>"
APPLICATION = f"<application><id>7</id><state>live</state><user_key>{KEY}</user_key><name>bot</name></application>"
ALERT = {"status": "firing", "groupLabels": {"alertname": "MaasMeteringDiffers"}, "alerts": [{"status": "firing"}]}


class Launches(BaseHTTPRequestHandler):
    """Of a controller what ansible-rulebook asks: each template is there, its job ends well at once.

    Answers that its survey refuses start nothing.
    """

    started: queue.Queue[tuple[str, dict[str, Any]]]

    def do_GET(self) -> None:  # noqa: N802
        name = requests.compat.unquote_plus(self.path.partition("name=")[2])
        more = dict.fromkeys(("limit", "labels", "inventory", "variables"), False)
        template = {
            **{f"ask_{one}_on_launch": value for one, value in more.items()},
            "id": 1,
            "type": "job_template",
            "name": name,
            "related": {"launch": f"/launch/{name}"},
            "summary_fields": {"organization": {"name": "MaaS"}},
        }
        job = {"id": 1, "type": "job", "url": "/api/v2/jobs/1/", "status": "successful", "artifacts": {}}
        self.answer({"count": 1, "results": [template if name else job], "version": "4.6.0", **job})

    def do_POST(self) -> None:  # noqa: N802
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
        name, given = requests.compat.unquote(self.path.removeprefix("/launch/")), body.get("extra_vars", {})
        try:
            TEMPLATES[name.removeprefix("MaaS: ")].launched(given, {})
        except ValueError as refusal:
            self.answer({"variables_needed_to_start": [str(refusal)]}, 400)
            return
        self.started.put((name, given))
        self.answer({"id": 1, "url": "/api/v2/jobs/1/"})

    def answer(self, document: dict[str, Any], status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(document).encode())

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Events:
    """A running rulebook. log: what it printed."""

    threescale: str
    alerts: str
    started: queue.Queue[tuple[str, dict[str, Any]]]
    log: Path

    def post(self, action: str, kind: str, held: str, token: str = TOKEN) -> int:
        """An event of 3scale; the status of the answer."""
        headers = {"Content-Type": "application/xml"}
        body = EVENT.format(action, kind, held)
        return requests.post(self.threescale, body, headers=headers, auth=("maas", token), timeout=10).status_code


def listens(url: str) -> bool:
    """Does anything answer there?"""
    try:
        return requests.get(url, timeout=5).status_code > 0
    except (requests.ConnectionError, requests.Timeout):
        return False


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Events]:
    folder = tmp_path_factory.mktemp("events")
    made = subprocess.run([ROOT / "tools/environment", "platform"], check=True, capture_output=True, text=True)
    programs = Path(made.stdout.strip())
    # ansible.eda is no package; ansible-rulebook ships its source webhook under a name of its own
    sources = folder / "collections/ansible_collections/ansible/eda/extensions/eda/plugins/event_source"
    sources.mkdir(parents=True)
    (builtin,) = programs.glob("lib/python*/site-packages/ansible_rulebook/event_source/webhook.py")
    (sources / "webhook.py").symlink_to(builtin)
    manifest = {"collection_info": {"namespace": "ansible", "name": "eda", "version": "2.0.0"}}
    (folder / "collections/ansible_collections/ansible/eda/MANIFEST.json").write_text(json.dumps(manifest))
    started: queue.Queue[tuple[str, dict[str, Any]]] = queue.Queue()
    controller = ThreadingHTTPServer(("127.0.0.1", 0), type("Of", (Launches,), {"started": started}))
    threading.Thread(target=controller.serve_forever, daemon=True).start()
    ports = {"threescale_port": free_port(), "alerts_port": free_port()}
    given = {"webhook_token": TOKEN, "webhook_host": "127.0.0.1", "approve_domains": "example.com", **ports}
    (folder / "vars.yml").write_text(json.dumps(given))
    (folder / "inventory.yml").write_text("all: {hosts: {localhost: {ansible_connection: local}}}\n")
    own = environment()
    path = f"{folder / 'collections'}:{own['ANSIBLE_COLLECTIONS_PATH']}"
    url = f"http://127.0.0.1:{controller.server_port}"
    command = [
        *(f"{programs}/bin/ansible-rulebook", "--rulebook", "rhai.maas.maas", "--vars", str(folder / "vars.yml")),
        *("--inventory", str(folder / "inventory.yml"), "--controller-url", url, "--controller-token", "t"),
        "--print-events",
    ]
    log = folder / "log"
    with log.open("w") as out:
        variables = {**own, "PATH": f"{programs}/bin:{own['PATH']}", "ANSIBLE_COLLECTIONS_PATH": path}
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, cwd=folder, env=variables)
    found = Events(
        f"http://127.0.0.1:{ports['threescale_port']}/", f"http://127.0.0.1:{ports['alerts_port']}/", started, log
    )
    try:
        ready = (found.threescale, found.alerts)
        until(lambda: process.poll() is not None or all(map(listens, ready)), "the rulebook listens")
        assert process.poll() is None, log.read_text()
        yield found
    finally:
        process.terminate()
        process.wait(60)
        controller.shutdown()


@pytest.mark.parametrize(
    ("action", "kind", "held", "template"),
    [
        (
            "created",
            "account",
            ACCOUNT,
            ("MaaS: approve", {"approve_domains": "example.com", "approve_how": "approve"}),
        ),
        (
            "updated",
            "user",
            USER.format("active"),
            ("MaaS: approve", {"approve_domains": "example.com", "approve_how": "approve"}),
        ),
        ("created", "application", APPLICATION, ("MaaS: report", {"report_period": "day"})),
    ],
)
def test_event_of_3scale_starts_a_job(events: Events, action: str, kind: str, held: str, template: Any) -> None:
    assert events.post(action, kind, held) == 200
    assert events.started.get(timeout=60) == template
    assert KEY not in events.log.read_text() and "a@example.com" not in events.log.read_text()


def test_alert_of_metering_starts_a_job(events: Events) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    for alert in ({**ALERT, "status": "resolved"}, {**ALERT, "groupLabels": {"alertname": "Other"}}, ALERT):
        assert requests.post(events.alerts, json=alert, headers=headers, timeout=10).status_code == 200
    assert events.started.get(timeout=60) == ("MaaS: metering", {})
    assert events.started.empty()


def test_what_starts_nothing(events: Events) -> None:
    assert events.post("created", "account", ACCOUNT, token="guessed") == 401
    assert requests.post(events.threescale, "x", timeout=10).status_code == 401
    assert requests.post(events.threescale, "{}", auth=("maas", TOKEN), timeout=10).status_code == 400
    assert events.post("created", "account", "") == 400
    entity = '<!DOCTYPE event [<!ENTITY a "b">]><event/>'
    assert requests.post(events.threescale, entity, auth=("maas", TOKEN), timeout=10).status_code == 400
    assert events.post("updated", "user", USER.format("pending")) == 200
    assert events.post("created", "application", APPLICATION) == 200
    assert events.started.get(timeout=60)[0] == "MaaS: report"
    assert events.started.empty()
