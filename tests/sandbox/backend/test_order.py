# SPDX-License-Identifier: GPL-3.0-or-later
"""What the backend looks at first: a token before the call's other parameters, a provider key after them."""

from __future__ import annotations

import pytest

from tests.sandbox.backend.conftest import D, Shop

HOST = {"Host": f"backend.{D}"}


@pytest.mark.parametrize(
    ("credentials", "status", "code"),
    [
        ({"provider_key": "nobody's"}, 400, "transactions_is_blank"),
        ({"service_token": "nobody's"}, 403, "service_token_invalid"),
        ({"provider_key": "", "service_token": "{token}"}, 403, "service_token_invalid"),
        ({"service_token": "{token}"}, 400, "transactions_is_blank"),
    ],
)
def test_a_batch_of_nothing(shop: Shop, credentials: dict[str, str], status: int, code: str) -> None:
    form = {name: value.replace("{token}", shop.token) for name, value in credentials.items()}
    answer = shop.client.post("/transactions.xml", data={"service_id": str(shop.service), **form}, headers=HOST)
    assert (answer.status_code, f'code="{code}"' in answer.text) == (status, True)


@pytest.mark.parametrize(
    ("credentials", "code"),
    [("provider_key", "end_users_no_longer_supported"), ("service_token", "service_token_invalid")],
)
def test_a_call_for_an_end_user(shop: Shop, credentials: str, code: str) -> None:
    query = {"service_id": shop.service, "user_key": shop.key, "user_id": "ann", credentials: "nobody's"}
    answer = shop.client.get("/transactions/authorize.xml", params=query, headers=HOST)
    assert f'code="{code}"' in answer.text


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 404)])
def test_whether_it_is_available(shop: Shop, method: str, status: int) -> None:
    assert shop.client.request(method, "/available", headers=HOST).status_code == status
