# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""A request that the gateways must answer: staging before production is touched, and production afterwards.

There is no way back by promotion: 3scale takes the promotion of an older version, and the gateway keeps the newest. So
what production served before is written back, deployed and promoted as a new version.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine import normal
from ansible_collections.rhai.maas.plugins.module_utils.engine.errors import ApiError
from ansible_collections.rhai.maas.plugins.module_utils.engine.http import Connection, transport_error
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import RefusalError, Values
from ansible_collections.rhai.maas.plugins.module_utils.engine.version import USER_AGENT
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.config import (
    authentication,
    backends_of,
    own_rules,
)
from ansible_collections.rhai.maas.plugins.module_utils.threescale.product.tables import PRODUCT, PROXY

PAUSE = 2.0
MOST_WORDS = 200


def check_smoke(smoke: Values | None, option: str) -> None:
    """Refuse a request that can't be sent. Raises :class:`RefusalError`."""
    if not smoke:
        return
    if not str(smoke["path"]).startswith("/"):
        raise RefusalError(f"{option}.path: '{smoke['path']}' must start with '/'.")
    for name in ("timeout", "wait"):
        if smoke[name] < 0:
            raise RefusalError(f"{option}.{name}: must not be negative, is {smoke[name]}.")
    for status in smoke.get("status") or []:
        if not 100 <= status <= 599:
            raise RefusalError(f"{option}.status: {status} is no status of HTTP.")


def must_answer(applier: Any, base: str, smoke: Values, wait: float = 0) -> None:
    """Send the request until the answer is right; ``wait`` seconds later it must be so still. Raises ApiError."""
    if not base:
        raise ApiError(smoke["method"], smoke["path"], 0, ["the gateway's address is not known"], _HINT)
    until = time.monotonic() + smoke["timeout"]
    while True:
        error = _ask(applier.client.connection, base, smoke)
        if error is None or time.monotonic() >= until:
            break
        applier.client.sleep(PAUSE)
    if error is None and wait:
        applier.client.sleep(wait)
        error = _ask(applier.client.connection, base, smoke)
    if error is not None:
        raise error


_HINT = "Look at the gateway's log, and at the backend behind it."


def _ask(connection: Connection, base: str, smoke: Values) -> ApiError | None:
    import requests

    method, path, body = smoke["method"], smoke["path"], smoke.get("body")
    verify: Any = (connection.ca_path or True) if connection.validate_certs else False
    headers = {"User-Agent": USER_AGENT, **{str(k): str(v) for k, v in (smoke.get("headers") or {}).items()}}
    if isinstance(body, (Mapping, list)):
        body, headers = json.dumps(body), {"Content-Type": "application/json", **headers}
    try:
        answer = requests.request(
            method,
            base.rstrip("/") + path,
            headers=headers,
            data=None if body is None else str(body).encode("utf-8"),
            timeout=connection.timeout,
            verify=verify,
            allow_redirects=False,
        )
    except requests.exceptions.RequestException as error:
        return transport_error(method, path, base, error)
    wanted: Sequence[int] = smoke.get("status") or range(200, 300)
    if answer.status_code in wanted:
        return None
    said = " ".join(answer.text.split())[:MOST_WORDS]
    return ApiError(method, base + path, answer.status_code, [said] if said else [], _HINT)


def served(wanted: Values, content: Values, backends: Mapping[str, Values]) -> dict[str, Any]:
    """What a configuration's content held of the things that ``wanted`` manages, in terms of the product's options."""
    proxy = content.get("proxy") or {}
    back: dict[str, Any] = {"system_name": wanted["system_name"], "state": "present", "promotion": "production"}
    for name in PRODUCT.attributes():
        if wanted.get(name) is not None and name in content and name != "system_name":
            back[name] = content[name] if content[name] is not None else ""
    around = {"backend_version": authentication(content)}
    if wanted.get("backend_version") is not None:
        back.update(around)
    given = wanted.get("proxy") or {}
    managed = [name for name, entry in PROXY.attributes().items() if given.get(name) is not None]
    if managed:
        known = [name for name in managed if proxy.get(name) is not None and PROXY.fields[name].counts(around)]
        back["proxy"] = {name: proxy[name] for name in known}
    if wanted.get("policies") is not None:
        own = any(policy["name"] == "routing" for policy in wanted["policies"])
        chain = [policy for policy in proxy.get("policy_chain") or [] if own or policy.get("name") != "routing"]
        back["policies"] = [{**policy, "enabled": True} for policy in chain]
    if wanted.get("mapping_rules") is not None:
        names = ("http_method", "pattern", "delta", "last")
        back["mapping_rules"] = [
            {**{name: rule.get(name) for name in names}, "metric": rule.get("metric_system_name")}
            for rule in own_rules(content)
        ]
    usages = _usages(content, backends) if wanted.get("backend_usages") is not None else None
    if usages is not None:
        back["backend_usages"], back["prune"] = usages, True
    return back


def _usages(content: Values, backends: Mapping[str, Values]) -> list[dict[str, Any]] | None:
    """The usages that a content was made of; None where one of its addresses is no backend's any more."""
    names = {normal.url(backend.get("private_endpoint")): name for name, backend in backends.items()}
    found = backends_of(content)
    if not found or any(url not in names for _path, url in found):
        return None
    return [{"backend": names[url], "path": path} for path, url in found]
