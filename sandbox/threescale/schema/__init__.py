# SPDX-License-Identifier: GPL-3.0-or-later
"""Every table of the stand-in, in one place: which columns exist, what is unique, what hangs on what.

Names are those of the real server's own schema, so that its reference and its source can be read beside this. Times
are seconds since the epoch (UTC), money is `decimal` text or float as noted, JSON columns hold plain lists and dicts
that are replaced as a whole, never changed in place.

| module | tables |
| --- | --- |
| `accounts` | accounts (master, tenants, developers), users, tokens, settings, fields, web hooks, messages, jobs |
| `catalogue` | services, proxies, backends, usages, metrics, rules, configurations, policies, plans, features |
| `contracts` | applications, keys, referrer filters, subscriptions, account contracts, invoices |
| `portal` | CMS, ActiveDocs, authentication providers, sessions |
| `traffic` | what the backend counted |
"""

from __future__ import annotations

from ..store import Table
from . import accounts, catalogue, contracts, portal, traffic

TABLES: list[Table] = [
    *accounts.TABLES,
    *catalogue.TABLES,
    *contracts.TABLES,
    *portal.TABLES,
    *traffic.TABLES,
]
