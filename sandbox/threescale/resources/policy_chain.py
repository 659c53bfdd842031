# SPDX-License-Identifier: GPL-3.0-or-later
"""A product's policy chain, `…/services/{id}/proxy/policies`, and the manifests that the gateway knows."""

from __future__ import annotations

import json
from typing import Any

from ..http.context import Context
from ..http.errors import Invalid, ServerError
from ..http.respond import Reply, error_reply, json_reply
from ..http.router import POLICIES, Routes
from ..rules.configuration import MOST_BYTES, BrokenChain, deploy, policies_of
from ..rules.products import APICAST, proxy_of
from ..rules.validate import blank
from .proxies import KNOWN, store_proxy
from .services import service_of

routes = Routes(scopes=POLICIES)
_PATH = "/admin/api/services/{service_id}/proxy/policies"
_KEYS = ("name", "version", "configuration", "enabled")
_FORMAT = 'has invalid format. The Correct format is: [{ "name": "apicast"... }]'


def _reply(chain: list[dict[str, Any]], status: int = 200) -> Reply:
    return json_reply(status, {"policies_config": chain})


@routes.get(_PATH)
def show(ctx: Context) -> Reply:
    """Read; the server fails when asked for XML."""
    chain = policies_of(proxy_of(ctx.sandbox, service_of(ctx)))
    if ctx.form == "xml":
        raise ServerError
    return _reply(chain)


@routes.put(_PATH)
def update(ctx: Context) -> Reply:
    """Replace the chain and deploy to staging."""
    service = service_of(ctx)
    proxy = proxy_of(ctx.sandbox, service)
    given = ctx.params.wrapped("proxy", KNOWN)
    chain = _chain(given.get("policies_config"))
    problems = [_problems(policy) for policy in chain]
    if any(problems):
        shown = [
            {**policy, **({"errors": wrong} if wrong else {})} for policy, wrong in zip(chain, problems, strict=True)
        ]
        return _reply(shown, 422)
    if len(json.dumps(chain, separators=(",", ":"))) > MOST_BYTES:
        raise Invalid({"policies_config": [f"is too long (maximum is {MOST_BYTES} characters)"]})
    store_proxy(ctx, service, proxy, {"policies_config": chain})
    try:
        deploy(ctx.sandbox, service, proxy, ctx.caller.user, after_put=True)
    except BrokenChain:
        return error_reply(ServerError(), ctx.form)  # the chain is stored all the same
    return _reply(chain)


@routes.get("/admin/api/policies", json_only=True)
def manifests(_ctx: Context) -> Reply:
    """Manifests of the gateway's own policies: null, as when its management port can't be reached."""
    return Reply(200, b"null")


def _chain(given: Any) -> list[dict[str, Any]]:
    """The chain that is meant, its unknown keys dropped and apicast appended where missing. Raises `Invalid`."""
    if isinstance(given, str):
        try:
            given = json.loads(given) if given.strip() else []
        except ValueError:
            raise Invalid({"policies_config": [_FORMAT]}) from None
        given = given if isinstance(given, list) else [given]
    if not isinstance(given, list):
        given = [given]
    chain = [
        {key: policy[key] for key in _KEYS if policy.get(key) is not None} if isinstance(policy, dict) else {}
        for policy in given
    ]
    if not any(policy.get("name") == "apicast" for policy in chain):
        chain.append(dict(APICAST))
    return chain


def _problems(policy: dict[str, Any]) -> dict[str, list[str]]:
    wrong = {name: ["can't be blank"] for name in ("name", "version") if blank(policy.get(name))}
    configuration = policy.get("configuration")
    if configuration != {} and blank(configuration):
        wrong["configuration"] = ["can't be blank"]
    return wrong
