# SPDX-License-Identifier: GPL-3.0-or-later
"""threescale_backend: made, changed in place, its own metrics and rules."""

from __future__ import annotations

from tests.cases.product import BACKENDS
from tests.integration.threescale.conftest import Runner, Step, assert_protocol, protocol

BACKEND = BACKENDS[1]["backends"][0]


def test_backend(run: Runner) -> None:
    """A backend is made, changed in place, and compared with its port written out."""
    assert_protocol(run.done(*protocol("threescale_backend", BACKEND)), "create backend granite")
    moved = {**BACKEND, "private_endpoint": "https://granite.example.com/v1", "description": "moved"}
    assert_protocol(run.done(*protocol("threescale_backend", moved)), "update backend granite")
    with_port = {**moved, "private_endpoint": "https://granite.example.com:443/v1"}
    (same,) = run.done(Step("threescale_backend", with_port))
    assert not same.changed
    run.done(Step("threescale_backend", {"backends": [BACKEND]}))


def test_backend_with_metrics_and_rules(run: Runner) -> None:
    """A backend's own metrics, methods and rules; extras go only with prune, hits never."""
    own = {
        "system_name": "partner",
        "private_endpoint": "https://llm.partner.example.com",
        "metrics": [{"system_name": "tokens", "unit": "token"}],
        "methods": [{"system_name": "chat"}],
        "mapping_rules": [
            {"http_method": "POST", "pattern": "/chat", "metric": "chat"},
            {"http_method": "POST", "pattern": "/", "metric": "hits"},
        ],
    }
    assert_protocol(run.done(*protocol("threescale_backend", {"backends": [own]})))
    fewer = {**own, "methods": [], "mapping_rules": [{"http_method": "POST", "pattern": "/", "metric": "hits"}]}
    kept, pruned, again = run.done(
        Step("threescale_backend", {"backends": [fewer]}),
        Step("threescale_backend", {"backends": [{**fewer, "prune": True}]}),
        Step("threescale_backend", {"backends": [{**fewer, "prune": True}]}),
    )
    assert kept.actions == ["delete mapping rule partner / POST /chat → chat"]
    assert pruned.actions == ["delete method partner / chat"]
    assert not again.changed
    gone = {"system_name": "partner", "state": "absent"}
    assert_protocol(run.done(*protocol("threescale_backend", gone)), "delete backend partner")
