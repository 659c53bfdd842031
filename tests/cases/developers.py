# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of the modules that keep developers: accounts, subscriptions, applications with their keys."""

from __future__ import annotations

from tests.cases import Row

PLANS = [{"system_name": "standard", "published": True}, {"system_name": "premium", "published": True}]
SERVICE_PLANS = [{"name": "Open", "published": True}, {"name": "Closed", "published": True}]
GRANITE = (
    "threescale_product",
    {"system_name": "granite", "application_plans": PLANS, "service_plans": SERVICE_PLANS, "promotion": "none"},
)
BY_ID = (
    "threescale_product",
    {
        "system_name": "by-id",
        "backend_version": "2",
        "application_plans": [{"system_name": "by-id-plan"}],
        "promotion": "none",
    },
)
TEAM = (
    "threescale_account",
    {
        "username": "team",
        "org_name": "Team",
        "email": "team@example.com",
        "password": "a-Long-passw0rd-0",
        "state": "approved",
    },
)
COST_CENTER = ("threescale_field", {"target": "account", "name": "cost_center"})
BOT = {"account": "team", "product": "granite", "name": "bot"}
ODD = ["a.b/c-1", "x%2Fy-2", "k{1}?#&", "plain-key-4"]

ACCOUNT = Row(
    "threescale_account",
    make={
        "username": "team-a",
        "org_name": "Team A",
        "email": "team-a@example.com",
        "password": "a-Long-passw0rd-1",
        "state": "approved",
        "monthly_charging_enabled": False,
        "fields": {"cost_center": "7"},
        "users": [
            {"username": "second", "email": "second@example.com", "password": "a-Long-passw0rd-2", "role": "admin"},
            {"username": "third", "email": "third@example.com", "state": "suspended"},
        ],
    },
    change={
        "username": "team-a",
        "org_name": "Team Alpha",
        "state": "suspended",
        "fields": {"cost_center": "8"},
        "users": [
            {"username": "second", "role": "member", "state": "suspended"},
            {"username": "third", "state": "absent"},
        ],
    },
    gone={"username": "team-a", "state": "absent", "force": True},
    given=(COST_CENTER,),
)
APPLICATION = Row(
    "threescale_application",
    make={
        **BOT,
        "plan": "standard",
        "description": "made",
        "user_key": "a-user-key-0123456789",
        "referrer_filters": ["*.example.com", "a.example.org"],
    },
    change={**BOT, "plan": "premium", "state": "suspended", "description": "", "referrer_filters": ["b.example.org"]},
    gone={**BOT, "state": "absent"},
    given=(GRANITE, TEAM),
)
APPLICATION_KEYS = Row(
    "threescale_application",
    make={**BOT, "product": "by-id", "plan": "by-id-plan", "application_id": "bot-1", "keys": ODD},
    change={**BOT, "product": "by-id", "keys": ["new-key-1", "new-key-2", ODD[0], ODD[1]], "prune_keys": True},
    gone={**BOT, "product": "by-id", "state": "absent"},
    given=(BY_ID, TEAM),
    variant="with keys",
)
SUBSCRIPTION = Row(
    "threescale_service_subscription",
    make={"accounts": ["team"], "products": ["granite", "by-id"]},
    change={"accounts": ["team"], "products": ["granite"], "plan": "Closed"},
    gone={"accounts": ["team"], "products": ["granite", "by-id"], "state": "absent"},
    given=(
        GRANITE,
        ("threescale_product", {**BY_ID[1], "service_plans": [{"name": "Open to all", "published": True}]}),
        TEAM,
    ),
)
