# SPDX-License-Identifier: GPL-3.0-or-later
"""The access code: while one is set, every page but JSON and XML is its form."""

from __future__ import annotations

from ..answers import Answer, html
from ..templating.html import attributes
from ..visit import Visit

COOKIE = "access_code"
PATH = "/access_code"


def stands_in_the_way(visit: Visit) -> bool:
    """Whether the form is shown instead of what was asked for. `/access_code` itself always comes here."""
    if visit.path.rstrip("/") == PATH and visit.method in ("GET", "POST"):
        return True
    code = visit.tenant["site_access_code"]
    if not code or visit.method == "OPTIONS" or visit.format in ("json", "xml") or visit.path.startswith("/stats/"):
        return False
    return bool(visit.cookies.get(COOKIE) != code)


def page(visit: Visit) -> Answer:
    """The form; with the right code, or without any being set, on to where the visitor wanted to go."""
    code, here = visit.tenant["site_access_code"], visit.path.rstrip("/") == PATH
    if here and not code:
        return _onwards(visit)
    if here and visit.params.get("access_code") == code and (visit.method == "GET" or _token_fits(visit)):
        visit.set_cookie(COOKIE, code, http_only=False)
        answer = _onwards(visit)
        visit.session.data.pop("return_to", None)
        return answer
    if not here or not visit.session.data.get("return_to"):
        visit.session.data["return_to"] = visit.full_path
    return html(_form(visit))


def _token_fits(visit: Visit) -> bool:
    return visit.session.accepts(visit.params.get("authenticity_token"))


def _onwards(visit: Visit) -> Answer:
    wanted = visit.params.get("return_to") or visit.session.data.get("return_to")
    if not isinstance(wanted, str) or not wanted or wanted == PATH or not wanted.startswith("/") or "?" in wanted:
        return visit.to("/")
    return visit.to(f"{wanted}?")


def _form(visit: Visit) -> str:
    token = attributes(
        {"type": "hidden", "name": "authenticity_token", "value": visit.session.token(), "autocomplete": "off"}
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>Access restricted</title></head>'
        "\n<body>\n"
        f'<form action="{PATH}" accept-charset="UTF-8" method="post"><input{token} />\n'
        '<label for="access_code">Access code</label>\n'
        '<input type="password" name="access_code" id="access_code" />\n<input type="submit" value="Enter" />'
        "\n</form>\n"
        "<p>This portal is not open yet. Cookies must be allowed.</p>\n</body>\n</html>\n"
    )
