# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages between the account and the tenant: received, sent, thrown away."""

from __future__ import annotations

import re
from typing import Any

from ...rules.fields import to_integer, to_text
from ...rules.validate import blank
from ...store import Row
from ..answers import Answer, NotThereError, failed, redirect
from ..drops.lists import PaginationDrop
from ..drops.messages import MessageDrop
from ..notices import send
from ..rendering import show as show_page
from ..routing import Routes
from ..templating.drop import Collection
from ..visit import Visit

routes = Routes(menu="messages")
_BASE = "/admin/messages"


def _folder(visit: Visit, folder: str) -> list[Row]:
    """Messages received, sent, or (trash) hidden on either side, the newest first."""
    assert visit.account is not None
    own = visit.account["id"]
    came = [row for row in visit.db.where("messages", recipient_id=own) if row["recipient_deleted_at"] is None]
    went = visit.db.where("messages", sender_id=own)
    if folder == "sent":
        shown = [row for row in went if row["hidden_at"] is None]
    elif folder == "received":
        shown = [row for row in came if row["recipient_hidden_at"] is None]
    else:
        shown = [row for row in came if row["recipient_hidden_at"] is not None]
        shown += [row for row in went if row["hidden_at"] is not None]
    return sorted(shown, key=lambda row: (-row["created_at"], -row["id"]))


def _drop(visit: Visit, row: Row) -> MessageDrop:
    assert visit.account is not None
    return MessageDrop(visit.world(), row, received=row["sender_id"] != visit.account["id"])


def _list(visit: Visit, folder: str, page: str) -> Answer:
    rows = _folder(visit, folder)
    drops = Collection(_drop(visit, row) for row in rows)
    pages = PaginationDrop(
        len(rows), max(len(rows), 30), 1, lambda number: f"{visit.origin}{_BASE}/{folder}?page={number}"
    )
    return show_page(visit, page, {"messages": drops, "pagination": pages})


def _one(visit: Visit, folder: str, name: object = None) -> Row:
    wanted = to_integer(visit.variables["id"] if name is None else name)
    found = next((row for row in _folder(visit, folder) if row["id"] == wanted), None)
    if found is None:
        raise NotThereError
    return found


@routes.on("GET", _BASE, "messages/root", login=False)
def root(visit: Visit) -> Answer:
    """The inbox has an address of its own."""
    return redirect(f"{visit.origin}{_BASE}/received", 301)


@routes.on("GET", _BASE + "/received", "inbox/index")
def inbox(visit: Visit) -> Answer:
    """What came."""
    return _list(visit, "received", "messages/inbox/index")


@routes.on("GET", _BASE + "/sent", "outbox/index")
def outbox(visit: Visit) -> Answer:
    """What was sent."""
    return _list(visit, "sent", "messages/outbox/index")


@routes.on("GET", _BASE + "/trash", "trash/index")
def trash(visit: Visit) -> Answer:
    """What was thrown away."""
    return _list(visit, "trash", "messages/trash/index")


@routes.on("GET", _BASE + "/new", "outbox/new")
@routes.on("GET", _BASE + "/sent/new", "outbox/new")
def new(visit: Visit) -> Answer:
    """The form for a message to the tenant."""
    return show_page(visit, "messages/outbox/new", {"message": MessageDrop(visit.world(), {"subject": "", "body": ""})})


def _send(visit: Visit, words: dict[str, Any], to: Any) -> None:
    assert visit.account is not None
    send(visit.sandbox, visit.account["id"], to, to_text(words.get("subject")) or "", to_text(words.get("body")) or "")


@routes.on("POST", _BASE + "/sent", "outbox/create")
def create(visit: Visit) -> Answer:
    """Send a message to the tenant; it needs a subject."""
    words: dict[str, Any] = visit.words("message")
    if blank(words.get("subject")):
        visit.session.say("error", "Subject can't be blank")
        return visit.to(f"{_BASE}/new")
    _send(visit, words, visit.tenant["id"])
    visit.session.say("notice", "Message was sent.")
    return visit.to(_BASE)


@routes.on("POST", _BASE + "/received", "inbox/create")
def reply(visit: Visit) -> Answer:
    """Answer a message that came, `reply_to`."""
    row = _one(visit, "received", visit.params.get("reply_to") or "")
    words = {**_answer_to(row), **visit.words("message")}
    if blank(words["subject"]):
        return failed("html")
    _send(visit, words, row["sender_id"])
    visit.session.say("notice", "Reply was sent.")
    return visit.to(_BASE)


def _answer_to(row: Row) -> dict[str, Any]:
    quoted = re.sub(r"(?m)^", "> ", row["body"] or "")
    return {"subject": f"Re: {row['subject']}", "body": quoted}


@routes.on("GET", _BASE + "/received/{id}", "inbox/show")
def received(visit: Visit) -> Answer:
    """A message that came; it counts as read from now on."""
    row = _one(visit, "received")
    visit.db.update("messages", row, touch=False, recipient_state="read")
    answer = MessageDrop(visit.world(), _answer_to(row))
    return show_page(visit, "messages/inbox/show", {"message": _drop(visit, row), "reply": answer})


@routes.on("GET", _BASE + "/sent/{id}", "outbox/show")
def sent(visit: Visit) -> Answer:
    """A message that was sent."""
    return show_page(visit, "messages/outbox/show", {"message": _drop(visit, _one(visit, "sent"))})


@routes.on("GET", _BASE + "/trash/{id}", "trash/show")
def thrown(visit: Visit) -> Answer:
    """A message that was thrown away."""
    return show_page(visit, "messages/trash/show", {"message": _drop(visit, _one(visit, "trash"))})


@routes.on("DELETE", _BASE + "/received/{id}", "inbox/destroy")
def throw_away(visit: Visit) -> Answer:
    """Put a message into the trash."""
    visit.db.update("messages", _one(visit, "received"), touch=False, recipient_hidden_at=visit.sandbox.now())
    visit.session.say("notice", "Message was deleted.")
    return visit.to(_BASE)


@routes.on("DELETE", _BASE + "/sent/{id}", "outbox/destroy")
def throw_own_away(visit: Visit) -> Answer:
    """Put a message that was sent into the trash."""
    visit.db.update("messages", _one(visit, "sent"), touch=False, hidden_at=visit.sandbox.now())
    visit.session.say("notice", "Message was deleted.")
    return visit.to(f"{_BASE}/sent")


@routes.on("DELETE", _BASE + "/trash/{id}", "trash/destroy")
def restore(visit: Visit) -> Answer:
    """Take a message out of the trash again."""
    row = _one(visit, "trash")
    assert visit.account is not None
    side = "hidden_at" if row["sender_id"] == visit.account["id"] else "recipient_hidden_at"
    visit.db.update("messages", row, touch=False, **{side: None})
    visit.session.say("notice", "Message was restored.")
    return visit.to(f"{_BASE}/trash")


@routes.on("DELETE", _BASE + "/trash", "trash/empty")
def empty(visit: Visit) -> Answer:
    """Remove for good what came; what was sent stays in the trash."""
    assert visit.account is not None
    for row in _folder(visit, "trash"):
        if row["recipient_id"] == visit.account["id"]:
            visit.db.update("messages", row, touch=False, recipient_deleted_at=visit.sandbox.now())
    visit.session.say("notice", "Received messages have been deleted.")
    return visit.to(f"{_BASE}/trash")
