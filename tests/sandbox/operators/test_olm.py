# SPDX-License-Identifier: GPL-3.0-or-later
"""OLM: catalogue, Subscription, InstallPlan, ClusterServiceVersion, OperatorGroup."""

from __future__ import annotations

from tests.sandbox.operators.cluster import Cluster, condition


def phase(text: str):  # type: ignore[no-untyped-def]
    return lambda body: (body.get("status") or {}).get("phase") == text


def test_catalogue_tells_channels_and_versions(kube: Cluster) -> None:
    manifest = kube.wait("PackageManifest", "openshift-marketplace", "3scale-operator", lambda m: m.get("status"))
    status = manifest["status"]
    assert (status["catalogSource"], status["defaultChannel"]) == ("redhat-operators", "threescale-2.16")
    heads = {channel["name"]: channel["currentCSV"] for channel in status["channels"]}
    assert heads["threescale-2.15"] == "3scale-operator.v0.12.5"


def test_definitions_come_with_the_operator(kube: Cluster) -> None:
    name = "keycloakrealmimports.k8s.keycloak.org"
    kube.delete("CustomResourceDefinition", "", name)  # another test may have brought it
    kube.wait_gone("CustomResourceDefinition", "", name)
    namespace = kube.namespace("olm-install")
    csv = kube.install("rhbk-operator", namespace, "stable-v26.4")
    assert csv == "rhbk-operator.v26.4.0-opr.1"
    assert kube.get("CustomResourceDefinition", "", name) is not None
    subscription = kube.wait("Subscription", namespace, "rhbk-operator")
    assert subscription["status"]["state"] == "AtLatestKnown"
    plan = kube.get("InstallPlan", namespace, subscription["status"]["installPlanRef"]["name"])
    assert plan is not None
    assert plan["status"]["phase"] == "Complete"
    assert plan["spec"]["clusterServiceVersionNames"] == [csv]
    body = kube.get("ClusterServiceVersion", namespace, csv)
    assert body is not None
    history = body["status"]["conditions"]
    phases = [entry["phase"] for entry in history if entry["reason"] != "InstallWaiting"]
    assert phases == ["Pending", "InstallReady", "Installing", "Succeeded"]
    assert body["metadata"]["annotations"]["olm.targetNamespaces"] == namespace
    kube.delete("ClusterServiceVersion", namespace, csv)
    kube.delete("Subscription", namespace, "rhbk-operator")


def test_what_can_not_be_resolved_says_why(kube: Cluster) -> None:
    namespace = kube.namespace("olm-unknown")
    kube.group(namespace, [namespace])
    kube.subscribe("rhbk-operator", namespace, "stable-v99")
    failed = kube.wait("Subscription", namespace, "rhbk-operator", lambda s: condition(s, "ResolutionFailed"))
    entry = condition(failed, "ResolutionFailed")
    assert (entry["status"], entry["reason"]) == ("True", "ConstraintsNotSatisfiable")
    text = "no operators found in channel stable-v99 of package rhbk-operator in the catalog referenced by subscription"
    assert text in entry["message"]
    kube.patch("Subscription", namespace, "rhbk-operator", {"spec": {"source": "elsewhere"}})
    text = "no operators found from catalog elsewhere in namespace openshift-marketplace"
    kube.wait(
        "Subscription",
        namespace,
        "rhbk-operator",
        lambda s: text in condition(s, "ResolutionFailed").get("message", ""),
    )


def test_manual_approval_waits(kube: Cluster) -> None:
    namespace = kube.namespace("olm-manual")
    kube.group(namespace, [namespace])
    more = {"installPlanApproval": "Manual", "startingCSV": "rhsso-operator.7.6.11-opr-001"}
    kube.subscribe("rhsso-operator", namespace, "stable", **more)
    waiting = kube.wait("Subscription", namespace, "rhsso-operator", lambda s: condition(s, "InstallPlanPending"))
    name = waiting["status"]["installPlanRef"]["name"]
    plan = kube.wait("InstallPlan", namespace, name, phase("RequiresApproval"))
    assert plan["spec"]["clusterServiceVersionNames"] == ["rhsso-operator.7.6.11-opr-001"]
    kube.patch("InstallPlan", namespace, name, {"spec": {"approved": True}})
    kube.wait("ClusterServiceVersion", namespace, "rhsso-operator.7.6.11-opr-001", phase("Succeeded"))
    pending = kube.wait(
        "Subscription", namespace, "rhsso-operator", lambda s: s["status"].get("state") == "UpgradePending"
    )
    assert pending["status"]["installedCSV"] == "rhsso-operator.7.6.11-opr-001"
    assert pending["status"]["currentCSV"] == "rhsso-operator.7.6.12-opr-001"


def test_operator_groups(kube: Cluster) -> None:
    namespace = kube.namespace("olm-groups")
    kube.group(namespace, [])
    kube.subscribe("rhsso-operator", namespace, "stable")
    csv = "rhsso-operator.7.6.12-opr-001"
    failed = kube.wait("ClusterServiceVersion", namespace, csv, phase("Failed"))
    assert failed["status"]["reason"] == "UnsupportedOperatorGroup"
    assert "AllNamespaces InstallModeType not supported" in failed["status"]["message"]
    kube.group(namespace, [namespace], "second")
    failed = kube.wait(
        "ClusterServiceVersion", namespace, csv, lambda c: c["status"].get("reason") == "TooManyOperatorGroups"
    )
    assert failed["status"]["message"].endswith("can't pick one automatically")
    group = kube.wait("OperatorGroup", namespace, "second", lambda g: condition(g, "MultipleOperatorGroup"))
    assert condition(group, "MultipleOperatorGroup")["status"] == "True"
    kube.delete("OperatorGroup", namespace, "group")
    kube.wait("ClusterServiceVersion", namespace, csv, phase("Succeeded"))


def test_left_over_version_is_named(kube: Cluster) -> None:
    namespace = kube.namespace("olm-leftover")
    csv = kube.install("rhsso-operator", namespace, "stable")
    kube.delete("Subscription", namespace, "rhsso-operator")
    kube.subscribe("rhsso-operator", namespace, "stable")
    failed = kube.wait("Subscription", namespace, "rhsso-operator", lambda s: condition(s, "ResolutionFailed"))
    text = f"clusterserviceversion {csv} exists and is not referenced by a subscription"
    assert text in condition(failed, "ResolutionFailed")["message"]


def test_deleted_version_stays_away(kube: Cluster) -> None:
    namespace = kube.namespace("olm-deleted")
    csv = kube.install("rhsso-operator", namespace, "stable")
    kube.delete("ClusterServiceVersion", namespace, csv)
    pending = kube.wait(
        "Subscription", namespace, "rhsso-operator", lambda s: s["status"].get("state") == "UpgradePending"
    )
    assert pending["status"]["installedCSV"] == pending["status"]["currentCSV"] == csv


def test_one_that_fails_holds_up_all_of_the_namespace(kube: Cluster) -> None:
    namespace = kube.namespace("olm-beside")
    for package, channel in (("rhsso-operator", "stable"), ("rhbk-operator", "none")):
        kube.subscribe(package, namespace, channel)
    kube.group(namespace, [namespace])
    failed = kube.wait("Subscription", namespace, "rhsso-operator", lambda s: condition(s, "ResolutionFailed"))
    assert "channel none of package rhbk-operator" in condition(failed, "ResolutionFailed")["message"]
    kube.delete("Subscription", namespace, "rhbk-operator")
    kube.wait("ClusterServiceVersion", namespace, "rhsso-operator.7.6.12-opr-001", phase("Succeeded"))


def test_longest_namespace(kube: Cluster) -> None:
    kube.install("rhbk-operator", kube.namespace("a-" * 31 + "b"), "stable-v26.4")


def test_operator_that_never_comes_up(kube: Cluster) -> None:
    kube.create("ConfigMap", {"metadata": {"name": "faults", "namespace": "sandbox-control"},
                              "data": {"olm.rhsso-operator": "never"}})  # fmt: skip
    try:
        namespace = kube.namespace("olm-never")
        kube.group(namespace, [namespace])
        kube.subscribe("rhsso-operator", namespace, "stable")
        kube.wait(
            "ClusterServiceVersion",
            namespace,
            "rhsso-operator.7.6.12-opr-001",
            lambda version: phase("Installing")(version) and "waiting for deployment" in version["status"]["message"],
        )
    finally:
        kube.delete("ConfigMap", "sandbox-control", "faults")
    kube.wait("ClusterServiceVersion", namespace, "rhsso-operator.7.6.12-opr-001", phase("Succeeded"))
