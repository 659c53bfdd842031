# SPDX-License-Identifier: GPL-3.0-or-later
"""Warnings of limits: which levels are told, how often, and where the developer sees them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.sandbox.backend.conftest import D, Shop

PASSWORD = "a-Long-passw0rd!"


def told(shop: Shop) -> list[str]:
    """What stands on the portal's page of the application's alerts."""
    shop.admin("PUT", "provider", {"site_access_code": ""})
    portal = {"Host": f"maas.{D}"}
    shop.client.cookies.clear()
    form = shop.client.get("/login", headers=portal).text
    token = form.split('name="authenticity_token" value="', 1)[1].split('"', 1)[0]
    data = {"username": "dev", "password": PASSWORD, "authenticity_token": token}
    shop.client.post("/session", data=data, headers=portal, follow_redirects=False)
    page = shop.client.get(f"/admin/applications/{shop.application}/alerts", headers=portal)
    assert page.status_code == 200, page.text
    return [part.split("</li>")[0] for part in page.text.split("<li>") if "% " in part.split("</li>")[0]]


def levels(shop: Shop, *buyer: int, **more: list[int]) -> None:
    settings = {"web_buyer": list(buyer), "email_buyer": list(buyer), **more}
    shop.admin("PUT", f"services/{shop.service}", {"notification_settings": settings})


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ([70], []),
        ([79, 1], ["80% total_tokens per day: 80/100"]),
        ([85, 15], ["100% total_tokens per day: 100/100", "80% total_tokens per day: 85/100"]),
        ([85, 1, 1], ["80% total_tokens per day: 85/100"]),  # each level once
        ([95], []),  # the level is 90, and nobody wants to hear of that
        ([130], []),  # and 120
    ],
)
def test_levels(shop: Shop, steps: list[int], found: list[str]) -> None:
    shop.limit("total_tokens", "day", 100)
    shop.limit("prompt_tokens", "day", 1000)
    levels(shop, 80, 100)
    for step in steps:
        shop.report({"total_tokens": step, "prompt_tokens": 1})
    assert told(shop) == found


def test_a_level_is_told_again_the_next_day(shop: Shop) -> None:
    shop.limit("total_tokens", "eternity", 100)
    levels(shop, 80)
    shop.report({"total_tokens": 85})
    shop.now += timedelta(hours=23)
    shop.report({"total_tokens": 1})
    assert len(told(shop)) == 1
    shop.now += timedelta(hours=2)
    shop.report({"total_tokens": 1})
    assert told(shop)[0] == "80% total_tokens per eternity: 87/100"


def test_what_only_the_provider_hears_of(shop: Shop) -> None:
    shop.limit("total_tokens", "day", 100)
    levels(shop, 100, web_provider=[80])
    shop.report({"total_tokens": 85})
    assert told(shop) == []
