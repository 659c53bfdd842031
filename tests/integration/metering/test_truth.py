# SPDX-License-Identifier: GPL-3.0-or-later
"""playbooks/metering.yml: what the model server itself counted against what 3scale stored."""

from __future__ import annotations

import http.server
import json
import re
import threading
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.integration.metering.conftest import House

HOUR = 3600
FALCON = {"name": "falcon", "task": "chat", "source": {"huggingface": "tiiuae/falcon"}}


def _handler(model: str) -> type[http.server.BaseHTTPRequestHandler]:
    class Prometheus(http.server.BaseHTTPRequestHandler):
        """Answers query_range with the server's counters as they are, in the last hour that is asked for."""

        def do_POST(self) -> None:  # noqa: N802 - the library's name
            asked = urllib.parse.parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            wanted = re.findall(r"increase\(([\w:]+)\{", asked["query"][0])[0]
            text = requests.get(f"{model}/metrics", timeout=10).text
            found = re.search(rf"^{wanted}(?:\{{[^}}]*\}})? (\S+)", text, re.MULTILINE)
            values = [[int(asked["end"][0]), found[1]]] if found else []
            result = [{"metric": {"pod": "falcon-predictor-0"}, "values": values}] if found else []
            body = json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    return Prometheus


@pytest.fixture
def prometheus(house: House) -> Iterator[str]:
    """A Prometheus that reads falcon's server."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(house.falcon))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_what_the_server_counted_is_what_3scale_stored(house: House, prometheus: str, tmp_path: Path) -> None:
    alone, shared = house.buy("falcon", "open"), house.buy("models", "open")
    assert {alone.chat().status_code, shared.chat("falcon").status_code} == {200}
    assert shared.chat("falcon", stream=True).status_code == 200
    for key in (alone, shared):
        assert key.used("total_tokens", key.tokens) == key.tokens
    given: dict[str, Any] = {
        "maas_models": [FALCON],
        "maas_plans": [],
        "metering_prometheus_url": prometheus,
        "metering_until": int(time.time()) + HOUR,  # the running hour too
        "metering_hours": 2,
        "metering_tolerance": 0,
        "metering_file": str(tmp_path / "metering.json"),
        "metering_textfile": str(tmp_path / "metering.prom"),
    }
    run = house.run("metering", **given)
    assert run.code == 0, run.output[-4000:]
    (told,) = json.loads((tmp_path / "metering.json").read_text())["models"]
    tokens = alone.tokens + shared.tokens
    assert (told["produced"], told["stored"], told["difference"], told["differs"]) == (tokens, tokens, 0.0, False)
    lines = (tmp_path / "metering.prom").read_text().splitlines()
    assert f'maas_metering_tokens{{model="falcon",side="threescale"}} {tokens}' in lines
    assert any(line.startswith("maas_metering_timestamp_seconds 1") for line in lines)

    # a call past the gateway is what nobody pays for
    body = {"model": "falcon", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 5}
    requests.post(f"{house.falcon}/v1/chat/completions", json=body, timeout=30).raise_for_status()
    run = house.run("metering", **given)
    assert run.code != 0 and f"3scale stored {tokens} (-" in " ".join(run.output.split()), run.output[-3000:]
