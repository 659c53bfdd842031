# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m sandbox.threescale.fill --state FILE …`: a state file with many products, accounts and applications.

For benchmarks: everything is made by the rules that the API uses, in large transactions instead of by requests.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from pathlib import Path

from .bootstrap.master import ensure_master
from .bootstrap.tenants import TenantSeed, ensure_tenant
from .config import Config
from .rules.contracts import contract_account, create_application, subscribe, subscription_of
from .rules.products import create_backend, create_product
from .sandbox import Sandbox
from .store import Row

CHUNK = 1000


def arguments() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="fill", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, metavar="FILE")
    parser.add_argument("--superdomain", required=True)
    parser.add_argument("--master-token", required=True)
    parser.add_argument("--tenant", required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--products", type=int, default=1000)
    parser.add_argument("--accounts", type=int, default=20000)
    parser.add_argument("--applications", type=int, default=40000)
    return parser


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


def main() -> int:
    """Make the file and say how long it took."""
    options = arguments().parse_args()
    gc.disable()  # rows stay to the end
    started = time.perf_counter()
    sandbox = Sandbox(Config(options.superdomain, options.master_token), options.state)
    with sandbox.db.transaction():
        ensure_master(sandbox)
        _made, tenant = ensure_tenant(sandbox, TenantSeed(options.tenant, options.token))
        plans = make_products(sandbox, tenant, options.products)
    accounts: list[Row] = []
    for start in range(0, options.accounts, CHUNK):
        with sandbox.db.transaction():
            numbers = range(start, min(start + CHUNK, options.accounts))
            accounts += [make_account(sandbox, tenant, number) for number in numbers]
    for start in range(0, options.applications, CHUNK):
        with sandbox.db.transaction():
            for number in range(start, min(start + CHUNK, options.applications)):
                make_application(sandbox, accounts[number % len(accounts)], plans[number % len(plans)], number)
    if sandbox.state_file is not None:
        sandbox.state_file.close()
    rows = sum(len(table) for table in sandbox.db.rows.values())
    print(f"{rows} rows in {options.state} after {time.perf_counter() - started:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
