# SPDX-License-Identifier: GPL-3.0-or-later
"""Our play of the operator lifecycle manager against the real one: what each says of a Subscription, good or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.originals.olm_pair import Pair, pair
from tests.originals.olm_shape import picture
from tests.originals.shape import differences
from tests.sandbox.operators.cluster import PLURALS, Cluster, Object
from tests.support.playbook import Run, run_playbook
from tests.support.until import until

PLURALS |= {
    "ResourceQuota": ("v1", "resourcequotas"),
    "CatalogSource": ("operators.coreos.com/v1alpha1", "catalogsources"),
}
SSO, FIRST, LAST = "rhsso-operator", "rhsso-operator.7.6.11-opr-001", "rhsso-operator.7.6.12-opr-001"
VERSION = "ClusterServiceVersion"
LONG = "a-" * 31 + "b"  # 63 characters, and a hyphen wherever the name of a label is cut


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with pair(tmp_path_factory.mktemp("olm")) as found:
        yield found


def subscribe(kube: Cluster, namespace: str, name: str, package: str = SSO, **more: Any) -> None:
    source = {"source": "redhat-operators", "sourceNamespace": "openshift-marketplace"}
    spec = {"name": package, "channel": "stable", **source, **more}
    kube.create("Subscription", {"metadata": {"name": name, "namespace": namespace}, "spec": spec})


def ask(package: str = SSO, targets: bool = True, groups: tuple[str, ...] = ("group",), **more: Any) -> Any:
    """Subscription and groups of a case."""

    def make(kube: Cluster, namespace: str) -> None:
        for name in groups:
            kube.group(namespace, [namespace] if targets else [], name)
        subscribe(kube, namespace, package, package, **more)

    return make


def two(**second: Any) -> Any:
    """Two Subscriptions, there before anything is resolved: the group comes last."""

    def make(kube: Cluster, namespace: str) -> None:
        subscribe(kube, namespace, "a", "rhbk-operator", channel="stable-v26")
        subscribe(kube, namespace, "b", "rhbk-operator", **second)
        kube.group(namespace, [namespace])

    return make


def no_pods(kube: Cluster, namespace: str) -> None:
    body = {"metadata": {"name": "none", "namespace": namespace}, "spec": {"hard": {"pods": "0"}}}
    kube.create("ResourceQuota", body)
    ask()(kube, namespace)


def silent(kube: Cluster, namespace: str) -> None:
    """A catalogue of the namespace's own that does not answer."""
    spec = {"sourceType": "grpc", "address": "127.0.0.1:1"}
    kube.create("CatalogSource", {"metadata": {"name": "silent", "namespace": namespace}, "spec": spec})
    ask()(kube, namespace)


MANUAL = {"installPlanApproval": "Manual"}
CASES: dict[str, Callable[[Cluster, str], None]] = {
    "good": ask(),
    LONG: ask(),
    "no-channel": ask(channel="none"),
    "no-package": ask("none"),
    "no-catalogue": ask(source="none"),
    "no-such-version": ask(startingCSV="none"),
    "by-hand": ask(**MANUAL),
    "first-by-hand": ask(startingCSV=FIRST, **MANUAL),
    "no-group": ask(groups=()),
    "two-groups": ask(groups=("one", "two")),
    "all-namespaces": ask(targets=False),
    "own-namespace": ask("rhods-operator"),
    "twice": two(channel="stable-v26"),
    "twice-channels": two(channel="stable-v26.4"),
    "beside-a-bad-one": two(channel="none"),
    "no-pods": no_pods,
    "silent-catalogue": silent,
    "left-over": ask(),
    **dict.fromkeys(("deleted", "role-deleted"), ask()),
    "role-no-pods": no_pods,
}


def begin(both: Pair, case: str) -> None:
    """Makes a case in both, if none has yet; the namespace has its name."""
    for kube in both.clusters():
        if kube.get("Namespace", "", case) is None:
            kube.namespace(case)
            CASES[case](kube, case)


def installed(shown: Object) -> bool:
    states = [one["state"] == "AtLatestKnown" for one in shown["subscriptions"].values()]
    return all(states) and [one["phase"] for one in shown["versions"].values()] == ["Succeeded"]


def unresolved(shown: Object) -> bool:
    return all("ResolutionFailed" in one["conditions"] for one in shown["subscriptions"].values())


def waiting(shown: Object) -> bool:
    return [one["phase"] for one in shown["plans"]] == ["RequiresApproval"]


def refused(shown: Object) -> bool:
    return [one["phase"] for one in shown["versions"].values()] == ["Failed"]


def seen(shown: Object) -> bool:
    return all(one["conditions"] for one in shown["subscriptions"].values())


def installing(shown: Object) -> bool:
    return [one["reason"] for one in shown["versions"].values()] == ["InstallWaiting"]


SETTLED = {
    **dict.fromkeys(("good", LONG, "twice"), installed),
    **dict.fromkeys(("no-channel", "no-package", "no-catalogue", "no-such-version", "beside-a-bad-one"), unresolved),
    **dict.fromkeys(("by-hand", "first-by-hand"), waiting),
    **dict.fromkeys(("all-namespaces", "own-namespace"), refused),
    **dict.fromkeys(("no-group", "two-groups"), seen),
    "no-pods": installing,
    "silent-catalogue": unresolved,
}


def loosen(kube: Cluster, namespace: str) -> None:
    """Deletes a version that the real one has made without noting it in its Subscription: two of its workers may
    collide, and it does not find out of that by itself. The collection tells people to do the same."""
    for body in kube.list("Subscription", namespace):
        if (body.get("status") or {}).get("installPlanRef") is None and kube.list("InstallPlan", namespace):
            for version in kube.list(VERSION, namespace):
                kube.delete(VERSION, namespace, version["metadata"]["name"])


def assert_alike(both: Pair, namespace: str, settled: Callable[[Object], bool]) -> None:
    """Both come to the same, and not before each has come to what is waited for."""
    found: list[str] = []

    def alike() -> bool:
        if settled is not unresolved and unresolved(picture(both.real, namespace)):
            loosen(both.real, namespace)
        play, real = (picture(kube, namespace) for kube in both.clusters())
        found[:] = differences(play, real)
        return settled(play) and settled(real) and not found

    try:
        until(alike, "both say the same")
    except AssertionError as error:
        raise AssertionError("\n".join(found) or "not settled") from error


@pytest.mark.parametrize("case", SETTLED)
def test_what_is_said(both: Pair, case: str) -> None:
    begin(both, case)
    assert_alike(both, case, SETTLED[case])


def test_two_channels_of_one_package_are_refused(both: Pair) -> None:
    """Which versions are named, and by what they exclude each other, is the resolver's choice."""
    begin(both, "twice-channels")
    for kube in both.clusters():
        until(lambda kube=kube: unresolved(picture(kube, "twice-channels")), "both fail")  # type: ignore[misc]
        for one in picture(kube, "twice-channels")["subscriptions"].values():
            told = one["conditions"]["ResolutionFailed"]
            assert told["reason"] == "ConstraintsNotSatisfiable"
            why = " originate from package rhbk-operator", " provide Keycloak"
            assert any(word in part for part in told["message"] for word in why), told["message"]


def test_a_plan_is_carried_out_when_it_is_approved(both: Pair) -> None:
    """And the next one waits; what is changed meanwhile does not count."""
    name = "first-by-hand"
    begin(both, name)
    assert_alike(both, name, waiting)
    for kube in both.clusters():
        plan = (kube.get("Subscription", name, SSO) or {})["status"]["installPlanRef"]["name"]
        kube.patch("InstallPlan", name, plan, {"spec": {"approved": True}})

    def next_waits(shown: Object) -> bool:
        one = shown["subscriptions"][SSO]
        return bool(one["installedCSV"] == FIRST and one["currentCSV"] == LAST and shown["versions"][FIRST]["phase"])

    for kube in both.clusters():
        until(lambda kube=kube: next_waits(picture(kube, name)), "the next one waits")  # type: ignore[misc]
        kube.patch("Subscription", name, SSO, {"spec": {"channel": "none"}})
    assert_alike(both, name, lambda shown: next_waits(shown) and shown["versions"][FIRST]["phase"] == "Succeeded")


def test_a_version_whose_subscription_is_gone(both: Pair) -> None:
    name = "left-over"
    begin(both, name)
    assert_alike(both, name, installed)
    for kube in both.clusters():
        kube.delete("Subscription", name, SSO)
        kube.wait_gone("Subscription", name, SSO)
        subscribe(kube, name, SSO)
    assert_alike(both, name, unresolved)
    for kube in both.clusters():
        kube.delete(VERSION, name, LAST)
    for kube in both.clusters():
        until(lambda kube=kube: installed(picture(kube, name)), "installed again, by itself")  # type: ignore[misc]


def test_a_version_that_was_deleted_stays_away(both: Pair) -> None:
    name = "deleted"
    begin(both, name)
    assert_alike(both, name, installed)
    for kube in both.clusters():
        kube.delete(VERSION, name, LAST)
    assert_alike(both, name, lambda shown: shown["subscriptions"][SSO]["state"] == "UpgradePending")


def role(both: Pair, folder: Path, namespace: str, **variables: Any) -> Run:
    """The role against the real one."""
    host = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    own = {"test_kubeconfig": str(both.real.kubeconfig), "operator_namespace": namespace, "operator_package": SSO}
    own |= {"operator_channel": "stable", "operator_crds": ["keycloaks.keycloak.org"], **variables}
    inventory = folder / "inventory.yml"
    inventory.write_text(yaml.safe_dump({"all": {"hosts": {"localhost": host}, "vars": own}}))
    return run_playbook(inventory, "tests/originals/operator.yml", "--diff")


def test_role_installs_by_hand_and_again_without_a_change(both: Pair, tmp_path: Path) -> None:
    by_hand = {"operator_approval": "Manual", "operator_starting_csv": FIRST}
    first = role(both, tmp_path, "role-by-hand", **by_hand)
    assert first.code == 0, first.output[-4000:]
    again = role(both, tmp_path, "role-by-hand", **by_hand)
    assert again.code == 0 and again.recap["changed"] == 0, again.output[-4000:]


def gone(both: Pair) -> None:
    """A version that somebody deleted."""
    begin(both, "role-deleted")
    assert_alike(both, "role-deleted", installed)
    both.real.delete(VERSION, "role-deleted", LAST)


@pytest.mark.parametrize(
    ("namespace", "before", "variables", "words"),
    [
        (
            "role-no-channel",
            None,
            {"operator_channel": "none", "operator_approval": "Manual"},
            "in channel none of pack",
        ),
        ("role-deleted", gone, {}, f"{LAST} was deleted, and is not installed again while its Subscription is there"),
        (
            "role-no-pods",
            lambda both: begin(both, "role-no-pods"),
            {"operator_timeout": 20},
            'deployment "rhsso-operator" not available',
        ),
    ],
)
def test_role_says_what_the_real_one_says(
    both: Pair, tmp_path: Path, namespace: str, before: Any, variables: Object, words: str
) -> None:
    if before:
        before(both)
    run = role(both, tmp_path, namespace, **variables)
    assert run.code != 0
    assert words in run.output, run.output[-4000:]
