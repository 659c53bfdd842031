# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows of the modules that keep something in 3scale."""

from __future__ import annotations

from tests.cases import Options, Row
from tests.cases.developers import (
    ACCOUNT,
    APPLICATION,
    APPLICATION_KEYS,
    GRANITE,
    SUBSCRIPTION,
    TEAM,
)
from tests.cases.planted import planted
from tests.cases.product import PRODUCTS

SCHEMA: Options = {
    "name": "remove-bearer",
    "version": "0.1",
    "summary": "Removes the word Bearer",
    "configuration": {"type": "object", "properties": {"realm": {"type": "string"}}},
}
DOCUMENT: Options = {
    "openapi": "3.0.3",
    "info": {"title": "API", "version": "1"},
    "servers": [{"url": "https://gateway.example.com:443"}],
    "paths": {"/v1/models": {"get": {"responses": {"200": {"description": "The models"}}}}},
}
ACTIVE_DOC = Row(
    "threescale_active_doc",
    make={"system_name": "granite", "product": "granite", "published": True, "body": DOCUMENT},
    change={
        "system_name": "granite",
        "product": "",
        "published": False,
        "description": "changed",
        "body": {**DOCUMENT, "info": {"title": "Better", "version": "2"}},
    },
    gone={"system_name": "granite", "state": "absent"},
    given=(GRANITE,),
)
BACKEND = Row(
    "threescale_backend",
    make={
        "system_name": "partner",
        "private_endpoint": "https://llm.example.com",
        "metrics": [{"system_name": "tokens", "unit": "token"}, {"system_name": "seconds", "unit": "second"}],
        "methods": [{"system_name": "chat"}, {"system_name": "embed"}],
        "mapping_rules": [
            {"http_method": "POST", "pattern": "/chat", "metric": "chat"},
            {"http_method": "POST", "pattern": "/embed", "metric": "embed", "last": True},
            {"http_method": "GET", "pattern": "/", "metric": "hits"},
        ],
    },
    change={
        "system_name": "partner",
        "name": "Partner",
        "private_endpoint": "https://other.example.com/v1",
        "metrics": [{"system_name": "tokens", "friendly_name": "Tokens", "unit": "token"}],
        "methods": [{"system_name": "chat"}, {"system_name": "complete"}],
        "mapping_rules": [
            {"http_method": "POST", "pattern": "/complete", "metric": "complete"},
            {"http_method": "POST", "pattern": "/chat", "metric": "chat", "delta": 2},
        ],
        "prune": True,
    },
    gone={"system_name": "partner", "state": "absent"},
)
FIELD = Row(
    "threescale_field",
    make={"fields": [
        {"target": "account", "name": "cost_center", "label": "Cost center"},
        {"target": "application", "name": "stage", "choices": ["trial", "production"]},
    ]},
    change={"fields": [
        {"target": "account", "name": "cost_center", "label": "Costs", "hidden": True},
        {"target": "application", "name": "stage", "state": "absent"},
        {"target": "user", "name": "nick"},
    ]},
    gone={"fields": [
        {"target": "account", "name": "cost_center", "state": "absent"},
        {"target": "user", "name": "nick", "state": "absent"},
    ]},
)  # fmt: skip
POLICY = Row(
    "threescale_policy",
    make={"policies": [{"name": "remove-bearer", "version": "0.1", "schema": SCHEMA}]},
    change={"policies": [{"name": "remove-bearer", "version": "0.1", "schema": {**SCHEMA, "summary": "Better"}}]},
    gone={"policies": [{"name": "remove-bearer", "version": "0.1", "state": "absent"}]},
)
PORTAL = Row(
    "threescale_portal",
    make={
        "portal_url": "{portal_url}",
        "content": [
            {"type": "section", "system_name": "models", "title": "Models"},
            {"type": "layout", "system_name": "own", "title": "Own", "content": "<html>{% content %}</html>"},
            {"type": "page", "path": "/models", "title": "Models", "section": "models", "content": "<h1>Models</h1>"},
            {
                "type": "page",
                "path": "/a.css",
                "title": "Styles",
                "content_type": "text/css",
                "layout": "",
                "content": "b",
            },
            {"type": "partial", "system_name": "maas/card", "content": "<p>card</p>"},
            {"type": "builtin_page", "system_name": "applications/show", "content": "<p>own</p>"},
            {"type": "file", "path": "/images/logo.svg", "content": "<svg/>"},
        ],
    },
    change={
        "portal_url": "{portal_url}",
        "content": [
            {"type": "page", "path": "/models", "title": "Our models", "layout": "own", "content": "<h1>Ours</h1>"},
            {"type": "page", "path": "/a.css", "state": "absent"},
            {"type": "partial", "system_name": "maas/card", "content": "<p>better</p>"},
            {"type": "file", "path": "/images/logo.svg", "content": "<svg width='1'/>"},
        ],
    },
    gone={
        "portal_url": "{portal_url}",
        "content": [
            {"type": "page", "path": "/models", "state": "absent"},
            {"type": "partial", "system_name": "maas/card", "state": "absent"},
            {"type": "file", "path": "/images/logo.svg", "state": "absent"},
            {"type": "layout", "system_name": "own", "state": "absent"},
            {"type": "section", "system_name": "models", "state": "absent"},
        ],
    },
)
PROVIDER = Row(
    "threescale_provider",
    make={
        "support_email": "help@example.com",
        "site_access_code": "",
        "settings": {"public_search": True, "signups_enabled": False},
        "features": [{"system_name": "on-call", "name": "On call"}, {"system_name": "trial"}],
        "account_plans": [
            {"name": "Partners", "published": True, "features": ["on-call"]},
            {"name": "Guests", "system_name": "visitors", "features": []},
        ],
        "timezone": "Madrid",
        "master_url": "{master_url}",
        "master_token": "{master_token}",
    },
    change={
        "support_email": "",
        "site_access_code": planted("access-code"),
        "settings": {"public_search": False},
        "features": [{"system_name": "on-call", "description": "Day and night"}],
        "account_plans": [
            {"name": "Partners", "approval_required": True, "features": ["trial"]},
            {"name": "Guests", "state": "absent"},
        ],
    },
)
SSO = Row(
    "threescale_sso_integration",
    make={
        "kind": "keycloak",
        "system_name": "rhsso",
        "name": "Company login",
        "client_id": "3scale",
        "client_secret": planted("sso"),
        "site": "https://sso.example.com/realms/maas",
        "published": True,
    },
    change={
        "kind": "keycloak",
        "client_id": "portal",
        "client_secret": planted("sso-new"),
        "automatically_approve_accounts": True,
    },
    gone={"kind": "keycloak", "state": "unpublished"},
)
SSO_OF_ADMINS = Row(
    "threescale_sso_integration",
    variant="of admins",
    make={
        "portal": "admin",
        "kind": "keycloak",
        "system_name": "team",
        "client_id": "3scale-admin",
        "client_secret": planted("admin-sso"),
        "site": "https://sso.example.com/realms/team",
        "published": True,
    },
    change={"portal": "admin", "kind": "keycloak", "system_name": "team", "client_secret": planted("admin-sso-new")},
    gone={"portal": "admin", "kind": "keycloak", "system_name": "team", "state": "unpublished"},
)
TENANT = Row(
    "threescale_tenant",
    make={
        "tenants": [
            {
                "org_name": "Department",
                "username": "owner",
                "email": "owner@example.com",
                "password": "a-Long-passw0rd-3",
                "site_access_code": planted("tenant-code"),
                "token_path": "{folder}/token",
                "token": {"scopes": ["account_management", "cms", "stats"]},
            }
        ],
    },
    change={"tenants": [{"org_name": "Department", "support_email": "help@example.com", "state": "suspended"}]},
    gone={"tenants": [{"org_name": "Department", "state": "absent", "force": True}]},
    alone=True,
    lost="file token",
)
EXPORT = Row(
    "threescale_export", make={"path": "{folder}/exported", "portal_url": "{portal_url}"}, given=(GRANITE, TEAM)
)

TENANT_USER = Row(
    "threescale_tenant_user",
    make={
        "username": "ana",
        "email": "ana@example.com",
        "password": "a-Long-passw0rd-4",
        "sections": ["monitoring", "plans"],
        "products": ["granite"],
    },
    change={"username": "ana", "sections": ["monitoring"], "all_products": True, "state": "suspended"},
    gone={"username": "ana", "state": "absent"},
    given=(GRANITE,),
)
ACCESS_TOKEN = Row(
    "threescale_access_token",
    make={"name": "metering", "scopes": ["stats"], "token_path": "{folder}/metering-token"},
    change={"name": "metering", "scopes": ["stats", "cms"], "token_path": "{folder}/metering-token"},
    gone={"name": "metering", "state": "absent"},
)
WEBHOOK = Row(
    "threescale_webhook",
    make={"url": "https://hooks.example.com/3scale", "active": True, "events": ["account_created"]},
    change={"url": "https://hooks.example.com/3scale", "active": False, "events": ["account_created", "user_created"]},
    given=(("threescale_webhook", {"active": False}),),  # the first look makes one that does nothing
)

ROWS = [
    ACCESS_TOKEN,
    ACCOUNT,
    ACTIVE_DOC,
    APPLICATION,
    APPLICATION_KEYS,
    BACKEND,
    EXPORT,
    FIELD,
    POLICY,
    PORTAL,
    *PRODUCTS,
    PROVIDER,
    SSO,
    SSO_OF_ADMINS,
    SUBSCRIPTION,
    TENANT,
    TENANT_USER,
    WEBHOOK,
]
