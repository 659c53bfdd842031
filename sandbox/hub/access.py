# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may read what: tokens, licences, and the hub's way to say no."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.hub.store import Repo

BAD_TOKEN = "Invalid credentials in Authorization header"


class Denied(Exception):  # noqa: N818 - an answer
    """An error answer with the headers that clients read."""

    def __init__(self, status: int, message: str, code: str = "") -> None:
        super().__init__(message)
        self.status, self.message, self.code = status, message, code

    def response(self) -> Response:
        """The answer."""
        headers = {"X-Error-Message": self.message}
        if self.code:
            headers["X-Error-Code"] = self.code
        return JSONResponse({"error": self.message}, self.status, headers)


@dataclass(frozen=True)
class Access:
    """Tokens that are valid, and those among them whose owner accepted the licences of gated repositories."""

    accepted: frozenset[str]
    without_licence: frozenset[str]
    secret: bytes

    def token(self, request: Request) -> str | None:
        """The request's token; a wrong one is refused everywhere."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if not token:
            return None
        if scheme.lower() != "bearer" or token not in self.accepted | self.without_licence:
            raise Denied(401, BAD_TOKEN)
        return token

    def repo(self, repos: dict[str, Repo], name: str, request: Request) -> Repo:
        """The repository, or the hub's answer for one that is not there: 401 to a stranger, 404 to a user."""
        token = self.token(request)
        found = repos.get(name.lower())
        if found is None:
            raise Denied(404 if token else 401, "Repository not found", "RepoNotFound")
        return found

    def file(self, repo: Repo, request: Request) -> None:
        """May this request read the repository's files?"""
        if not repo.gated:
            return
        token = self.token(request)
        if token is None:
            text = "You must have access to it and be authenticated to access it. Please log in."
            raise Denied(401, f"Access to model {repo.name} is restricted. {text}", "GatedRepo")
        if token in self.without_licence:
            text = f"Visit https://huggingface.co/{repo.name} to ask for access."
            message = f"Access to model {repo.name} is restricted and you are not in the authorized list. {text}"
            raise Denied(403, message, "GatedRepo")

    def signature(self, digest: str) -> str:
        """What a link to large-file storage carries in place of a token."""
        return hmac.new(self.secret, digest.encode(), hashlib.sha256).hexdigest()[:32]
