# SPDX-License-Identifier: GPL-3.0-or-later
"""A tenant filled for benchmarks holds what requests would have made, and keys that the backend takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from sandbox.threescale.__main__ import arguments, make_server

D = "apps.example.com"
COMMAND = f"--port 1 --superdomain {D} --tenant maas --token TOKEN --master-token MASTER".split()


def service_token(api: TestClient, product: Any) -> str:
    """What the gateway shows at the backend for a product, from the configuration that a deployment makes."""
    api.post(f"/admin/api/services/{product}/proxy/deploy.json", auth=("", "TOKEN"))
    found = api.get(f"/admin/api/services/{product}/proxy/configs/sandbox/latest.json", auth=("", "TOKEN")).json()
    token: str = found["proxy_config"]["content"]["backend_authentication_value"]
    return token


def test_what_is_filled_is_whole(tmp_path: Path) -> None:
    options = ["--state", str(tmp_path / "state"), "--fill", "products=2,accounts=3,applications=5"]
    for start in ("first", "again"):  # an opened file is not filled once more
        server = make_server(arguments().parse_args([*COMMAND, *options]))
        api = TestClient(server, base_url=f"http://maas-admin.{D}")

        def listed(path: str, api: TestClient = api) -> list[dict[str, Any]]:
            answer = api.get(f"/admin/api/{path}.json", auth=("", "TOKEN"))
            assert answer.status_code == 200, answer.text
            found: list[dict[str, Any]] = next(iter(answer.json().values()))
            return found

        filled = [one["service"]["id"] for one in listed("services") if "Product" in str(one["service"]["name"])]
        applications = [
            one["application"] for one in listed("applications") if one["application"]["service_id"] in filled
        ]
        assert (len(filled), len(applications)) == (2, 5), start
        assert len([one for one in listed("accounts") if "Account" in str(one["account"]["org_name"])]) == 3
        backend = TestClient(server, base_url=f"http://backend.{D}")
        tokens = {product: service_token(api, product) for product in filled}
        for one in applications:
            subscriptions = listed(f"accounts/{one['account_id']}/service_subscriptions")
            assert one["service_id"] in [item["service_subscription"]["service_id"] for item in subscriptions]
            query = {"service_token": tokens[one["service_id"]], "service_id": one["service_id"]}
            key = {"user_key": one["user_key"]}
            assert backend.get("/transactions/authorize.xml", params=query | key).status_code == 200
            assert backend.get("/transactions/authorize.xml", params=query | {"user_key": "other"}).status_code == 403
        if server.sandbox.state_file is not None:
            server.sandbox.state_file.close()


@pytest.mark.parametrize("text", ["products", "products=x", "models=3", "applications=3"])
def test_a_wrong_wish_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments().parse_args([*COMMAND, "--fill", text])
    assert "--fill" in capsys.readouterr().err
