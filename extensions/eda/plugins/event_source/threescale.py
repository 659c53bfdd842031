# SPDX-License-Identifier: GPL-3.0-or-later
"""Webhooks of 3scale as events, for ansible-rulebook."""

from __future__ import annotations

import asyncio
import base64
import hmac
import ssl
from typing import Any
from xml.etree import ElementTree

from aiohttp import web

DOCUMENTATION = r"""
---
short_description: Receive the webhooks of 3scale
description:
  - 3scale posts XML, and can sign in by nothing but its webhook's URL. This source takes both.
  - An event has C(type) (such as V(account), V(application) or V(user)), C(action) (such as V(created)) and C(object),
    whose C(id), names, C(state) and links to other objects are told. Keys, which 3scale sends along, and mail
    addresses are not.
options:
  host:
    description: Address to listen at.
    type: str
    default: 0.0.0.0
  port:
    description: Port to listen at.
    type: int
    required: true
  token:
    description:
      - Password in the URL that 3scale was told, C(https://maas:TOKEN@events.example.com/). Any user name will do.
    type: str
    required: true
  certfile:
    description: Certificate to answer with; without it something before this source has to end TLS.
    type: str
  keyfile:
    description: The certificate's key.
    type: str
"""

EXAMPLES = r"""
- rhai.maas.threescale:
    port: 5000
    token: "{{ webhook_token }}"
"""

TOLD = ("id", "name", "org_name", "username", "state", "account_id", "user_account_id", "service_id", "plan_id")
"""What of an object an event tells: never a key."""

LARGEST = 1024 * 1024  # bytes


def read_event(body: bytes) -> dict[str, Any]:
    """What 3scale posts, as ``{"type", "action", "object": {name: text}}``; ValueError for anything else. Pure."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise ValueError("3scale sends no document type")
    try:
        event = ElementTree.fromstring(body)
    except ElementTree.ParseError as problem:
        raise ValueError(f"not XML: {problem}") from None
    kind, action, held = event.findtext("type"), event.findtext("action"), event.find("object/*")
    if event.tag != "event" or not kind or not action or held is None:
        raise ValueError("not an event of 3scale (event with type, action and object)")
    return {
        "type": kind,
        "action": action,
        "object": {name: held.findtext(name) for name in TOLD if held.findtext(name)},
    }


def is_allowed(header: str, token: str) -> bool:
    """Does the header Authorization (Basic) hold the token as its password? Pure."""
    scheme, _space, value = header.partition(" ")
    try:
        password = base64.b64decode(value, validate=True).partition(b":")[2]
    except ValueError:
        return False
    return scheme.lower() == "basic" and hmac.compare_digest(password, token.encode())


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Listen until the rulebook ends."""
    if not args.get("token"):
        raise ValueError(
            "token: give the password of the URL that 3scale was told; without one anybody could start jobs"
        )

    async def receive(request: web.Request) -> web.Response:
        if not is_allowed(request.headers.get("Authorization", ""), str(args["token"])):
            raise web.HTTPUnauthorized(text="The URL's password is not the token.")
        try:
            event = read_event(await request.read())
        except ValueError as problem:
            raise web.HTTPBadRequest(text=str(problem)) from None
        await queue.put(event)
        return web.Response(text="taken")

    context = None
    if args.get("certfile"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(args["certfile"], args.get("keyfile"))
    app = web.Application(client_max_size=LARGEST)
    app.router.add_post("/{path:.*}", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, args.get("host") or "0.0.0.0", int(args["port"]), ssl_context=context).start()  # noqa: S104
    try:
        await asyncio.Future()
    finally:
        await runner.cleanup()
