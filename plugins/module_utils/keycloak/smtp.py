# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""A realm's mail server. Keycloak keeps it as a map of texts, and shows its password as asterisks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Field, Values
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.secret import MASK

# options and their names at the server
NAMES = {
    "host": "host",
    "port": "port",
    "from": "from",
    "from_display_name": "fromDisplayName",
    "reply_to": "replyTo",
    "reply_to_display_name": "replyToDisplayName",
    "envelope_from": "envelopeFrom",
    "ssl": "ssl",
    "starttls": "starttls",
    "auth": "auth",
    "user": "user",
    "password": "password",
}
_TYPES = {"port": "int", "ssl": "bool", "starttls": "bool", "auth": "bool"}


def shown(there: Mapping[str, Any] | None) -> dict[str, Any]:
    """The server's map by options, without the password, which can't be read."""
    options = {api: option for option, api in NAMES.items()}
    return {options.get(name, name): value for name, value in (there or {}).items() if name != "password"}


FIELD = Field(
    "dict",
    options={name: Field(_TYPES.get(name, "str"), api=api, secret=name == "password") for name, api in NAMES.items()},
    api="smtpServer",
    form="texts",
)


def to_send(params: Mapping[str, Any], raw: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The option ``smtp`` with the password only where it is to be sent: there is none yet, or ``always``."""
    wanted = params.get("smtp")
    if wanted is None:
        return None
    there = ((raw or {}).get("smtpServer") or {}).get("password")
    send = not there or params["update_smtp_password"] == "always"
    given = {name: value for name, value in wanted.items() if value is not None}
    return given if send else {name: value for name, value in given.items() if name != "password"}


def with_kept(body: Values, raw: Mapping[str, Any]) -> dict[str, Any]:
    """A request's body that keeps the password: the asterisks stand for it, and without them it would be gone."""
    there = (raw.get("smtpServer") or {}).get("password")
    mail = body.get("smtpServer")
    if mail is None or not there or "password" in mail:
        return dict(body)
    return {**body, "smtpServer": {**mail, "password": MASK}}
