# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""The secret of a client replaced, with the old one valid for a while longer.

Keycloak keeps an old secret in attributes of the client, beside its times, and drops these attributes wherever no
client policy with the executor secret-rotation covers the client. So one request sends both secrets and their times.
"""

from __future__ import annotations

import secrets
import string
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.apply import Applier
from ansible_collections.rhai.maas.plugins.module_utils.engine.errors import ApiError
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Call, Change, Field, Ref, RefusalError
from ansible_collections.rhai.maas.plugins.module_utils.keycloak import client_policies
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.client_policies import FEATURES, ROTATION
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.session import Session, realm_path

FIELDS = {
    "secret_not_before": Field(local=True, harmless=True),
    "old_secret": Field(choices=("keep", "absent"), local=True, harmless=True),
}
CREATED, EXPIRES = "client.secret.creation.time", "client.secret.expiration.time"
OLD, OLD_CREATED, OLD_EXPIRES = (f"client.secret.rotated{end}" for end in ("", ".creation.time", ".expiration.time"))
PERIOD = "rotated-expiration-period"  # seconds that an old secret stays valid
PERIOD_UNSET = 2 * 24 * 3600  # the server's own, where a profile leaves it out
LENGTH = 32  # of a secret of Keycloak's own making
TASK = "keep old secret"


@dataclass(frozen=True)
class Rotation:
    """What goes with the request that changes a client: a secret made here, and attributes beside those asked for."""

    secret: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    keeps: bool = False


def plan_rotation(session: Session, params: Mapping[str, Any], raw: Mapping[str, Any] | None) -> Rotation:
    """What one client's secret needs. ``raw``: the client with its secret, None where it is not there.

    Raises ``ApiError`` and :class:`RefusalError`.
    """
    now = int(time.time())
    start = _start(params, now)
    if start is not None:
        _refuse_secretless(params, raw)
    made = {CREATED: str(now)}
    if raw is None:
        return Rotation(attributes=made if start is not None else {})
    due = start is not None and int((raw.get("attributes") or {}).get(CREATED) or 0) < start
    secret = _secret() if due else None
    wanted = secret or params.get("secret")
    if params.get("old_secret") is None or wanted in (None, raw.get("secret")):
        return Rotation(secret, made if secret else {})
    if params["old_secret"] == "absent":
        return Rotation(secret, made)
    period = _period(session, params["realm"])
    kept = {OLD: str(raw.get("secret") or ""), OLD_CREATED: str(now), OLD_EXPIRES: str(now + period)}
    # the server puts in its own end of a secret that has none
    return Rotation(secret, {**made, EXPIRES: "", **kept}, keeps=True)


def _start(params: Mapping[str, Any], now: int) -> int | None:
    """The moment from which on the secret must be, in seconds since 1970. Raises :class:`RefusalError`."""
    given = params.get("secret_not_before")
    if given is None:
        return None
    if params.get("secret") is not None:
        raise RefusalError(
            "secret_not_before: such a secret is made by this module; leave secret out, or give it alone."
        )
    if params.get("old_secret") is None:
        raise RefusalError(
            "old_secret: say with secret_not_before whether to keep the old secret for a while, or absent."
        )
    try:
        moment = datetime.fromisoformat(str(given).strip().replace("Z", "+00:00"))
    except ValueError:
        raise RefusalError(
            f"secret_not_before must be like 2026-12-01 or 2026-12-01T08:00:00Z, not '{given}'."
        ) from None
    start = int((moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp())
    if start > now:
        raise RefusalError(f"secret_not_before: {given} lies ahead, so that each run would make another secret.")
    return start


def _refuse_secretless(params: Mapping[str, Any], raw: Mapping[str, Any] | None) -> None:
    """Refuse to rotate what has no secret."""
    present = raw or {}
    for option, api in (("public_client", "publicClient"), ("bearer_only", "bearerOnly")):
        asked = params.get(option)
        if asked if asked is not None else present.get(api):
            raise RefusalError(f"secret_not_before: client '{params['client_id']}' has no secret ({option} is true).")
    if (params.get("protocol") or present.get("protocol")) == "saml":
        raise RefusalError(f"secret_not_before: client '{params['client_id']}' has no secret (its protocol is saml).")


def _secret() -> str:
    letters = string.ascii_letters + string.digits
    return "".join(secrets.choice(letters) for _place in range(LENGTH))


def _period(session: Session, realm: str) -> int:
    """Seconds that an old secret stays valid; the shortest where policies say several. Raises RefusalError for none."""
    raw = client_policies.unwrapped(session.read(realm_path(realm)) or {})
    periods = [int(settings.get(PERIOD) or PERIOD_UNSET) for settings in client_policies.rotations(raw)]
    known = client_policies.known(session, "executor")
    feature = FEATURES[ROTATION]
    if known is not None and ROTATION not in known:
        raise RefusalError(
            f"old_secret: this server drops an old secret at once, for its feature {feature} is off. "
            f"{client_policies.start_with(feature)} Or have a second client, or say old_secret: absent."
        )
    if not periods:
        raise RefusalError(
            f"old_secret: realm '{realm}' drops an old secret at once: it has no client policy with the executor "
            f"{ROTATION} (the server's feature {feature}). Add one by client_profiles and client_policies of "
            "rhai.maas.keycloak_realm, have a second client, or say old_secret: absent."
        )
    return min(periods)


def mark(change: Change, rotation: Rotation) -> None:
    """Let the change of a client keep the old secret."""
    if rotation.keeps:
        change.task = TASK
        change.after = {**(change.after or {}), "old_secret": "keep"}


def removal(raw: Mapping[str, Any], params: Mapping[str, Any], refs: Mapping[str, Ref], label: str) -> Change | None:
    """The change that ends an old secret which is still there, where that is asked for."""
    attributes = raw.get("attributes") or {}
    if params.get("old_secret") != "absent" or not attributes.get(OLD):
        return None
    call = Call("DELETE", "/admin/realms/{realm}/clients/{client}/client-secret/rotated", refs)
    return Change("delete", "old secret", label, {"valid_until": _moment(attributes.get(OLD_EXPIRES))}, call=call)


def valid_until(raw: Mapping[str, Any] | None, rotation: Rotation, params: Mapping[str, Any]) -> str | None:
    """When the old secret ends, after the run: ISO 8601 in UTC, None where there is none."""
    attributes = {**((raw or {}).get("attributes") or {}), **rotation.attributes}
    if params.get("old_secret") == "absent" or not attributes.get(OLD):
        return None
    return _moment(attributes.get(OLD_EXPIRES))


def _moment(seconds: Any) -> str | None:
    if not seconds:
        return None
    return datetime.fromtimestamp(int(seconds), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def keep_old_secret(applier: Applier, change: Change) -> None:
    """Send the new secret with the old one, once it is sure that a policy covers the client: else the old one is lost.

    It is when the server puts an end in for a secret that has none.
    """
    call = change.call
    if call is None:
        return
    place = applier.path(call.path, call.refs)
    raw = applier.client.get(place).json
    probe = {name: value for name, value in raw.items() if name not in ("access", "protocolMappers")}
    probe["attributes"] = {**(raw.get("attributes") or {}), EXPIRES: ""}
    applier.client.send("PUT", place, body=probe)
    if not (applier.client.get(place).json.get("attributes") or {}).get(EXPIRES):
        said = [
            f"no client policy with the executor {ROTATION} covers this client, so that its old secret would be lost"
        ]
        hint = "Nothing was changed. Correct the policy's conditions (client_policies of rhai.maas.keycloak_realm)."
        raise ApiError("PUT", place, 204, said, hint)
    applier.call(call)


TASKS = {TASK: keep_old_secret}
