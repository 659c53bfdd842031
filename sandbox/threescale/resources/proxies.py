# SPDX-License-Identifier: GPL-3.0-or-later
"""A product's proxy: `…/services/{id}/proxy`, its deployment, its OIDC flows."""

from __future__ import annotations

import re
from typing import Any

from ..http.context import Context, or_null
from ..http.errors import ServerError
from ..http.respond import Reply, error_reply
from ..http.router import Routes
from ..rules.addresses import ENDPOINT_FORMAT, check_address, is_local, parses, with_port
from ..rules.configuration import BrokenChain, api_backend, deploy, domains_of, is_deployable, policies_of, usages_of
from ..rules.fields import Fields, to_boolean, words
from ..rules.names import random_hex
from ..rules.products import create_backend, proxy_of
from ..rules.validate import Check, blank
from ..store import Row
from .backend_apis import check_private_endpoint
from .services import service_of

routes = Routes()

FIELDS = Fields(
    text="endpoint api_backend credentials_location auth_app_key auth_app_id auth_user_key sandbox_endpoint"
    " error_auth_failed error_auth_missing error_headers_auth_failed error_headers_auth_missing error_no_match"
    " error_headers_no_match secret_token hostname_rewrite oauth_login_url api_test_path oidc_issuer_endpoint"
    " oidc_issuer_type error_headers_limits_exceeded error_limits_exceeded jwt_claim_with_client_id"
    " jwt_claim_with_client_id_type",
    integer="error_status_auth_failed error_status_auth_missing error_status_no_match error_status_limits_exceeded",
)
KNOWN = (
    *FIELDS.names,
    "id",
    "tenant_id",
    "service_id",
    "deployed_at",
    "created_at",
    "updated_at",
    "api_test_success",
    "apicast_configuration_driven",
    "lock_version",
    "authentication_method",
    "policies_config",
    "staging_domain",
    "production_domain",
)
FLOWS = ("standard_flow_enabled", "implicit_flow_enabled", "service_accounts_enabled", "direct_access_grants_enabled")
SHOWN = words("""
    credentials_location auth_app_key auth_app_id auth_user_key error_auth_failed error_auth_missing
    error_status_auth_failed error_headers_auth_failed error_status_auth_missing error_headers_auth_missing
    error_no_match error_status_no_match error_headers_no_match error_limits_exceeded
    error_status_limits_exceeded error_headers_limits_exceeded secret_token hostname_rewrite oauth_login_url
    sandbox_endpoint api_test_path api_test_success
""")
STATUSES = (
    "error_status_no_match",
    "error_status_auth_missing",
    "error_status_auth_failed",
    "error_status_limits_exceeded",
)
TEXTS = (
    "error_headers_auth_failed",
    "error_headers_auth_missing",
    "error_headers_no_match",
    "error_auth_failed",
    "error_auth_missing",
    "error_no_match",
    "error_headers_limits_exceeded",
    "error_limits_exceeded",
)
_KEY = re.compile(r"\A[\w\d_-]+\Z", re.ASCII)
_HEADER = re.compile(r"\A[{}\[\]\d,.;@#~%&()?\w_\"= /\\:+-]+\Z", re.ASCII)
_HOST = re.compile(r"\A[A-Za-z0-9](?:[A-Za-z0-9.\-]*[A-Za-z0-9])?\.?(:\d+)?\Z")
_LOGIN = re.compile(r"\A(https?://([a-zA-Z0-9._:/?-])+|.*localhost.*)\Z")
_PATH = re.compile(r"\A/[A-Za-z0-9\-_.!~*'():@&=+$,;/%]*(\?[A-Za-z0-9\-_.!~*'():@&=+$,;/?%\[\]]*)?\Z")
_BAD_LOGIN = "invalid auth login url. (hint: make sure it uses https scheme)"


def represent(ctx: Context, proxy: Row) -> dict[str, Any]:
    """JSON of a proxy."""
    service = ctx.db.get("services", proxy["service_id"]) or {}
    path = f"/admin/api/services/{proxy['service_id']}"
    oidc = proxy["authentication_method"] == "oidc"
    extra = ("oidc_issuer_endpoint", "oidc_issuer_type", "jwt_claim_with_client_id", "jwt_claim_with_client_id_type")
    return {
        "service_id": proxy["service_id"],
        "endpoint": proxy["endpoint"],
        "deployed_at": ctx.time(proxy["deployed_at"]),
        "api_backend": or_null(api_backend(ctx.sandbox, service)),
        **{name: proxy[name] for name in SHOWN},
        "policies_config": policies_of(proxy),
        "created_at": ctx.time(proxy["created_at"]),
        "updated_at": ctx.time(proxy["updated_at"]),
        "deployment_option": service["deployment_option"],
        "lock_version": proxy["lock_version"],
        **({name: proxy[name] for name in extra} if oidc else {}),
        "links": [
            {"rel": "mapping_rules", "href": f"{path}/proxy/mapping_rules"},
            {"rel": "self", "href": f"{path}/proxy"},
            {"rel": "service", "href": path},
        ],
    }


@routes.get("/admin/api/services/{service_id}/proxy")
def show(ctx: Context) -> Reply:
    """Read."""
    return ctx.one("proxy", represent(ctx, proxy_of(ctx.sandbox, service_of(ctx))))


@routes.put("/admin/api/services/{service_id}/proxy")
def update(ctx: Context) -> Reply:
    """Change, then always deploy to staging."""
    service = service_of(ctx)
    proxy = proxy_of(ctx.sandbox, service)
    given = ctx.params.wrapped("proxy", KNOWN)
    values = FIELDS.cast(given)
    endpoint = values.pop("api_backend", None)
    row = {**proxy, **values}
    if row["secret_token"] is None:
        row["secret_token"] = f"Shared_secret_sent_from_proxy_to_API_backend_{random_hex(16)}"
    row["api_test_path"] = "/" if row["api_test_path"] is None else row["api_test_path"]
    check = _check(ctx, row, service, given)
    backend = _backend_values(ctx, check, endpoint) if "api_backend" in given else None
    check.done()
    if backend is not None:
        _store_backend(ctx, service, backend)
    store_proxy(
        ctx,
        service,
        proxy,
        {
            **{name: row[name] for name in values},
            **{name: row[name] for name in ("endpoint", "sandbox_endpoint", "secret_token", "api_test_path")},
        },
    )
    failed = is_deployable(service) and _deploy(ctx, service, proxy, after_put=True)
    return error_reply(ServerError(), ctx.form) if failed else ctx.one("proxy", represent(ctx, proxy))


@routes.post("/admin/api/services/{service_id}/proxy/deploy")
def deploy_now(ctx: Context) -> Reply:
    """Deploy to staging; the answer is the proxy, not the configuration, with ports that are stored nowhere."""
    service = service_of(ctx)
    proxy = proxy_of(ctx.sandbox, service)
    if is_deployable(service) and _deploy(ctx, service, proxy, after_put=False):
        return error_reply(ServerError(), ctx.form)
    shown = represent(ctx, proxy)
    if is_deployable(service):
        shown.update({name: with_port(proxy[name]) for name in ("endpoint", "sandbox_endpoint")})
    return ctx.created("proxy", shown, proxy["id"])


@routes.get("/admin/api/services/{service_id}/proxy/oidc_configuration")
def show_flows(ctx: Context) -> Reply:
    """Read the OIDC flows; there is no id before the first PUT."""
    return ctx.one("oidc_configuration", flows_of(proxy_of(ctx.sandbox, service_of(ctx))))


@routes.put("/admin/api/services/{service_id}/proxy/oidc_configuration")
def update_flows(ctx: Context) -> Reply:
    """Change the OIDC flows; does not deploy."""
    proxy = proxy_of(ctx.sandbox, service_of(ctx))
    given = ctx.params.wrapped("oidc_configuration", FLOWS)
    flows = {
        name: bool(to_boolean(given[name])) if name in given else value
        for name, value in flows_of(proxy).items()
        if name in FLOWS
    }
    ctx.db.update("proxies", proxy, touch=False, oidc_configuration=flows, oidc_configuration_id=proxy["id"])
    return ctx.one("oidc_configuration", flows_of(proxy))


def flows_of(proxy: Row) -> dict[str, Any]:
    """The OIDC flows of a proxy."""
    flows = proxy["oidc_configuration"] or {name: name == "standard_flow_enabled" for name in FLOWS}
    return {"id": proxy["oidc_configuration_id"], **flows}


def store_proxy(ctx: Context, service: Row, proxy: Row, values: dict[str, Any]) -> None:
    """Store what changed, with a new lock_version, and touch the product."""
    values = {**values, **domains_of({**proxy, **values})}
    if any(proxy[name] != value for name, value in values.items()):
        ctx.db.update("proxies", proxy, **values, lock_version=proxy["lock_version"] + 1)
        ctx.db.touch("services", service)


def _deploy(ctx: Context, service: Row, proxy: Row, *, after_put: bool) -> bool:
    """True when the deployment fails with the server's 500; what was stored before stays stored."""
    try:
        deploy(ctx.sandbox, service, proxy, ctx.caller.user, after_put=after_put)
    except BrokenChain:
        return True
    return False


def _check(ctx: Context, row: dict[str, Any], service: Row, given: dict[str, Any]) -> Check:
    check = Check(ctx.db, row)
    hosted = service["deployment_option"] == "hosted"
    for name in ("sandbox_endpoint", "endpoint"):
        if row[name] and not parses(row[name]):
            check.add(name, "Invalid domain")
        row[name] = with_port(row[name])
    check.presence(*STATUSES)
    check.matches("api_test_path", _PATH, "only URI characters allowed")
    for name in ("endpoint", "sandbox_endpoint"):
        if not blank(row[name]):
            check_address(check, name, ENDPOINT_FORMAT, ("http", "https"), path=False)
            if hosted and is_local(row[name]):
                check.add(name, "can't be localhost")
    check.matches("hostname_rewrite", _HOST)
    check.matches("oauth_login_url", _LOGIN, _BAD_LOGIN)
    if re.search(r"(\?|&)(scope=|state=|tok=)", row["oauth_login_url"] or ""):
        check.add("oauth_login_url", _BAD_LOGIN)
    check.included("credentials_location", ("headers", "query", "authorization"))
    _check_statuses(check, given)
    for name in ("auth_app_id", "auth_app_key", "auth_user_key", "secret_token"):
        check.matches(name, _KEY, allow_blank=False)
    for name in TEXTS:
        check.matches(name, _HEADER, allow_blank=False)
    check.longest(8192, "api_test_path")
    check.longest(255, *(name for name in FIELDS.names if name not in ("api_test_path", "api_backend", *STATUSES)))
    if row["oidc_issuer_type"] or row["oidc_issuer_endpoint"]:
        if blank(row["oidc_issuer_type"]):
            check.presence("oidc_issuer_type")
        else:
            check.included("oidc_issuer_type", ("keycloak", "rest"))
    _check_claims(check)
    if hosted:
        check.presence("sandbox_endpoint", "endpoint")
    return check


def _check_statuses(check: Check, given: dict[str, Any]) -> None:
    for name in STATUSES:
        before = len(check.errors.by_attribute.get(name, []))
        check.number(name, least=200, raw=given.get(name, ...))
        if len(check.errors.by_attribute.get(name, [])) == before and check.row[name] >= 600:
            check.add(name, "must be less than 600")
        check.errors.by_attribute.update(
            {name: [word.replace("200.0", "200") for word in check.errors.by_attribute[name]]}
            if name in check.errors.by_attribute
            else {}
        )


def _check_claims(check: Check) -> None:
    claim, kind = (check.row[name] for name in ("jwt_claim_with_client_id", "jwt_claim_with_client_id_type"))
    prefix = "gateway_configuration."
    if kind is not None and kind not in ("plain", "liquid"):
        check.add(prefix + "jwt_claim_with_client_id_type", "is not included in the list")
    if not blank(claim) or not blank(kind):
        for name in ("jwt_claim_with_client_id", "jwt_claim_with_client_id_type"):
            if blank(check.row[name]):
                check.add(prefix + name, "can't be blank")


def _backend_values(ctx: Context, check: Check, endpoint: str | None) -> dict[str, Any]:
    """Validated values of the backend that `api_backend` stands for."""
    row = {"private_endpoint": endpoint}
    own = Check(ctx.db, row)
    check_private_endpoint(own, row)
    for message in own.errors.by_attribute.get("private_endpoint", []):
        check.add("api_backend", message)
    return row


def _store_backend(ctx: Context, service: Row, values: dict[str, Any]) -> None:
    """Change the first backend, or make one used at `/`."""
    for usage in usages_of(ctx.sandbox, service):
        backend = ctx.db.get("backend_apis", usage["backend_api_id"])
        if backend is not None:
            ctx.db.update("backend_apis", backend, **values)
        return
    backend = create_backend(
        ctx.sandbox,
        ctx.tenant,
        name=f"{service['name']} Backend",
        system_name=service["system_name"],
        description=f"Backend of {service['name']}",
        **values,
    )
    ctx.db.insert(
        "backend_api_configs",
        service_id=service["id"],
        backend_api_id=backend["id"],
        path="/",
        tenant_id=ctx.tenant["id"],
    )
