# SPDX-License-Identifier: GPL-3.0-or-later
"""`--fill products=N,accounts=N,applications=N`: a tenant with that many objects, for benchmarks.

Everything is made by the rules that the API uses, in large transactions instead of by requests.
"""

from __future__ import annotations

import argparse
import gc
from dataclasses import dataclass

from ..rules.contracts import contract_account, create_application, subscribe, subscription_of
from ..rules.products import create_backend, create_product
from ..sandbox import Sandbox
from ..store import Row

CHUNK = 1000  # objects in one transaction


@dataclass(frozen=True)
class Sizes:
    """How many objects to make. Applications need products and accounts to be of."""

    products: int = 0
    accounts: int = 0
    applications: int = 0


def sizes(text: str) -> Sizes:
    """`products=1000,accounts=20000,applications=40000`, each part may be missing; the type of an argument."""
    try:
        found = Sizes(
            **{name.strip(): int(number) for name, _, number in (part.partition("=") for part in text.split(","))}
        )
    except (TypeError, ValueError) as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not like products=1000,accounts=20000,applications=40000"
        ) from error
    if found.applications and not (found.products and found.accounts):
        raise argparse.ArgumentTypeError("applications need products and accounts")
    return found


def make_products(sandbox: Sandbox, tenant: Row, count: int) -> list[Row]:
    """Products with a backend and a published plan each; their plans."""
    plans = []
    for number in range(count):
        service = create_product(sandbox, tenant, name=f"Product {number}", system_name=f"product_{number}")
        backend = create_backend(
            sandbox,
            tenant,
            name=f"Backend {number}",
            system_name=f"backend_{number}",
            private_endpoint=f"https://backend-{number}.example.com:443",
        )
        ours = {"service_id": service["id"], "tenant_id": tenant["id"]}
        sandbox.db.insert("backend_api_configs", backend_api_id=backend["id"], path="/", **ours)
        plans.append(
            sandbox.db.insert(
                "plans",
                type="ApplicationPlan",
                issuer_type="Service",
                issuer_id=service["id"],
                tenant_id=tenant["id"],
                name="Standard",
                system_name="standard",
                state="published",
            )
        )
    return plans


def make_account(sandbox: Sandbox, tenant: Row, number: int) -> Row:
    """An approved account with an active admin user."""
    db, ours = sandbox.db, {"tenant_id": tenant["id"]}
    account = db.insert(
        "accounts",
        provider_account_id=tenant["id"],
        buyer=True,
        state="approved",
        org_name=f"Account {number}",
        **ours,
    )
    db.insert(
        "users",
        account_id=account["id"],
        username=f"user{number}",
        email=f"user{number}@example.com",
        role="admin",
        state="active",
        **ours,
    )
    plan = db.get("plans", tenant["default_account_plan_id"])
    if plan is not None:
        contract_account(sandbox, account, plan)
    return account


def make_application(sandbox: Sandbox, account: Row, plan: Row, number: int) -> None:
    """An application, with the subscription that it needs."""
    service = sandbox.db.get("services", plan["issuer_id"])
    service_plan = sandbox.db.first("plans", issuer_type="Service", issuer_id=plan["issuer_id"], type="ServicePlan")
    if service is not None and service_plan is not None and subscription_of(sandbox, account, service) is None:
        subscribe(sandbox, account, service_plan)
    create_application(sandbox, account, plan, name=f"Application {number}")


def fill(sandbox: Sandbox, tenant: Row, wanted: Sizes) -> None:
    """Make what is wanted at the tenant, unless it was filled before."""
    if sandbox.db.first("services", account_id=tenant["id"], system_name="product_0") is not None:
        return
    gc.disable()  # rows stay to the end
    try:
        with sandbox.db.transaction():
            plans = make_products(sandbox, tenant, wanted.products)
        accounts: list[Row] = []
        for start in range(0, wanted.accounts, CHUNK):
            with sandbox.db.transaction():
                numbers = range(start, min(start + CHUNK, wanted.accounts))
                accounts += [make_account(sandbox, tenant, number) for number in numbers]
        for start in range(0, wanted.applications, CHUNK):
            with sandbox.db.transaction():
                for number in range(start, min(start + CHUNK, wanted.applications)):
                    make_application(sandbox, accounts[number % len(accounts)], plans[number % len(plans)], number)
    finally:
        gc.enable()
