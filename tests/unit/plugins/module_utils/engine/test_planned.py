# SPDX-License-Identifier: GPL-3.0-or-later
"""What check mode shows of objects that are not there yet holds no secret."""

from __future__ import annotations

from ansible_collections.rhai.maas.plugins.module_utils.engine.planned import differences


def test_keys_in_headers_and_by_name_are_hidden() -> None:
    step = {"op": "set", "header": "Authorization", "value": "Bearer PARTNER"}
    product = {
        "system_name": "partner-llm",
        "policies": [
            {"name": "headers", "configuration": {"request": [step, {"op": "set", "header": "x", "value": "y"}]}}
        ],
        "proxy": {"secret_token": "SHARED"},
    }
    shown = repr(differences("product", [product], "system_name"))
    assert "PARTNER" not in shown and "SHARED" not in shown
    assert "'value': 'y'" in shown and "partner-llm" in shown
