# SPDX-License-Identifier: GPL-3.0-or-later
"""The portal's session: a signed cookie that holds what the portal remembers of a browser, and its CSRF token."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any

COOKIE = "_system_session"
_TOKEN_BYTES = 32


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Session:
    """What is remembered of a browser between its requests; `flash` lives for one page."""

    def __init__(self, secret: str, cookie: str | None) -> None:
        self._secret = hashlib.sha256(f"portal session {secret}".encode()).digest()
        self.data: dict[str, Any] = self._read(cookie)
        self._before = json.dumps(self.data, sort_keys=True)
        self._flash: dict[str, str] | None = None
        self._next_flash: dict[str, str] = {}

    def _signature(self, payload: str) -> str:
        return _encode(hmac.new(self._secret, payload.encode(), hashlib.sha256).digest())

    def _read(self, cookie: str | None) -> dict[str, Any]:
        payload, _, signature = (cookie or "").partition(".")
        if not payload or not hmac.compare_digest(self._signature(payload), signature):
            return {}
        try:
            found = json.loads(_decode(payload))
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def reset(self) -> None:
        """Forget everything."""
        self.data = {}
        self._flash, self._next_flash = {}, {}

    # -- flash

    def messages(self) -> dict[str, str]:
        """The messages for this page. Whoever asks has shown them: they are gone afterwards."""
        if self._flash is None:
            self._flash = dict(self.data.get("flash") or {})
        return self._flash

    def say(self, kind: str, text: str) -> None:
        """A message for the next page (kinds: notice, error)."""
        self.messages()[kind] = text
        self._next_flash[kind] = text

    def say_now(self, kind: str, text: str) -> None:
        """A message for this page only."""
        self.messages()[kind] = text

    def keep_messages(self) -> None:
        """Keep the messages for one more page."""
        self._next_flash = {**self.messages(), **self._next_flash}

    # -- CSRF

    def token(self) -> str:
        """The token for a form, masked anew each time."""
        known = self.data.get("csrf")
        if known is None:
            known = self.data["csrf"] = _encode(secrets.token_bytes(_TOKEN_BYTES))
        raw, mask = _decode(known), secrets.token_bytes(_TOKEN_BYTES)
        return _encode(mask + bytes(one ^ other for one, other in zip(mask, raw, strict=True)))

    def accepts(self, given: Any) -> bool:
        """Whether a token is this session's."""
        known = self.data.get("csrf")
        if known is None or not isinstance(given, str):
            return False
        try:
            sent = _decode(given.replace("+", "-").replace("/", "_").rstrip("="))
        except ValueError:
            return False
        if len(sent) != 2 * _TOKEN_BYTES:
            return hmac.compare_digest(sent, _decode(known))
        mask, masked = sent[:_TOKEN_BYTES], sent[_TOKEN_BYTES:]
        return hmac.compare_digest(bytes(one ^ other for one, other in zip(mask, masked, strict=True)), _decode(known))

    # -- the cookie

    def cookie(self) -> str | None:
        """The cookie's new value; None when nothing changed."""
        if self._flash is not None:
            self.data["flash"] = self._next_flash
            if not self._next_flash:
                self.data.pop("flash", None)
        if json.dumps(self.data, sort_keys=True) == self._before:
            return None
        payload = _encode(json.dumps(self.data, separators=(",", ":")).encode())
        return f"{payload}.{self._signature(payload)}"
