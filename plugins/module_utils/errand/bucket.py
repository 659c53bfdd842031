# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""Addresses of a bucket that are signed (AWS Signature Version 4, in the query), so that any HTTP client may use them.

Source: "Authenticating Requests: Using Query Parameters" of the S3 API's reference. Pure, no I/O.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"
SECONDS = 900  # that an address is good for; clocks differ by minutes


def signed(
    key: str, method: str, bucket: Mapping[str, str], moment: str, query: Mapping[str, str] | None = None
) -> str:
    """The signed address of an object, or of the bucket where ``key`` is empty.

    :param method: ``GET``, ``PUT``, ``DELETE``
    :param bucket: ``endpoint`` (its URL), ``name``, ``region``, ``access_key``, ``secret_key``
    :param moment: now, in UTC, such as ``20260101T120000Z``
    :param query: of the request, such as ``{"list-type": "2"}``
    :raises ValueError: for an endpoint that is no URL
    """
    parts = urlsplit(bucket["endpoint"].rstrip("/"))
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(
            f"the endpoint of the bucket, {bucket['endpoint']!r}, must be a URL such as https://s3.example.com"
        )
    path = quote(f"{parts.path}/{bucket['name']}" + (f"/{key}" if key else ""), safe="/-_.~")
    scope = f"{moment[:8]}/{bucket['region']}/s3/aws4_request"
    asked = {
        **(query or {}),
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{bucket['access_key']}/{scope}",
        "X-Amz-Date": moment,
        "X-Amz-Expires": str(SECONDS),
        "X-Amz-SignedHeaders": "host",
    }
    line = "&".join(f"{_word(name)}={_word(value)}" for name, value in sorted(asked.items()))
    canonical = "\n".join([method, path, line, f"host:{parts.netloc}\n", "host", "UNSIGNED-PAYLOAD"])
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    made = _signature(bucket["secret_key"], scope, "\n".join([ALGORITHM, moment, scope, digest]))
    return f"{parts.scheme}://{parts.netloc}{path}?{line}&X-Amz-Signature={made}"


def _word(text: str) -> str:
    return quote(str(text), safe="-_.~")


def _signature(secret: str, scope: str, text: str) -> str:
    key = f"AWS4{secret}".encode()
    for word in (*scope.split("/"), text):
        key = hmac.new(key, word.encode(), hashlib.sha256).digest()
    return key.hex()
