# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server must have for an old secret to stay valid, by a table of what servers tell of themselves."""

from __future__ import annotations

from typing import Any, cast

import pytest

from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import RefusalError
from ansible_collections.rhai.maas.plugins.module_utils.keycloak import client_policies, rotation
from ansible_collections.rhai.maas.plugins.module_utils.keycloak.session import Session

CLIENT = {"id": "c", "secret": "old", "attributes": {}}
PROFILES = [
    {"name": "short", "executors": [{"executor": "secret-rotation", "configuration": {rotation.PERIOD: "60"}}]},
    {"name": "unset", "executors": [{"executor": "secret-rotation"}]},
    {"name": "other", "executors": [{"executor": "pkce-enforcer"}]},
]


class Told:
    """A session that has read this."""

    check = False

    def __init__(self, used: list[str], executors: list[str] | None) -> None:
        policies = [{"name": name, "enabled": True, "profiles": [name]} for name in used]
        policies.append({"name": "off", "enabled": False, "profiles": ["short"]})
        section = {"client-policy-executor": {"providers": dict.fromkeys(executors or [])}}
        self.realm = {"clientProfiles": {"profiles": PROFILES}, "clientPolicies": {"policies": policies}}
        self.info = {"providers": section if executors is not None else {}}

    def read(self, path: str) -> Any:
        return self.info if path == "/admin/serverinfo" else self.realm


def plan(told: Told, **given: Any) -> rotation.Rotation:
    params = {"realm": "maas", "client_id": "bot", "secret": "new", "old_secret": "keep", **given}
    return rotation.plan_rotation(cast(Session, told), params, CLIENT)


@pytest.mark.parametrize(
    ("used", "executors", "words"),
    [
        (["short"], ["pkce-enforcer"], "its feature client-secret-rotation is off. Start it with --features="),
        ([], ["secret-rotation"], "has no client policy with the executor secret-rotation"),
        (["other"], None, r"has no client policy .*feature client-secret-rotation\)"),
    ],
)
def test_what_is_lacking_is_named(used: list[str], executors: list[str] | None, words: str) -> None:
    with pytest.raises(RefusalError, match=f"^old_secret: .*{words}"):
        plan(Told(used, executors))
    assert not plan(Told(used, executors), old_secret="absent").keeps, "and not wanted for the end of the old one"


@pytest.mark.parametrize(
    ("used", "executors", "seconds"),
    [(["short"], ["secret-rotation"], 60), (["unset", "short"], None, 60), (["unset"], None, 2 * 24 * 3600)],
)
def test_how_long_an_old_secret_stays(used: list[str], executors: list[str] | None, seconds: int) -> None:
    turned = plan(Told(used, executors))
    assert turned.keeps and turned.attributes[rotation.OLD] == "old"
    assert int(turned.attributes[rotation.OLD_EXPIRES]) - int(turned.attributes[rotation.OLD_CREATED]) == seconds


def test_an_executor_that_a_feature_brings_is_refused_by_the_feature() -> None:
    with pytest.raises(RefusalError, match="client_profiles: this server has no executor secret-rotation: its feature"):
        client_policies.refuse_unknown(cast(Session, Told([], ["x"])), {"client_profiles": PROFILES[:1]}, None)
