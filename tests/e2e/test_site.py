# SPDX-License-Identifier: GPL-3.0-or-later
"""The walkthrough from an empty sandbox to a finished one: each test starts where the one before it ended."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.errors import MISTAKES, Mistake
from tests.support.cluster import Cluster
from tests.support.installed import Installed
from tests.support.playbook import Run, run_playbook, start_and_kill
from tests.support.sandbox import Sandbox, running_sandbox
from tests.support.state import of_cluster, of_keycloak, of_threescale

SITE = "playbooks/site.yml"


PARTS = ("kubernetes", "threescale", "keycloak")
NAMESPACES = {"llm-hosting", "rh-sso", "3scale"}
NOTHING = dict.fromkeys(PARTS, 0)
# Seconds after which a run is killed. Each goes further than the one before it, since what is there is not made again.
MOMENTS = [12, 25, 30, 35, 40]


def persisted(sandbox: Sandbox) -> dict[str, int]:
    """Writes that each server kept since the counters were last set to 0; dry runs and refusals are none."""
    return {part: int(sandbox.counters(part)["writes"]) for part in PARTS}


def reset(sandbox: Sandbox) -> None:
    for part in PARTS:
        sandbox.reset_counters(part)


def state(sandbox: Sandbox) -> dict[str, list[str]]:
    """What a finished run left at the servers."""
    sandbox.purge()
    return {
        "3scale": of_threescale(sandbox.dump("threescale")),
        "cluster": of_cluster(sandbox.dump("kubernetes"), NAMESPACES),
        "Keycloak": of_keycloak(sandbox.dump("keycloak"), "maas"),
    }


def must_pass(run: Run) -> None:
    assert run.code == 0, run.output[-6000:]


def test_check_on_an_empty_sandbox_shows_all_and_keeps_nothing(sandbox: Sandbox) -> None:
    before = of_threescale(sandbox.dump("threescale"))
    reset(sandbox)
    run = run_playbook(sandbox.inventory, SITE, "--check", "--diff")
    must_pass(run)
    assert run.recap["failed"] == 0 and run.recap["changed"] > 5
    for planned in ("granite-8b-code-instruct", "mistral-7b-instruct", "nomic-embed-text-v1-5", "APIManager", "maas"):
        assert planned in run.output, f"{planned} is not in what the run would make"
    assert persisted(sandbox) == NOTHING and sandbox.counters("kubernetes")["total"] > 0
    assert of_threescale(sandbox.dump("threescale")) == before
    assert not Cluster(sandbox).namespaces() & NAMESPACES


def test_an_operator_that_never_comes_up_is_named(sandbox: Sandbox) -> None:
    with Cluster(sandbox).fault("olm.rhbk-operator", "never"):
        run = run_playbook(sandbox.inventory, "playbooks/sso.yml", "-e", "operator_timeout=15")
    assert run.code != 0 and "Traceback" not in run.output
    for words in ("ClusterServiceVersion", "rhbk-operator", "within 15 s", "namespace rh-sso", "ImagePullBackOff"):
        assert words in run.output, run.output[-3000:]


def test_check_with_the_oldest_ansible_shows_all_too(sandbox: Sandbox, installed: Installed) -> None:
    reset(sandbox)
    run = installed.run(sandbox.inventory, "rhai.maas.site", "--check")
    must_pass(run)
    assert run.recap["failed"] == 0 and run.recap["changed"] > 5
    assert persisted(sandbox) == NOTHING


def test_first_run_makes_the_service(sandbox: Sandbox, installed: Installed) -> None:
    """With the oldest ansible-core and the built collection; what follows, with the newest and the checkout."""
    run = installed.run(sandbox.inventory, "rhai.maas.site")
    must_pass(run)
    assert run.recap["changed"] > 10


def test_second_run_changes_nothing(sandbox: Sandbox) -> None:
    before = Cluster(sandbox).versions(NAMESPACES)
    reset(sandbox)
    run = run_playbook(sandbox.inventory, SITE)
    must_pass(run)
    assert (run.recap["changed"], run.recap["failed"]) == (0, 0), run.output[-6000:]
    kept = persisted(sandbox)
    assert (kept["threescale"], kept["keycloak"]) == (0, 0) and sandbox.counters("threescale")["total"] > 0
    # kubernetes.core sends a patch for each object; one that changes nothing leaves the object's version as it is
    assert Cluster(sandbox).versions(NAMESPACES) == before


def test_check_on_a_finished_sandbox_shows_nothing(sandbox: Sandbox) -> None:
    reset(sandbox)
    run = run_playbook(sandbox.inventory, SITE, "--check", "--diff")
    must_pass(run)
    assert run.recap["changed"] == 0, run.output[-6000:]
    assert "\n--- " not in run.output
    assert persisted(sandbox) == NOTHING


def test_a_killed_run_is_finished_by_the_next(
    sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
) -> None:
    """Whenever it was killed, the same state as here, where it was not."""
    wanted = state(sandbox)
    assert any(row.startswith("services") for row in wanted["3scale"])
    assert any("org_name" in row for row in wanted["Keycloak"])
    with running_sandbox(tmp_path_factory.mktemp("killed")) as other:
        killed = [start_and_kill(other.inventory, SITE, moment, tmp_path / f"{moment}.log") for moment in MOMENTS]
        assert any(killed), "no run was still at work when it should have been killed"
        must_pass(run_playbook(other.inventory, SITE))
        reached = state(other)
        again = run_playbook(other.inventory, SITE)
    for system, rows in wanted.items():
        assert reached[system] == rows, f"{system} differs"
    assert again.recap["changed"] == 0, again.output[-4000:]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_mistakes_give_one_clear_sentence(sandbox: Sandbox, mistake: Mistake) -> None:
    reset(sandbox)
    run = run_playbook(sandbox.inventory, *mistake.arguments(sandbox))
    assert run.code != 0
    for word in mistake.says:
        assert word in run.output, f"{word!r} is not in:\n{run.output[-3000:]}"
    assert "Traceback" not in run.output
    if mistake.before_any_write:
        assert persisted(sandbox) == NOTHING


def test_a_missing_definition_is_named_before_any_write(sandbox: Sandbox) -> None:
    """The last test: with the definition go the objects, and what watched them."""
    Cluster(sandbox).remove_definition("servingruntimes.serving.kserve.io")
    reset(sandbox)
    run = run_playbook(sandbox.inventory, SITE)
    assert run.code != 0
    assert "does not know the kind ServingRuntime" in run.output and "first install OpenShift AI" in run.output
    assert persisted(sandbox) == NOTHING
