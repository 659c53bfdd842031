# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""Reads many kinds of a cluster, and asks for rights, over one connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.cluster.plan import shown
from ansible_collections.rhai.maas.plugins.module_utils.cluster.rights import (
    Right,
    access_review,
    rules_review,
    shown_by,
)

try:
    from kubernetes.dynamic import exceptions
except ImportError:  # the module says so before it looks
    exceptions = None

_TELLING = {"storageclass.kubernetes.io/is-default-class"}
"""Annotations that something is read from."""


class Look:
    """A connection. ``client`` is kubernetes.core's: ``resource(kind, version)``, ``get`` and ``create``."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def read(self, query: Mapping[str, Any]) -> Any:
        """The objects of one kind, without the values of Secrets; False where they can't be read."""
        try:
            resource = self.client.resource(query["kind"], query["api_version"])
        except (exceptions.ResourceNotFoundError, exceptions.ResourceNotUniqueError):
            return []  # a kind that the cluster does not know has no objects
        where = {key: query[key] for key in ("namespace", "name") if query.get(key)}
        try:
            found = self.client.get(resource, **where).to_dict()
        except exceptions.DynamicApiError as error:
            return [] if error.status == 404 else False
        items = found.get("items", [found])
        return [_bare({**item, "kind": query["kind"], "apiVersion": query["api_version"]}) for item in items]

    def found(self, queries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """What queries found, by the names of their answers: together those of one name, False if one can't be read."""
        answers: dict[str, Any] = {}
        for query in queries:
            items = self.read(query)
            before = answers.get(query["as"], [])
            answers[query["as"]] = before + items if before is not False and items is not False else False
        return answers

    def knows(self, kinds: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
        """Of these kinds those that the cluster knows, by version."""
        served = {version: self._served(version) for version in sorted({item["api_version"] for item in kinds})}
        known: dict[str, list[str]] = {}
        for item in kinds:
            if item["kind"] in served[item["api_version"]]:
                known.setdefault(item["api_version"], []).append(item["kind"])
        return known

    def _served(self, version: str) -> set[str]:
        """The kinds of a version, asked anew: what the client keeps in a file outlives a definition."""
        path = f"/apis/{version}" if "/" in version else f"/api/{version}"
        try:
            answer = self.client.client.request("GET", path).to_dict()
        except exceptions.DynamicApiError as error:
            if error.status == 404:
                return set()
            raise
        return {str(row["kind"]) for row in answer.get("resources") or []}

    def denied(self, rights: Sequence[Right]) -> list[Right]:
        """Those of the rights that the account lacks.

        The rules of a namespace come in one answer; what they do not show is asked for one by one, since there are
        authorizers that list no rules, and rules of a namespace say nothing of the whole cluster.
        """
        rules = {namespace: self._rules(namespace) for namespace in {right.namespace for right in rights} if namespace}
        unsure = [right for right in rights if not shown_by(rules.get(right.namespace, []), right)]
        return [right for right in unsure if not self._allowed(right)]

    def _rules(self, namespace: str) -> list[dict[str, Any]]:
        return list((self._ask(rules_review(namespace)).get("status") or {}).get("resourceRules") or [])

    def _allowed(self, right: Right) -> bool:
        return bool((self._ask(access_review(right)).get("status") or {}).get("allowed"))

    def _ask(self, review: dict[str, Any]) -> dict[str, Any]:
        resource = self.client.resource(review["kind"], review["apiVersion"])
        return dict(self.client.create(resource, review).to_dict())


def _bare(item: Mapping[str, Any]) -> dict[str, Any]:
    """Without most annotations, since what applied a Secret may have written its values there, and without history."""
    metadata = {key: value for key, value in item["metadata"].items() if key not in ("annotations", "managedFields")}
    notes = {key: value for key, value in (item["metadata"].get("annotations") or {}).items() if key in _TELLING}
    return shown({**item, "metadata": {**metadata, "annotations": notes} if notes else metadata})
