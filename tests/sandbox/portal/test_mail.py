# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages and warnings of a developer: where each form leads, and what it says there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.portal.visitors import Browser, D, Portal

MESSAGES = "/admin/messages"
LIST = "{% for message in messages %}[{{ message.id }} {{ message.subject }}]{% endfor %}"
FLASH = "{% for message in flash.messages %}({{ message.text }}){% endfor %}"


@pytest.fixture
def mail(portal: Portal) -> tuple[Portal, Browser]:
    """A portal with short pages, and a developer who got a message from the tenant."""
    for folder in ("inbox", "outbox", "trash"):
        portal.builtin(f"messages/{folder}/index", f"{folder} {FLASH}{LIST}")
    portal.page("/token", "{% csrf %}")
    portal.builtin("messages/outbox/new", f"new {FLASH}")
    portal.builtin("messages/inbox/show", "{{ reply.subject }}|{{ reply.body }}")
    account = portal.developer()
    portal.admin("POST", f"accounts/{account}/messages.json", {"subject": "Hello", "body": "one\ntwo"})
    browser = portal.browser()
    browser.sign_in()
    return portal, browser


def asked(browser: Browser, method: str, path: str, **data: str) -> tuple[int, str]:
    """(status, where it leads) of a form."""
    verb = {} if method == "POST" else {"_method": method}
    answer = browser.client.post(f"{MESSAGES}{path}", data={**verb, **data, **csrf(browser)})
    return answer.status_code, answer.headers.get("location", "").removeprefix(f"http://maas.{D}")


def csrf(browser: Browser) -> dict[str, str]:
    """The token that forms of this session carry."""
    return {"authenticity_token": browser.get("/token").text.partition('csrf-token" content="')[2].partition('"')[0]}


def message_of(portal: Portal, **of: Any) -> Any:
    rows = portal.server.sandbox.db.rows["messages"].values()
    return next(row for row in rows if all(row[name] == value for name, value in of.items()))


def test_the_inbox_has_an_address_of_its_own(mail: tuple[Portal, Browser]) -> None:
    answer = mail[1].client.get(MESSAGES)
    assert (answer.status_code, answer.headers["location"]) == (301, f"http://maas.{D}{MESSAGES}/received")


def test_a_message_is_sent(mail: tuple[Portal, Browser]) -> None:
    browser = mail[1]
    assert asked(browser, "POST", "/sent", **{"message[body]": "x"}) == (302, f"{MESSAGES}/new")
    assert "new (Subject can&#39;t be blank)" in browser.get(f"{MESSAGES}/new").text
    assert asked(browser, "POST", "/sent", **{"message[subject]": "Mine"}) == (302, MESSAGES)
    assert "inbox (Message was sent.)" in browser.get(MESSAGES).text


def test_a_message_is_answered(mail: tuple[Portal, Browser]) -> None:
    portal, browser = mail
    number = message_of(portal, subject="Hello")["id"]
    assert "Re: Hello|&gt; one\n&gt; two" in browser.get(f"{MESSAGES}/received/{number}").text
    given = {"message[subject]": "Re: Hello", "message[body]": "yes"}
    assert asked(browser, "POST", "/received", reply_to=str(number), **given) == (302, MESSAGES)
    assert message_of(portal, subject="Re: Hello")["body"] == "yes"
    assert asked(browser, "POST", "/received", **given)[0] == 404


def test_a_message_is_thrown_away_and_restored(mail: tuple[Portal, Browser]) -> None:
    portal, browser = mail
    asked(browser, "POST", "/sent", **{"message[subject]": "Mine"})
    came, went = (message_of(portal, subject=subject)["id"] for subject in ("Hello", "Mine"))
    assert asked(browser, "DELETE", f"/received/{came}") == (302, MESSAGES)
    assert asked(browser, "DELETE", f"/sent/{went}") == (302, f"{MESSAGES}/sent")
    trash = browser.get(f"{MESSAGES}/trash").text
    assert f"[{came} Hello]" in trash and f"[{went} Mine]" in trash
    assert browser.get(f"{MESSAGES}/trash/{came}").status_code == 200
    assert asked(browser, "DELETE", f"/trash/{came}") == (302, f"{MESSAGES}/trash")
    assert f"(Message was restored.)[{went} Mine]" in browser.get(f"{MESSAGES}/trash").text
    asked(browser, "DELETE", f"/received/{came}")
    assert asked(browser, "DELETE", "/trash") == (302, f"{MESSAGES}/trash")
    assert f"(Received messages have been deleted.)[{went} Mine]" in browser.get(f"{MESSAGES}/trash").text


def test_warnings_are_read_and_taken_away(portal: Portal) -> None:
    portal.page("/token", "{% csrf %}")
    portal.builtin("applications/alerts/index", FLASH + "{% for alert in alerts %}[{{ alert.state }}]{% endfor %}")
    account = portal.developer()
    application = portal.admin("GET", f"accounts/{account}/applications.json")["applications"][0]["application"]
    service = application["service_id"]
    portal.admin("PUT", f"services/{service}.json", {"notification_settings": {"web_buyer": [80]}})
    db = portal.server.sandbox.db
    with db.transaction():
        values = {"level": 80, "message": "hits per day: 4/5", "timestamp": 0, "state": "unread", "utilization": 80}
        rows = [db.insert("alerts", application_id=application["id"], **values) for _ in range(3)]
    browser = portal.browser()
    browser.sign_in()
    path = f"/admin/applications/{application['id']}/alerts"

    def after(method: str, rest: str) -> str:
        form = {"_method": method, **csrf(browser)}
        assert browser.client.post(f"{path}{rest}", data=form).headers["location"] == f"http://maas.{D}{path}"
        return browser.get(path).text

    assert "[unread][unread][read]" in after("PUT", f"/{rows[0]['id']}/read")
    assert "[unread][read]" in after("DELETE", f"/{rows[2]['id']}")
    assert "(All alerts were marked as read.)[read][read]" in after("PUT", "/all_read")
    assert "(All alerts were deleted.)" in after("DELETE", "/purge") and "[" not in browser.get(path).text
