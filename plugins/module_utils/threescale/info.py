# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""What the reading modules return: accounts, applications, the portal, gateway configurations. Secrets are left out."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.errors import ApiError
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field, Values
from ansible_collections.rhai.maas.plugins.module_utils.engine.session import named
from ansible_collections.rhai.maas.plugins.module_utils.engine.show import HIDDEN, plain
from ansible_collections.rhai.maas.plugins.module_utils.threescale.accounts import find_account
from ansible_collections.rhai.maas.plugins.module_utils.threescale.policy_check import hide_marked
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal.downloads import portal_client
from ansible_collections.rhai.maas.plugins.module_utils.threescale.portal.portals import read_portal
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.latest import MANY, latest_of_all
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.tables import PRODUCT
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import PAGE, Session
from ansible_collections.rhai.maas.plugins.module_utils.threescale.subscription_lists import Subscriptions

KEYS = ("user_key", "client_secret", "provider_verification_key")
ACCOUNT_OPTIONS: dict[str, Field] = {
    "usernames": Field(type="list", elements="str"),
    "state": Field(choices=("approved", "pending", "rejected", "created")),
    "users": Field(type="bool", default=False),
    "subscriptions": Field(type="bool", default=False),
}
APPLICATION_OPTIONS: dict[str, Field] = {
    "accounts": Field(type="list", elements="str"),
    "products": Field(type="list", elements="str"),
    "plan": Field(),
    "state": Field(choices=("live", "suspended", "pending")),
    "name": Field(),
    "show_keys": Field(type="bool", default=False, harmless=True),
}
PORTAL_OPTIONS: dict[str, Field] = {
    "content": Field(type="bool", default=False),
    "switches_page": Field(),
    "portal_url": Field(),
}
CONFIG_OPTIONS: dict[str, Field] = {
    "products": Field(type="list", elements="str"),
    "environments": Field(
        type="list", elements="str", choices=("sandbox", "production"), default=["sandbox", "production"]
    ),
    "content": Field(type="bool", default=False),
}
SECRET_CONTENT = ("backend_authentication_value", "secret_token", "oidc_issuer_endpoint", "client_secret")
SWITCHES = ("multiple_applications", "multiple_services", "multiple_users")


def chosen_products(session: Session, names: Sequence[str] | None) -> list[dict[str, Any]]:
    """The named products, or all. Raises RefusalError for a name that isn't there."""
    products = session.all(PRODUCT)
    if names is None:
        return products
    return [dict(named(products, "system_name", name, "product", "products")) for name in names]


def read_accounts(session: Session, params: Mapping[str, Any]) -> dict[str, Any]:
    """What ``threescale_account_info`` returns."""
    if params.get("usernames") is not None:
        found = session.side_by_side(lambda name: find_account(session, name), params["usernames"])
        accounts = [account for account in found if account is not None]
    else:
        query = {"state": params["state"]} if params.get("state") else None
        accounts = [dict(row) for row in session.rows("/admin/api/accounts.json", "accounts", "account", PAGE, query)]

    def complete(account: dict[str, Any]) -> dict[str, Any]:
        account = {name: value for name, value in account.items() if name != "links"}
        if params["users"]:
            path = f"/admin/api/accounts/{account['id']}/users.json"
            account["users"] = _without(session.rows(path, "users", "user"), ("links",))
        return account

    complete_ones = session.side_by_side(complete, accounts)
    if params["subscriptions"]:
        for account, rows in zip(complete_ones, Subscriptions(session).of_all(complete_ones)):
            account["service_subscriptions"] = _without(rows, ("links",))
    return {"accounts": complete_ones}


def read_applications(session: Session, params: Mapping[str, Any]) -> dict[str, Any]:
    """What ``threescale_application_info`` returns."""
    query = {name: params[name] for name in ("state", "name") if params.get(name)}
    products = chosen_products(session, params.get("products"))
    names = {product["id"]: product["system_name"] for product in products}
    if params.get("accounts") is not None:
        found = session.side_by_side(lambda name: (name, find_account(session, name)), params["accounts"])
        lists = session.side_by_side(
            lambda account: session.rows(
                f"/admin/api/accounts/{account['id']}/applications.json", "applications", "application"
            ),
            [account for _name, account in found if account is not None],
        )
        rows = [row for rows in lists for row in rows if all(row.get(n) == value for n, value in query.items())]
    else:
        rows = session.rows("/admin/api/applications.json", "applications", "application", PAGE, query)
    rows = [row for row in rows if row.get("service_id") in names]
    if params.get("plan"):
        rows = [row for row in rows if params["plan"] in (row.get("plan_name"), str(row.get("plan_id")))]
    hidden = ("links",) if params["show_keys"] else ("links", *KEYS)
    return {
        "applications": [
            {**row, "product": names[row["service_id"]]} for row in _without(rows, hidden)
        ]
    }  # fmt: skip


def read_portal_info(session: Session, params: Mapping[str, Any]) -> dict[str, Any]:
    """What ``threescale_portal_info`` returns."""
    present = read_portal(session)
    provider = session.one("/admin/api/provider.json", "account") or {}
    names = {item["id"]: name for name, item in present.sections.items()}
    layouts = {item["id"]: item["system_name"] for item in present.templates.values() if item["type"] == "layout"}
    items: list[dict[str, Any]] = [
        {"type": "section", **item, "parent": names.get(item.get("parent_id"))} for item in present.sections.values()
    ]
    for template in present.templates.values():
        item = {
            name: value for name, value in template.items() if name not in ("draft", "published") and value is not None
        }
        item["section"] = names.get(template.get("section_id"))
        item["layout"] = layouts.get(template.get("layout_id"))
        item["draft_waits"] = template.get("draft") is not None
        item["published"] = template.get("published") is not None
        if params["content"]:
            item["content"] = template["published"] if template.get("draft") is None else template["draft"]
        items.append(item)
    items += [{"type": "file", **item, "section": names.get(item.get("section_id"))} for item in present.files.values()]
    result: dict[str, Any] = {"portal": {"base_url": provider.get("base_url"), "items": items}}
    result["portal"]["access_code_set"] = bool(provider.get("site_access_code"))
    result["portal"]["switches"] = _switches(session, params) if params.get("switches_page") else None
    return result


def _switches(session: Session, params: Values) -> dict[str, bool] | None:
    """The portal's switches as a page of the portal itself tells them: no API does. None where the page doesn't."""
    client, code = portal_client(session, params.get("portal_url"))
    session.also(client)
    try:
        answer = client.send("GET", str(params["switches_page"]), cookies={"access_code": code} if code else None)
        told = json.loads(answer.text)
        return {name: str(told[name]).lower() == "true" for name in SWITCHES}
    except (ApiError, ValueError, KeyError, TypeError):
        session.warnings.append(
            f"the portal's switches are unknown: page {params['switches_page']} of {client.base} does not tell them "
            f"as JSON ({', '.join(SWITCHES)})."
        )
        return None


def read_configs(session: Session, params: Mapping[str, Any]) -> dict[str, Any]:
    """What ``threescale_proxy_config_info`` returns."""
    products = chosen_products(session, params.get("products"))
    latest = _latest(session, products, params["environments"])

    def shown(product: Values, environment: str) -> dict[str, Any]:
        config = latest[environment].get(product["id"]) or {}
        content = config.get("content") or {}
        proxy = content.get("proxy") or {}
        return {
            "product": product["system_name"],
            "environment": environment,
            "version": config.get("version"),
            "endpoint": proxy.get("endpoint" if environment == "production" else "sandbox_endpoint"),
            "hosts": proxy.get("hosts") or [],
            "policies": [policy.get("name") for policy in proxy.get("policy_chain") or []],
            **({"content": content} if params["content"] else {}),
        }

    found = [shown(product, environment) for product in products for environment in params["environments"]]
    if params["content"]:
        chains = [{"policies": _chain(config["content"])} for config in found]
        unread = hide_marked(session, chains, None)
        if unread:
            names = ", ".join(sorted(" ".join(key) for key in unread))
            session.warnings.append(
                f"the configurations of {names} are hidden: the token can't read what their manifests mark as secret "
                "(scope policy_registry), or the registry lacks them."
            )
        for config in found:
            config["content"] = redacted(_without_unread(config["content"], unread), session.secrets)
    return {"proxy_configs": found}


def _latest(
    session: Session, products: Sequence[Values], environments: Sequence[str]
) -> Mapping[str, Mapping[int, Values | None]]:
    """The latest configurations by environment and product: one by one, or from three products on in one list."""
    if len(products) >= MANY:
        lists = session.side_by_side(lambda environment: latest_of_all(session.rows, environment), environments)
        return dict(zip(environments, lists))
    found: dict[str, dict[int, Values | None]] = {environment: {} for environment in environments}
    jobs = [(product["id"], environment) for product in products for environment in environments]
    path = "/admin/api/services/{}/proxy/configs/{}/latest.json"
    for (product, environment), config in zip(
        jobs, session.side_by_side(lambda job: session.one(path.format(*job), "proxy_config"), jobs)
    ):
        found[environment][product] = config
    return found


def _without_unread(content: Values, unread: Collection[tuple[str, str]]) -> Values:
    """A content without the configurations of policies whose manifests can't be read."""
    proxy = content.get("proxy") or {}
    chain = [
        {**policy, "configuration": HIDDEN}
        if (policy.get("name"), policy.get("version")) in unread and policy.get("configuration")
        else policy
        for policy in _chain(content)
    ]
    return {**content, "proxy": {**proxy, "policy_chain": chain}} if unread and chain else content


def _chain(content: Values) -> Sequence[Values]:
    chain = (content.get("proxy") or {}).get("policy_chain") or []
    return [policy for policy in chain if isinstance(policy, Mapping) and policy.get("name")]


def redacted(content: Any, known: Collection[str] = ()) -> Any:
    """A configuration's content without the service token and other secrets, ``known`` ones too."""
    return plain(_without_tokens(content), known)


def _without_tokens(content: Any) -> Any:
    if isinstance(content, Mapping):
        return {
            name: HIDDEN if name in SECRET_CONTENT and value else _without_tokens(value)
            for name, value in content.items()
        }
    if isinstance(content, list):
        return [_without_tokens(entry) for entry in content]
    return content


def _without(rows: Sequence[Values], names: Sequence[str]) -> list[dict[str, Any]]:
    return [{name: value for name, value in row.items() if name not in names} for row in rows]
