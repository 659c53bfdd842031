# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""What differs between servers when something goes wrong: how they word it, and what there is to do. Pure.

This is the neutral one; a system's own stands in its folder and overrides what it knows better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MOST_REASONS = 3  # of one field: a document's validation may give hundreds
LONGEST_REASON = 300  # characters
HTML = "an HTML page instead of an answer of the API"
_BY_STATUS: Mapping[int, str] = {
    400: "Correct the option that the server names.",
    406: "Correct the option that the server names.",
    409: "Another client writes to the same objects; run again when it is done.",
    422: "Correct the option that the server names.",
    429: "The server is overloaded or starting; run again later, or raise retries.",
    502: "The server is overloaded or starting; run again later, or raise retries.",
    503: "The server is overloaded or starting; run again later, or raise retries.",
    504: "The server is overloaded or starting; run again later, or raise retries.",
}


class Dialect:
    """The words of one server. ``address`` and ``credentials`` are the options by which it is reached."""

    address = "the server's address"
    credentials = "the credentials"

    def hint(self, status: int, body: Any, said: Sequence[str], answered: bool) -> str:  # noqa: ARG002
        """What to do about an answer; empty for nothing in particular.

        ``answered`` says that the same address answered other requests of this run.
        """
        if 300 <= status < 400:
            return "The address redirects elsewhere; give the final one (mind http and https)."
        if status in (401, 403):
            return f"Check {self.credentials}: it must be valid, may write, and needs the rights for this area."
        if status == 404:
            return self.missing() if answered else self.wrong_address()
        return _BY_STATUS.get(status, "")

    def missing(self) -> str:
        """What to do about a 404 below an address that answers."""
        return (
            "The server answers, but what this request names doesn't exist (any more), or this release doesn't "
            "have it. Run again; if it stays, compare the server's release with what the documentation asks for."
        )

    def wrong_address(self) -> str:
        """What to do when the very first answer is a 404."""
        return f"Check {self.address}."

    def unreachable(self) -> str:
        """What to do when no connection comes about."""
        return f"Check {self.address}, the network and, behind a private CA, ca_path."

    def not_the_api(self) -> str:
        """What to do when something else than the API answers with success."""
        return f"Check {self.address}: something else answers there, such as a sign-in page or a proxy."

    def reasons(self, body: Any, text: str) -> list[str]:
        """The server's words, one line for each field it complains about."""
        if isinstance(body, Mapping):
            if isinstance(body.get("errors"), Mapping):
                return [field(name, entries) for name, entries in body["errors"].items() if _words(entries)]
            for name in ("error", "status", "errorMessage"):
                if body.get(name) and not isinstance(body[name], Mapping):
                    return [str(body[name])]
        plain = " ".join(text.split())
        if plain.startswith("<"):
            return [HTML]
        return [plain[:300]] if plain else []


def field(name: str, entries: Any) -> str:
    """What is wrong with a field, in one line."""
    listed = _words(entries)
    words = ", ".join(line[:LONGEST_REASON] for line in listed[:MOST_REASONS])
    if len(listed) > MOST_REASONS:
        words += f" and {len(listed) - MOST_REASONS} more reasons"
    return words if name == "base" else f"{name} {words}"


def _words(entries: Any) -> list[str]:
    listed = entries if isinstance(entries, list) else [entries]
    return [str(entry) for entry in listed if entry]


NEUTRAL = Dialect()
