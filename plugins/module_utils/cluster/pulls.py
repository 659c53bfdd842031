# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""Whether images can be pulled, as far as the API server tells. Pure, no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Object = Mapping[str, Any]
_FAILING = frozenset({"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "RegistryUnavailable"})
_DOCKER = "docker.io"
_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
# what a node takes for an image: a registry, a path in small letters, a tag, a digest; else it says InvalidImageName
_IMAGE = re.compile(
    rf"(?:[A-Za-z0-9.-]+(?::\d+)?/)?{_PART}(?:/{_PART})*(?::\w[\w.-]{{0,127}})?(?:@sha256:[0-9a-f]{{64}})?", re.ASCII
)


def faults(wish: Object, seen: Object) -> Iterable[str]:
    """What would keep images from being pulled, one sentence each.

    :param wish: ``images`` (``image``, ``variable``), ``pull_secrets`` (``namespace, name, variable``),
        ``model_namespace``
    :param seen: ``image_config`` (``images.config.openshift.io``), ``digest_mirrors`` and ``tag_mirrors``
        (ImageDigestMirrorSets, ImageTagMirrorSets), ``accounts`` (ServiceAccounts), ``pods``, ``secrets``
    """
    for item in wish.get("images") or []:
        image, variable = str(item["image"]), str(item["variable"])
        if _IMAGE.fullmatch(image):
            yield from _refused(image, variable, seen)
        else:
            yield (
                f"{image!r} ({variable}) is no name of an image. Write REGISTRY/NAME:TAG, or REGISTRY/NAME@sha256: and "
                "64 hexadecimal digits"
            )
    yield from _secrets(wish, seen)
    yield from _former(wish, seen)


def _refused(image: str, variable: str, seen: Object) -> Iterable[str]:
    for config in seen.get("image_config") or []:
        sources = (config.get("spec") or {}).get("registrySources") or {}
        allowed, blocked = sources.get("allowedRegistries") or [], sources.get("blockedRegistries") or []
        if allowed and not _covered(image, allowed) or _covered(image, blocked):
            yield (
                f"The cluster pulls nothing from the registry of {image} ({variable}): see registrySources of "
                "images.config.openshift.io/cluster. Name an image of a registry that is allowed"
            )
            return
    by_digest, by_tag = _mirrors(seen.get("digest_mirrors")), _mirrors(seen.get("tag_mirrors"))
    tagged = "@" not in image
    closed = [source for source, never in (by_digest if tagged else by_tag) if never and _covered(image, [source])]
    if closed and not _covered(image, [source for source, _never in (by_tag if tagged else by_digest)]):
        kind, known, named = "ImageDigestMirrorSet", "digest", "tag"
        if not tagged:
            kind, known, named = "ImageTagMirrorSet", "tag", "digest"
        yield (
            f"The cluster takes {closed[0]} from a mirror alone, and that by {known} only ({kind}), but {image} "
            f"({variable}) is named by {named}. Name it by {known}, or mirror it by {named} too"
        )


def _mirrors(sets: Any) -> list[tuple[str, bool]]:
    """Each source with a mirror, and whether the source itself is never asked."""
    entries = [
        entry
        for item in sets or []
        for key in ("imageDigestMirrors", "imageTagMirrors")
        for entry in (item.get("spec") or {}).get(key) or []
    ]
    return [(str(item.get("source")), item.get("mirrorSourcePolicy") == "NeverContactSource") for item in entries]


def _covered(image: str, places: Sequence[str]) -> bool:
    """Does one of the places (registry, or registry with a path; ``*.example.com`` for subdomains) hold the image?"""
    name = image.partition("@")[0]
    first, _slash, rest = name.partition("/")
    if not rest or not ("." in first or ":" in first or first == "localhost"):
        first, name = _DOCKER, f"{_DOCKER}/{name}" if rest else f"{_DOCKER}/library/{name}"
    return any(
        first.endswith(place[1:])
        if place.startswith("*.")
        else name == place or name.startswith((f"{place}/", f"{place}:"))
        for place in places
    )


def _secrets(wish: Object, seen: Object) -> Iterable[str]:
    if seen.get("secrets") is None:
        return
    there = {_key(item) for item in seen["secrets"]}
    named = [(item["namespace"], item["name"], item["variable"]) for item in wish.get("pull_secrets") or []]
    for account in seen.get("accounts") or []:
        namespace, name = _key(account)
        found = [str(entry.get("name")) for entry in account.get("imagePullSecrets") or []]
        named += [(namespace, secret, f"imagePullSecrets of ServiceAccount {name}") for secret in found]
    looked_at = set(wish.get("secret_namespaces") or [])
    for namespace, name, variable in dict.fromkeys(named):
        if namespace in looked_at and (namespace, name) not in there:
            yield f"There is no Secret {name} in namespace {namespace}, which {variable} names to pull images. Make it"


def _former(wish: Object, seen: Object) -> Iterable[str]:
    """Pods of an earlier run that still can't get an image that is wanted as it is; another image may heal them."""
    wanted = {str(item["image"]): str(item["variable"]) for item in wish.get("images") or []}
    told: set[str] = set()
    for pod in seen.get("pods") or []:
        namespace, name = _key(pod)
        for image, message in _stuck(pod):
            if namespace == wish.get("model_namespace") and image in wanted and image not in told:
                told.add(image)
                yield (
                    f"Pod {name} of namespace {namespace} could not pull {image} ({wanted[image]}): "
                    f"{' '.join(message.split()).rstrip('.')}. Correct the image, or give the namespace a pull "
                    "secret; then delete the Pod"
                )


def _stuck(pod: Object) -> Iterable[tuple[str, str]]:
    """The image as the Pod asks for it, and what the kubelet says."""
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    for kind in ("initContainers", "containers"):
        asked = {item.get("name"): str(item.get("image")) for item in spec.get(kind) or []}
        for item in status.get(f"{kind[:-1]}Statuses") or []:
            waiting = (item.get("state") or {}).get("waiting") or {}
            if waiting.get("reason") in _FAILING:
                yield asked.get(item.get("name"), ""), str(waiting.get("message") or waiting["reason"])


def _key(item: Object) -> tuple[str, str]:
    meta = item.get("metadata") or {}
    return str(meta.get("namespace") or ""), str(meta.get("name") or "")
