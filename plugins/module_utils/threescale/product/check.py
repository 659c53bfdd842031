# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Bad input refused before anything is read or written, with the option's name and what would be right. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from ansible_collections.rhai.maas.plugins.module_utils.engine import normal
from ansible_collections.rhai.maas.plugins.module_utils.engine.plan import refuse_twins
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import RefusalError, Values
from ansible_collections.rhai.maas.plugins.module_utils.threescale.features import FEATURE
from ansible_collections.rhai.maas.plugins.module_utils.threescale.metrics import check_metrics, check_name
from ansible_collections.rhai.maas.plugins.module_utils.threescale.plan_checks import check_plans
from ansible_collections.rhai.maas.plugins.module_utils.threescale.plan_tables import APPLICATION_PLAN, SERVICE_PLAN
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.smoke import check_smoke
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.tables import PRODUCT, USAGE

_FOREIGN = re.compile(r"""[^\x21-\x7e]|["<>\\^`{|}]""")  # must be escaped in an address


def check_products(products: Sequence[Values], option: str = "products") -> None:
    """Check all wanted products. Raises :class:`RefusalError` at the first thing that can't be."""
    refuse_twins(PRODUCT, products, option)
    for position, product in enumerate(products):
        check_product(product, f"{option}[{position}]")


def check_product(product: Values, option: str) -> None:
    """Check one wanted product."""
    check_name(product.get("system_name"), f"{option}.system_name")
    if product.get("state") == "absent":
        return
    check_metrics(product, option)
    check_plans(product, option)
    refuse_twins(FEATURE, product.get("features"), f"{option}.features")
    for place, feature in enumerate(product.get("features") or []):
        check_name(feature["system_name"], f"{option}.features[{place}].system_name")
    refuse_twins(APPLICATION_PLAN, product.get("application_plans"), f"{option}.application_plans")
    refuse_twins(SERVICE_PLAN, product.get("service_plans"), f"{option}.service_plans")
    _check_usages(product, option)
    _check_proxy(product, option)
    _check_chain(product, option)
    check_smoke(product.get("smoke"), f"{option}.smoke")


def _check_usages(product: Values, option: str) -> None:
    usages = product.get("backend_usages") or []
    refuse_twins(USAGE, usages, f"{option}.backend_usages")
    paths: dict[str, str] = {}
    for place, usage in enumerate(usages):
        path = normal.path(usage.get("path")).lower()
        if path in paths:
            raise RefusalError(
                f"{option}.backend_usages[{place}].path: '{path}' is the path of backend '{paths[path]}' already; "
                "each backend of a product needs a path of its own."
            )
        paths[path] = str(usage["backend"])


def _check_proxy(product: Values, option: str) -> None:
    proxy = product.get("proxy") or {}
    for name in ("endpoint", "sandbox_endpoint"):
        if proxy.get(name) and _parts(str(proxy[name])) is None:
            raise RefusalError(f"{option}.proxy.{name}: '{proxy[name]}' has a port that can't be.")
    if bool(proxy.get("jwt_claim_with_client_id")) != bool(proxy.get("jwt_claim_with_client_id_type")):
        raise RefusalError(
            f"{option}.proxy: jwt_claim_with_client_id and jwt_claim_with_client_id_type belong together."
        )


def _parts(url: str) -> tuple[str, str] | None:
    """Scheme, and everything after the host; None when there is no host, or what no address may hold."""
    if _FOREIGN.search(url):
        return None
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  # a port out of range raises here
    except ValueError:
        return None
    tail = parts.path + (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")
    return (parts.scheme, tail) if parts.hostname else None


def _check_chain(product: Values, option: str) -> None:
    chain = product.get("policies") or []
    apicast = [policy for policy in chain if policy["name"] == "apicast"]
    if len(apicast) > 1:
        raise RefusalError(f"{option}.policies: apicast stands there {len(apicast)} times; the chain has it once.")
    below = [usage for usage in product.get("backend_usages") or [] if normal.path(usage.get("path")) != "/"]
    if apicast and not apicast[0].get("enabled", True) and below:
        raise RefusalError(
            f"{option}.policies: a disabled apicast with a backend below a path ({below[0]['path']}) makes the server "
            "fail at every deployment. Enable apicast, or use the backend at '/'."
        )


def check_private_endpoint(value: str, option: str) -> None:
    """Refuse a backend's address that the server would refuse. Raises :class:`RefusalError`.

    docs/threescale-behaviour.md#backends-addresses
    """
    parts = _parts(value)
    if parts is None or parts[0] not in ("http", "https", "ws", "wss") or "?" in parts[1] or "#" in parts[1]:
        raise RefusalError(f"{option}: '{value}' must be an address http(s):// or ws(s):// without query.")
    host = urlsplit(value)
    if host.username is not None or host.password is not None:
        raise RefusalError(f"{option}: must not hold a user or password.")
    if host.hostname == "localhost" or str(host.hostname).startswith("127."):
        raise RefusalError(f"{option}: '{value}': the server refuses localhost and 127.*.")
    if len(value) > 255:
        raise RefusalError(f"{option}: has {len(value)} characters, the most is 255.")
