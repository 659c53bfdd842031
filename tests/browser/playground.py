# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages' way to the gateway: pages ask its public address, which here leads to the sandbox's."""

from __future__ import annotations

import re

import requests
from playwright.sync_api import Page, Route

from tests.browser.conftest import House


def open_way(page: Page, house: House) -> None:
    """What this page asks the gateway's public addresses goes to the gateway that runs."""

    def forward(route: Route) -> None:
        asked = route.request
        host = asked.url.removeprefix("https://").partition("/")[0]
        origin = {
            "Access-Control-Allow-Origin": house.portal,
            "Access-Control-Allow-Headers": "authorization,content-type",
        }
        if asked.method == "OPTIONS":
            route.fulfill(status=204, headers=origin)
            return
        headers = {"Host": host, "Authorization": asked.headers["authorization"], "Content-Type": "application/json"}
        url = f"http://127.0.0.1:{house.gateway}/v1/chat/completions"
        answer = requests.post(url, data=asked.post_data, headers=headers, timeout=30)
        kind = {"Content-Type": answer.headers.get("Content-Type", "text/plain")}
        route.fulfill(status=answer.status_code, body=answer.content, headers={**kind, **origin})

    page.route(re.compile("/v1/chat/completions$"), forward)


def open_way_to_models(page: Page, house: House) -> None:
    """A list of models is answered as the gateway does, its own words about other origins and all."""

    def forward(route: Route) -> None:
        host = route.request.url.removeprefix("https://").partition("/")[0]
        headers = {**route.request.headers, "Host": host, "Origin": house.portal}
        answer = requests.get(f"http://127.0.0.1:{house.gateway}/v1/models", headers=headers, timeout=30)
        named = {name: value for name, value in answer.headers.items() if name.lower().startswith("access-control-")}
        route.fulfill(status=answer.status_code, body=answer.content, headers=named)

    page.route(re.compile("/v1/models$"), forward)
