# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""What the portal's files hold, which only the portal itself tells: the Admin API knows no content and no checksum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from ansible_collections.rhai.maas.plugins.module_utils.engine.errors import ApiError
from ansible_collections.rhai.maas.plugins.module_utils.engine.http import Answer, Client, Connection
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import RefusalError
from ansible_collections.rhai.maas.plugins.module_utils.threescale.session import Session

REDIRECTS = (301, 302, 303, 307, 308)


def portal_client(session: Session, portal_url: str | None) -> tuple[Client, str]:
    """A client for what visitors see, and the access code (empty when there is none)."""
    provider = session.one("/admin/api/provider.json", "account") or {}
    base = session.writer().connection
    url = portal_url or str(provider.get("base_url") or "")
    visitor = Connection(
        url,
        "",
        "",
        base.validate_certs,
        base.ca_path,
        base.timeout,
        min(base.retries, 2),
        base.concurrency,
        json_only=False,
    )
    return Client(visitor), str(provider.get("site_access_code") or "")


def download(session: Session, portal_url: str | None, paths: Sequence[str], otherwise: str) -> list[bytes]:
    """What the portal's files hold.

    Raises :class:`RefusalError` where it can't be reached; ``otherwise`` is what the user may do instead.
    """
    client, code = portal_client(session, portal_url)
    session.also(client)

    def one(path: str) -> bytes:
        cookies = {"access_code": code} if code else None
        answer = client.send("GET", path, cookies=cookies, expected=REDIRECTS)
        return (_stored(session, client, path, answer) if answer.status in REDIRECTS else answer).content

    try:
        return session.side_by_side(one, paths)
    except ApiError as error:
        raise RefusalError(
            f"Can't read the portal's files: {error.describe()} ({client.base}). Give portal_url, an address at which "
            f"this host reaches the developer portal, or {otherwise}."
        ) from None


def _stored(session: Session, portal: Client, path: str, answer: Answer) -> Answer:
    """A file that lies in S3: the portal only answers its signed address, which is nobody else's business.

    The portal's cookies stay away from there. An address of the portal itself (https in place of http) is no such one.
    """
    place = next((value for name, value in answer.headers.items() if name.lower() == "location"), "")
    target = urlsplit(urljoin(portal.base + path, place))
    if target.hostname == urlsplit(portal.base).hostname and target.path == urlsplit(portal.base + path).path:
        hint = f"it leads to {target.scheme}://{target.netloc}; give that address"
        raise ApiError("GET", path, answer.status, [hint])
    store = Client(replace(portal.connection, url=f"{target.scheme}://{target.netloc}"))
    session.also(store)
    try:
        return store.send("GET", target.path + (f"?{target.query}" if target.query else ""))
    except ApiError as error:  # the signature stays out of messages
        words = [f"the portal leads to {store.base}{target.path}, where the file is stored", *error.reasons]
        raise type(error)("GET", path, error.status, words) from None
