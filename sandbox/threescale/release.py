# SPDX-License-Identifier: GPL-3.0-or-later
"""What the releases of 3scale differ in, as far as the stand-in plays it (docs/threescale-behaviour.md#releases)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Release:
    """One release; the defaults are those of 2.16."""

    name: str
    # the Admin API
    annotations: bool = True  # products, backends and accounts have them; else they are dropped and never shown
    service_subscriptions: bool = True  # else `service_contracts` alone: list and delete
    enforce_sso: bool = True
    settings_keep_approval: bool = True  # else a PUT without `account_approval_required` switches the approval off
    tokens_expire: bool = True
    token_letters: int = 64
    registry_opens_chains: bool = True  # the scope policy_registry reaches a product's policies too
    openapi_31: bool = True
    usages_take_limits_along: bool = True  # a backend usage that goes takes the limits on the backend's metrics along
    site_is_named: bool = True  # an identity provider's address that is wrong is `site`, else `realm`
    empty_error_lists: bool = False  # an account that is refused names its billing address too, with no message
    # the portal
    statistics_xml: bool = False  # developers get statistics as XML; else 500
    tells_unknown_addresses: bool = False  # who forgot the password learns whether the address is known
    original_url: bool = True  # of `request` in templates
    button_elements: bool = True  # button filters write `<button>`, else `<input type="submit">`
    plain_error_type: bool = True  # errors of other formats are text/plain, else of the type that was asked for
    files_cache: str = "no-cache"
    no_store: str = "no-store"
    scripts: tuple[str, ...] = ()  # of a new tenant, besides those that all releases have


RELEASES = {
    "2.16": Release("2.16"),
    "2.15": Release(
        "2.15",
        annotations=False,
        service_subscriptions=False,
        enforce_sso=False,
        settings_keep_approval=False,
        tokens_expire=False,
        token_letters=96,
        registry_opens_chains=False,
        openapi_31=False,
        usages_take_limits_along=False,
        site_is_named=False,
        empty_error_lists=True,
        statistics_xml=True,
        tells_unknown_addresses=True,
        original_url=False,
        button_elements=False,
        plain_error_type=False,
        files_cache="private",
        no_store="no-cache, no-store",
        scripts=("jquery.js",),
    ),
}
