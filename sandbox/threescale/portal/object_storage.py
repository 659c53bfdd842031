# SPDX-License-Identifier: GPL-3.0-or-later
"""Files in S3, on request: signed addresses, and the host that serves them as S3 does.

Whoever has an address that is signed and not too old gets the bytes. Cookies mean nothing there, and another way to say
who one is, beside the signature, is refused. See docs/threescale-behaviour.md#portal-files-in-s3.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ..http.params import query_of
from ..http.xml import document, element
from ..store import Row
from .files import storage_path

if TYPE_CHECKING:
    from ..sandbox import Sandbox

BUCKET, LIFETIME = "system-storage", 3600
_MOMENT = "%Y%m%dT%H%M%SZ"


def object_path(tenant: Row, file: Row) -> str:
    """`/system-storage/<tenant>/2026/11/23/<name>-<secret>.<suffix>`: the object's path in the storage."""
    return f"/{BUCKET}/{storage_path(tenant, file).partition('?')[0].removeprefix('/system/')}"


def _signature(sandbox: Sandbox, path: str, moment: str, lifetime: str) -> str:
    secret = sandbox.config.master_token.encode()
    return hmac.new(secret, "\n".join((path, moment, lifetime)).encode(), hashlib.sha256).hexdigest()


def signed_address(sandbox: Sandbox, tenant: Row, file: Row, base: str) -> str:
    """Where a file can be had for an hour; BASE is the storage's own address."""
    path, moment = object_path(tenant, file), datetime.fromtimestamp(sandbox.now(), timezone.utc).strftime(_MOMENT)
    query = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": f"sandbox/{moment[:8]}/us-east-1/s3/aws4_request",
        "X-Amz-Date": moment,
        "X-Amz-Expires": str(LIFETIME),
        "X-Amz-SignedHeaders": "host",
        "X-Amz-Signature": _signature(sandbox, path, moment, str(LIFETIME)),
    }
    return f"{base}{quote(path)}?{urlencode(query)}"


def file_url(sandbox: Sandbox, tenant: Row, file: Row, scope: Scope | None = None) -> str:
    """The address of a file in the storage, whichever that is: of ours a path, of S3 a signed address."""
    if sandbox.config.files != "s3":
        return storage_path(tenant, file)
    return signed_address(sandbox, tenant, file, base_address(sandbox, scope))


def base_address(sandbox: Sandbox, scope: Scope | None = None) -> str:
    """The storage's address: its host, or for a client that names hosts by prefix its prefix at the same server."""
    if scope is not None and scope.get("threescale.prefix") and scope.get("server"):
        host, port = scope["server"]
        return f"{scope['scheme']}://{host}:{port}/_host/{sandbox.config.storage_domain}"
    return sandbox.config.url(sandbox.config.storage_domain)


def _refused(status: int, code: str, message: str) -> Response:
    return Response(
        document(element("Error", {"Code": code, "Message": message})), status, media_type="application/xml"
    )


def _wrong(sandbox: Sandbox, request: Request, path: str) -> Response | None:
    query = {name: str(value) for name, value in query_of(request.url.query).items()}
    moment, lifetime = query.get("X-Amz-Date", ""), query.get("X-Amz-Expires", "")
    if request.headers.get("authorization"):
        return _refused(400, "InvalidArgument", "Only one auth mechanism allowed")
    if not query.get("X-Amz-Signature") or not re.fullmatch(r"\d{8}T\d{6}Z", moment) or not lifetime.isdigit():
        return _refused(403, "AccessDenied", "Access Denied")
    if not hmac.compare_digest(query["X-Amz-Signature"], _signature(sandbox, path, moment, lifetime)):
        return _refused(403, "SignatureDoesNotMatch", "The request signature we calculated does not match")
    end = datetime.strptime(moment, _MOMENT).replace(tzinfo=timezone.utc) + timedelta(seconds=int(lifetime))
    if end.timestamp() < sandbox.now():
        return _refused(403, "AccessDenied", "Request has expired")
    return None


def make_storage(sandbox: Sandbox) -> ASGIApp:
    """The host that serves the objects."""

    async def storage(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        path = unquote(request.url.path)
        response = _wrong(sandbox, request, path)
        if response is None:
            found = _found(sandbox, path)
            response = _refused(404, "NoSuchKey", "The specified key does not exist.") if found is None else found
        await response(scope, receive, send)

    return storage


def _found(sandbox: Sandbox, path: str) -> Response | None:
    for file in sandbox.db.where("cms_files"):
        tenant = sandbox.db.get("accounts", file["provider_id"])
        if tenant is not None and object_path(tenant, file) == path:
            kind = {"Content-Type": file["attachment_content_type"]}
            name = {"Content-Disposition": f'attachment; filename="{file["attachment_file_name"]}"'}
            return Response(file["attachment"], headers={**kind, **(name if file["downloadable"] else {})})
    return None
