# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan as data, saved and applied; the brake on removals; secrets nowhere; errors in one sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.rhai.maas.plugins.module_utils.engine.version import VERSION
from tests.integration.threescale.conftest import Runner, Step
from tests.support.playbook import environment
from tests.support.standin import ROOT, Standin

BACKEND = {"system_name": "planned", "private_endpoint": "http://planned.example.com"}
SECRETS = [f"planted-{name}-4711-value" for name in ("app", "header", "client", "certificate", "proxy", "login", "own")]


def methods(*names: str) -> list[dict[str, Any]]:
    return [{"system_name": name} for name in names]


def product(**parts: Any) -> dict[str, Any]:
    return {"products": [{"system_name": "planned", "prune": True, "promotion": "none", **parts}]}


def test_a_saved_plan_is_what_is_done(run: Runner) -> None:
    """Applied as it was shown; refused before the first write when it isn't what would be done now."""
    wanted = product(methods=methods("chat", "embed"))
    _backend, shown = run.done(Step("threescale_backend", BACKEND), Step("threescale_product", wanted, True))
    plan = shown.data["plan"]
    assert [(step["action"], step["noun"], step["key"]) for step in plan] == [
        ("create", "product", "planned"),
        ("create", "method", "planned / chat"),
        ("create", "method", "planned / embed"),
    ]
    applied, late, nothing = run(
        Step("threescale_product", {**wanted, "saved_plan": plan}),
        Step("threescale_product", {**wanted, "saved_plan": plan}),
        Step("threescale_product", {**wanted, "saved_plan": []}),
    )
    assert applied.changed and applied.data["plan"] == plan
    assert "no longer planned as it was: create product 'planned'" in late.message and late.writes == 0
    assert not nothing.failed and not nothing.changed


def test_many_removals_need_a_word(run: Runner) -> None:
    """More than five, and more than a fifth; what is named as absent is meant."""
    eight = [f"method-{letter}" for letter in "abcdefgh"]
    named = [{"system_name": name, "state": "absent"} for name in eight]
    made, refused, too_few, allowed, _again, absent, mixed = run(
        Step("threescale_product", product(methods=methods(*eight))),
        Step("threescale_product", product(methods=[])),
        Step("threescale_product", {**product(methods=[]), "allow_removals": 7}),
        Step("threescale_product", {**product(methods=[]), "allow_removals": 8}),
        Step("threescale_product", product(methods=methods(*eight))),
        Step("threescale_product", product(methods=named)),
        Step("threescale_product", {**product(methods=[]), "name": "dropped before"}),
    )
    assert not made.failed and refused.writes == too_few.writes == 0
    assert "would remove 8 of 8 objects because they are not listed: method 'planned / method-a'" in refused.message
    assert "set allow_removals: 8" in too_few.message
    assert len(allowed.actions) == 8 and len(absent.actions) == 8
    assert "products and name exclude each other" in mixed.message


def _chain() -> list[dict[str, Any]]:
    app, header, client, certificate, proxy, _login, own = SECRETS
    bearer = {"op": "set", "header": "Authorization", "value": f"Bearer {header}"}
    introspection = {
        "auth_type": "client_id+client_secret",
        "client_id": "c",
        "client_secret": client,
        "introspection_url": "https://sso.example.com/i",
    }
    configurations = {
        "default_credentials": {"auth_type": "app_id_and_app_key", "app_id": "i", "app_key": app},
        "headers": {"request": [bearer]},
        "token_introspection": introspection,
        "tls": {"certificates": [{"certificate": "c", "certificate_key": certificate}]},
        "camel": {"all_proxy": f"http://user:{proxy}@proxy.example.com:3128"},
    }
    chain = [{"name": name, "configuration": configuration} for name, configuration in configurations.items()]
    custom = {"name": "own", "version": "1.0", "configuration": {"pin": own, "shown": "in-clear"}}
    return [*chain, custom, {"name": "apicast"}]


def test_secrets_are_nowhere(standin: Standin, run: Runner, tmp_path: Path) -> None:
    """In check mode, on success, on an error, at -vvvv, in what info returns: not one; the rest can be read."""
    pin = {"type": "object", "properties": {"pin": {"type": "string", "format": "password"}}}
    schema = {"name": "Own", "summary": "s", "version": "1.0", "configuration": pin}
    proxy = {"secret_token": SECRETS[5]}
    options = {
        **product(policies=_chain(), proxy=proxy, promotion="staging", backend_usages=[{"backend": "planned"}]),
        "custom_policies": [{"name": "own", "version": "1.0", "schema": schema}],
    }
    connection = {"threescale_url": standin.admin_url, "access_token": standin.token}
    broken = {**product(policies=[*_chain()[:-2], {"name": "nowhere"}]), **connection}
    tasks = [
        {"rhai.maas.threescale_backend": {**BACKEND, **connection}},
        {"rhai.maas.threescale_product": {**options, **connection}, "check_mode": True},
        {"rhai.maas.threescale_product": {**options, **connection}},
        {"rhai.maas.threescale_product": broken, "ignore_errors": True},
        {"rhai.maas.threescale_product": broken, "ignore_errors": True, "no_log": True, "register": "quiet"},
        {"ansible.builtin.debug": {"msg": "quietly: {{ quiet.msg }}"}},
        {"rhai.maas.threescale_proxy_config_info": {"products": ["planned"], "content": True, **connection}},
    ]
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}
    play["vars"] = {"ansible_python_interpreter": sys.executable}
    book = tmp_path / "secrets.yml"
    book.write_text(yaml.safe_dump([play]))
    done = subprocess.run(
        ["ansible-playbook", "-i", "localhost,", "--diff", "-vvvv", str(book)],
        capture_output=True,
        text=True,
        env=environment(),
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said[-3000:]
    before, _info, shown = said.partition("TASK [rhai.maas.threescale_proxy_config_info")
    assert [secret for secret in SECRETS if secret in before] == []
    assert [secret for secret in SECRETS[:-1] if secret in shown] == []  # no manifest says there what marks the last
    assert "quietly: products[0].policies[5]: the gateway has no policy 'nowhere'" in said
    assert "(secret)" in said and "default_credentials" in said and "in-clear" in said


def test_a_name_that_equals_a_password_can_be_read(run: Runner) -> None:
    same = {"username": "open-sesame-1", "password": "open-sesame-1", "org_name": "Cave", "email": "cave@example.com"}
    (shown,) = run.done(Step("threescale_account", same, True))
    assert shown.actions == ["create account open-sesame-1"]
    assert "username: open-sesame-1" in shown.diff and "password: open-sesame-1" not in shown.diff


def test_without_retries_a_request_is_sent_once(standin: Standin, run: Runner) -> None:
    standin.faults({"match": {"method": "GET", "path": "services.json"}, "do": "503"})
    (busy,) = run(Step("threescale_product", {**product(), "retries": 0}))
    standin.faults({"match": {"method": "POST", "path": "services.json"}, "do": "503"})
    alone = {"products": [{"system_name": "once", "promotion": "none"}], "retries": 0}
    (once,) = run(Step("threescale_product", alone))
    standin.faults()
    assert busy.failed and busy.reads == 1
    assert once.failed and once.writes == 1


def test_version_is_galaxys() -> None:
    assert yaml.safe_load((ROOT / "galaxy.yml").read_text())["version"] == VERSION
