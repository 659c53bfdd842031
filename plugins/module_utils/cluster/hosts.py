# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""Host names and certificates of what the service will be reached by. Pure, no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

Object = Mapping[str, Any]
_LABEL = 63  # characters that a name may have between two dots
_UNKNOWN = re.compile(r"Name or service not known|No address associated|nodename nor|Temporary failure in name")
_MISMATCH = re.compile(r"[Hh]ostname mismatch|doesn't match|IP address mismatch")
_CERTIFICATE = re.compile(r"CERTIFICATE|certificate", re.IGNORECASE)
_REASON = re.compile(r"certificate verify failed: ([^()\"']*?)\s*(?:\(|[\"']|$)")


def domains(wish: Object, seen: Object) -> Iterable[str]:
    """Hosts that the cluster's router does not serve, or that its wildcard certificate does not cover.

    :param wish: ``superdomain`` (empty: nothing of the cluster is used), ``hosts`` (``host``, ``variable``),
        ``domains`` that other ingress controllers serve
    :param seen: ``ingress`` (the objects ``ingresses.config.openshift.io``)
    """
    specs = [item.get("spec") or {} for item in seen.get("ingress") or []]
    served = [str(spec[key]) for spec in specs for key in ("domain", "appsDomain") if spec.get(key)]
    superdomain = str(wish.get("superdomain") or "")
    if not served or not superdomain:
        return
    served += [str(domain) for domain in wish.get("domains") or []]
    if superdomain not in served:
        below = [domain for domain in served if superdomain.endswith(f".{domain}")]
        why = f"; *.{below[0]} covers names with one label before {below[0]} only" if below else ""
        yield (
            f"maas_superdomain is {superdomain}, but the routes of this cluster lie below {' and '.join(served)} "
            f"(oc get ingresses.config.openshift.io cluster){why}. Correct it, or name the domain in preflight_domains "
            "where an ingress controller of your own serves it"
        )
    for item in wish.get("hosts") or []:
        yield from _depth(str(item["host"]), str(item["variable"]), served)


def lengths(wish: Object, _seen: Object) -> Iterable[str]:
    """Hosts that no DNS server and no Route takes, whatever the cluster is: a default may hold a long namespace's name.

    :param wish: ``hosts`` (``host``, ``variable``)
    """
    for item in wish.get("hosts") or []:
        host, variable = str(item["host"]), str(item["variable"])
        for label in host.split("."):
            if len(label) > _LABEL:
                yield (
                    f"{variable} is {host}: between two dots a host name has {_LABEL} characters at most, {label} has "
                    f"{len(label)}. Set {variable} to a shorter one"
                )


def _depth(host: str, variable: str, served: list[str]) -> Iterable[str]:
    domain = max((name for name in served if host.endswith(f".{name}")), key=len, default="")
    before = host[: -len(domain) - 1] if domain else ""
    if "." in before:
        yield (
            f"{variable} is {host}: the router's certificate *.{domain} covers names with one label before {domain} "
            f"only. Choose a name such as {before.replace('.', '-')}.{domain}"
        )


def answers(wish: Object, seen: Object) -> Iterable[str]:
    """Addresses that can't be reached from here, or show a certificate that is not trusted, one sentence each.

    :param wish: ``addresses``: ``url, variable, ca_path, ca_variable``
    :param seen: ``answers``: what ``ansible.builtin.uri`` said to each of them (``status``, ``msg``), in their order;
        one that was ``skipped`` is not judged
    """
    told: set[str] = set()
    for item, answer in zip(wish.get("addresses") or [], seen.get("answers") or []):
        if int(answer.get("status") or 0) > 0 or answer.get("skipped"):
            continue
        kind, text = _judged(item, " ".join(str(answer.get("msg") or "no answer").split()))
        if kind not in told:  # several hosts of one router have one fault
            yield text
        told.add(kind)


def _judged(item: Object, message: str) -> tuple[str, str]:
    url, variable, signers = item["url"], item["variable"], item["ca_variable"]
    host = url.split("//")[-1].split("/")[0].split(":")[0]
    if _UNKNOWN.search(message):
        return (
            f"name {host.partition('.')[2]}",
            f"Nobody here knows the host {host} of {variable}. Correct it, or see that the wildcard name of the "
            "cluster's routes resolves on this machine (DNS, /etc/hosts, a proxy in maas_environment)",
        )
    if _MISMATCH.search(message):
        return (
            f"mismatch {host}",
            f"The certificate at {url} is for another host. Give the route a certificate with this name, or correct "
            f"{variable}",
        )
    if _CERTIFICATE.search(message):
        found = _REASON.search(message)
        by = item.get("ca_path") or "the authorities that Python trusts"
        return (
            f"certificate {by}",
            f"The certificate at {url} is not trusted by {by}: {found.group(1).strip() if found else message[:200]}. "
            f"Name the file with its signer's certificate in {signers} (maas_ca_path); for the cluster's own it is "
            "ConfigMap default-ingress-cert of namespace openshift-config-managed",
        )
    return (
        f"silent {host.partition('.')[2]}",
        f"{url} ({variable}) can't be reached from here: {message.rstrip('.')[:200]}. On a cluster its router "
        "answers there even before anything is installed; see firewalls and proxies on the way",
    )
