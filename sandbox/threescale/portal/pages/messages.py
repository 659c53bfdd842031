# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages between the account and the tenant: received, sent, thrown away."""

from __future__ import annotations

from typing import Any

from ...rules.fields import to_integer, to_text
from ...rules.validate import blank
from ...store import Row
from ..answers import Answer, NotThereError
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
    assert visit.account is not None
    side, hidden = ("sender_id", "hidden_at") if folder == "sent" else ("recipient_id", "recipient_hidden_at")
    rows = visit.db.where("messages", **{side: visit.account["id"]})
    kept = [row for row in rows if row["recipient_deleted_at"] is None or folder == "sent"]
    shown = [row for row in kept if (row[hidden] is not None) == (folder == "trash")]
    return sorted(shown, key=lambda row: (-row["created_at"], -row["id"]))


def _list(visit: Visit, folder: str, page: str) -> Answer:
    rows, world = _folder(visit, folder), visit.world()
    drops = Collection(MessageDrop(world, row, received=folder != "sent") for row in rows)
    pages = PaginationDrop(
        len(rows), max(len(rows), 30), 1, lambda number: f"{visit.origin}{_BASE}/{folder}?page={number}"
    )
    return show_page(visit, page, {"messages": drops, "pagination": pages})


def _one(visit: Visit, folder: str) -> Row:
    wanted = to_integer(visit.variables["id"])
    found = next((row for row in _folder(visit, folder) if row["id"] == wanted), None)
    if found is None:
        raise NotThereError
    return found


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


@routes.on("POST", _BASE + "/sent", "outbox/create")
def create(visit: Visit) -> Answer:
    """Send a message to the tenant."""
    assert visit.account is not None
    words: dict[str, Any] = visit.words("message")
    if blank(words.get("subject")) or blank(words.get("body")):
        visit.session.say_now("error", "Subject and body can't be blank.")
        return new(visit)
    send(
        visit.sandbox,
        visit.account["id"],
        visit.tenant["id"],
        to_text(words["subject"]) or "",
        to_text(words["body"]) or "",
    )
    visit.session.say("notice", "Message was sent.")
    return visit.to(f"{_BASE}/sent")


@routes.on("GET", _BASE + "/received/{id}", "inbox/show")
def received(visit: Visit) -> Answer:
    """A message that came; it counts as read from now on."""
    row = _one(visit, "received")
    visit.db.update("messages", row, touch=False, recipient_state="read")
    drop = MessageDrop(visit.world(), row, received=True)
    return show_page(
        visit, "messages/inbox/show", {"message": drop, "reply": MessageDrop(visit.world(), {"subject": ""})}
    )


@routes.on("GET", _BASE + "/sent/{id}", "outbox/show")
def sent(visit: Visit) -> Answer:
    """A message that was sent."""
    return show_page(visit, "messages/outbox/show", {"message": MessageDrop(visit.world(), _one(visit, "sent"))})


@routes.on("DELETE", _BASE + "/received/{id}", "inbox/destroy")
def throw_away(visit: Visit) -> Answer:
    """Put a message into the trash."""
    visit.db.update("messages", _one(visit, "received"), touch=False, recipient_hidden_at=visit.sandbox.now())
    visit.session.say("notice", "Message was deleted.")
    return visit.to(f"{_BASE}/received")


@routes.on("DELETE", _BASE + "/trash", "trash/empty")
def empty(visit: Visit) -> Answer:
    """Empty the trash."""
    for row in _folder(visit, "trash"):
        visit.db.update("messages", row, touch=False, recipient_deleted_at=visit.sandbox.now())
    visit.session.say("notice", "The trash was emptied.")
    return visit.to(f"{_BASE}/trash")
