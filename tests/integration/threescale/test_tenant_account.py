# SPDX-License-Identifier: GPL-3.0-or-later
"""The tenant's own account: users of its admin portal, access tokens in files, the webhook."""

from __future__ import annotations

import stat
from pathlib import Path

import requests

from tests.integration.threescale.conftest import Runner, Step
from tests.support.standin import NEEDS_2_16, Standin

ANA = {"username": "ana", "email": "ana@example.com", "sections": ["monitoring"]}
USER, TOKEN, HOOK = "threescale_tenant_user", "threescale_access_token", "threescale_webhook"


def test_tenant_users(run: Runner) -> None:
    """Made active, limited to products by name, made an administrator; the last administrator stays."""
    product = Step("threescale_product", {"system_name": "granite", "promotion": "none"})
    limited = Step(USER, {**ANA, "products": ["granite"]})
    _product, made, again = run.done(product, limited, limited)
    assert made.actions == ["create user ana", "activate user ana", "update permissions ana"] and not again.changed
    widened = Step(USER, {**ANA, "all_products": True})
    changed, same = run.done(widened, widened)
    assert changed.actions == ["update permissions ana"] and not same.changed and "allowed_sections" not in changed.diff
    refused = run(
        Step(USER, {**ANA, "role": "admin"}),
        Step(USER, {**ANA, "products": ["granit"]}),
        Step(USER, {"username": "admin", "state": "absent"}),
        Step(USER, {**ANA, "products": ["granite"], "all_products": True}),
    )
    said = ("'ana' is an administrator", "no product 'granit'", "left as administrator", "exclude each other")
    for result, words in zip(refused, said, strict=True):
        assert words in result.message and result.writes == 0
    promoted, gone, nothing = run.done(
        Step(USER, {"username": "ana", "role": "admin"}),
        Step(USER, {"username": "ana", "state": "absent"}),
        Step(USER, {"username": "ana", "state": "absent"}),
    )
    assert promoted.actions == ["change role user ana"] and gone.actions == ["delete user ana"] and not nothing.changed


def test_access_tokens(standin: Standin, run: Runner, tmp_path: Path) -> None:
    """The value is in a file of its owner alone and works; a lost file, or other scopes, make a successor."""
    file = tmp_path / "metering"
    wanted = {"name": "metering", "scopes": ["stats"], "token_path": str(file)}
    made, again = run.done(Step(TOKEN, wanted), Step(TOKEN, wanted))
    first = file.read_text().strip()
    assert made.actions == ["create access token metering"] and not again.changed and first not in run.output
    assert made.data["tokens"] == again.data["tokens"] and stat.S_IMODE(file.stat().st_mode) == 0o600
    file.unlink()
    both = ["create access token metering", "delete access token metering"]
    (lost,) = run.done(Step(TOKEN, wanted))
    second = file.read_text().strip()
    assert lost.actions == both and second != first and second not in run.output
    (widened,) = run.done(Step(TOKEN, {**wanted, "scopes": ["stats", "account_management"]}))
    assert widened.actions == both and _lists_products(standin, file.read_text().strip())
    assert not _lists_products(standin, second)


def test_two_tokens_in_one_file(run: Runner, tmp_path: Path) -> None:
    """The value of one of them would be lost: refused, however the path is written."""
    tokens = [
        {"name": name, "scopes": ["stats"], "token_path": path}
        for name, path in (("one", f"{tmp_path}/same"), ("two", f"{tmp_path}/./same"))
    ]
    (refused,) = run(Step("threescale_access_token", {"tokens": tokens}))
    assert "tokens[1].token_path: " in refused.message and "is the file of entry 0 already" in refused.message
    assert not refused.writes and not (tmp_path / "same").exists()


def test_access_tokens_refused(run: Runner, tmp_path: Path) -> None:
    wanted = {"name": "metering", "scopes": ["stats"], "token_path": str(tmp_path / "token")}
    refused = run(
        Step(TOKEN, {"name": "metering", "scopes": ["stats"]}),
        Step(TOKEN, {**wanted, "token_path": str(tmp_path / "no" / "file")}),
        Step(TOKEN, {**wanted, "expires_at": "tomorrow"}),
    )
    for result, words in zip(refused, ("token_path: give", "there is no folder", "'tomorrow' is no time"), strict=True):
        assert words in result.message and result.writes == 0


@NEEDS_2_16
def test_tokens_that_end(run: Runner, tmp_path: Path) -> None:
    """Times are compared as times."""
    wanted = {"name": "short", "scopes": ["stats"], "token_path": str(tmp_path / "short")}
    made, again, other = run.done(
        Step(TOKEN, {**wanted, "expires_at": "2099-01-01T00:00:00Z"}),
        Step(TOKEN, {**wanted, "expires_at": "2099-01-01T01:00:00+01:00"}),
        Step(TOKEN, {**wanted, "expires_at": "2099-01-02"}),
    )
    assert made.changed and not again.changed and len(other.actions) == 2


def test_webhook(run: Runner) -> None:
    """Exactly the events that are listed; what isn't said stays."""
    wanted = {"url": "https://hooks.example.com/x", "active": True, "events": ["account_created", "user_created"]}
    made, again, fewer, off = run.done(
        Step(HOOK, wanted),
        Step(HOOK, wanted),
        Step(HOOK, {"events": ["account_created"]}),
        Step(HOOK, {"active": False, "url": ""}),
    )
    assert made.changed and not again.changed and fewer.data["webhook"]["events"] == ["account_created"]
    assert "user_created_on" in fewer.diff and "account_created_on" not in fewer.diff
    assert off.data["webhook"] == {"url": "", "active": False, "provider_actions": False, "events": ["account_created"]}
    (refused,) = run(Step(HOOK, {"active": True}))
    assert "must be an address" in refused.message and refused.writes == 0


def test_login_of_a_webhook(run: Runner) -> None:
    """The password in the address is sent and compared, and stands nowhere in what is shown."""
    wanted = {"url": "https://maas:open-sesame-0123@hooks.example.com/x", "active": True}
    made, again, wrong = run(
        Step(HOOK, wanted), Step(HOOK, wanted), Step(HOOK, {"url": "ftp://maas:open-sesame-0123@hooks.example.com"})
    )
    assert made.changed and not again.changed and wrong.failed
    assert made.data["webhook"]["url"] == "https://(secret)@hooks.example.com/x" and "sesame" not in run.output


def _lists_products(standin: Standin, token: str) -> bool:
    """Whether a token may read the tenant's products."""
    address = f"{standin.admin_url}/admin/api/services.json"
    return requests.get(address, auth=("", token), timeout=30).status_code == 200
