# SPDX-License-Identifier: GPL-3.0-or-later
"""The walkthrough from an empty sandbox to a finished one: each test starts where the one before it ended."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.e2e.errors import MISTAKES, Mistake
from tests.support.playbook import Run, environment, run_playbook
from tests.support.sandbox import ROOT, Sandbox
from tests.support.state import of_threescale

SITE = "playbooks/site.yml"


def persisted(sandbox: Sandbox) -> dict[str, int]:
    """Writes that each server kept since the counters were last set to 0; a dry run keeps nothing."""
    kubernetes, threescale = sandbox.counters("kubernetes"), sandbox.counters("threescale")
    return {"kubernetes": kubernetes["writes"] - kubernetes["dry_runs"], "threescale": threescale["writes"]}


def reset(sandbox: Sandbox) -> None:
    for part in ("kubernetes", "threescale"):
        sandbox.reset_counters(part)


def must_pass(run: Run) -> None:
    assert run.code == 0, run.output[-6000:]


def test_check_on_an_empty_sandbox_shows_all_and_keeps_nothing(sandbox: Sandbox) -> None:
    before = of_threescale(sandbox.dump("threescale"))
    run = run_playbook(sandbox.inventory, SITE, "--check", "--diff")
    must_pass(run)
    assert run.recap["failed"] == 0 and run.recap["changed"] > 5
    for planned in ("granite-8b-code-instruct", "mistral-7b-instruct", "nomic-embed-text-v1-5", "APIManager", "maas"):
        assert planned in run.output, f"{planned} is not in what the run would make"
    assert of_threescale(sandbox.dump("threescale")) == before
    assert not names_of_namespaces(sandbox) & {"llm-hosting", "rh-sso", "3scale"}


def names_of_namespaces(sandbox: Sandbox) -> set[str]:
    import kubernetes

    client = kubernetes.client.CoreV1Api(
        kubernetes.config.new_client_from_config(sandbox.facts["sandbox_admin_kubeconfig"])
    )
    return {item.metadata.name for item in client.list_namespace().items}


def test_first_run_makes_the_service(sandbox: Sandbox) -> None:
    run = run_playbook(sandbox.inventory, SITE)
    must_pass(run)
    assert run.recap["changed"] > 10


def test_second_run_changes_nothing(sandbox: Sandbox) -> None:
    sandbox.reset_counters("threescale")
    run = run_playbook(sandbox.inventory, SITE)
    must_pass(run)
    assert (run.recap["changed"], run.recap["failed"]) == (0, 0), run.output[-6000:]
    assert sandbox.counters("threescale")["by_path"], "the run asked the server"


def test_check_on_a_finished_sandbox_shows_nothing(sandbox: Sandbox) -> None:
    run = run_playbook(sandbox.inventory, SITE, "--check", "--diff")
    must_pass(run)
    assert run.recap["changed"] == 0, run.output[-6000:]
    assert "\n--- " not in run.output


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_mistakes_give_one_clear_sentence(sandbox: Sandbox, mistake: Mistake) -> None:
    reset(sandbox)
    run = run_playbook(sandbox.inventory, *mistake.arguments(sandbox))
    assert run.code != 0
    for word in mistake.says:
        assert word in run.output, f"{word!r} is not in:\n{run.output[-3000:]}"
    assert "Traceback" not in run.output
    if mistake.before_any_write:
        assert persisted(sandbox) == {"kubernetes": 0, "threescale": 0}


def test_the_built_collection_runs_where_it_is_installed(sandbox: Sandbox, tmp_path: Path) -> None:
    collections = tmp_path / "collections"
    subprocess.run(["ansible-galaxy", "collection", "build", "--output-path", tmp_path, ROOT], check=True)
    (tarball,) = tmp_path.glob("rhai-maas-*.tar.gz")
    install = ["ansible-galaxy", "collection", "install", "--no-deps", "-p", str(collections), str(tarball)]
    elsewhere = {**environment(), "ANSIBLE_COLLECTIONS_PATH": str(collections)}
    subprocess.run(install, check=True, env=elsewhere)
    left_out = {"sandbox", "tests", "benchmarks", "bin", "molecule", "tools"}
    assert not left_out & {path.name for path in (collections / "ansible_collections/rhai/maas").iterdir()}
    done = subprocess.run(
        ["ansible-playbook", "-i", str(sandbox.inventory), "rhai.maas.site", "--check"],
        cwd=tmp_path,
        env=elsewhere,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    assert "failed=0" in done.stdout
