# SPDX-License-Identifier: GPL-3.0-or-later
"""The CA ConfigMaps that OpenShift and OpenShift AI put into namespaces.

``kube-root-ca.crt`` is the controller manager's. Here come ``openshift-service-ca.crt``, ConfigMaps that ask for a
bundle by label or annotation, ``odh-trusted-ca-bundle`` and, from it, ``odh-kserve-custom-ca-bundle``.
"""

from __future__ import annotations

from sandbox.operators.kube import CONFIG_MAP, NAMESPACE, Key, Object
from sandbox.operators.platform import is_system
from sandbox.operators.runtime import Controller, Watch

SERVICE_CA = "openshift-service-ca.crt"
TRUSTED = "odh-trusted-ca-bundle"
KSERVE = "odh-kserve-custom-ca-bundle"
INJECT_TRUSTED = "config.openshift.io/inject-trusted-cabundle"
INJECT_SERVICE = "service.beta.openshift.io/inject-cabundle"


class NamespaceBundles(Controller):
    """The ConfigMaps of every namespace."""

    name = "ca bundles"
    watches = (Watch(NAMESPACE),)

    async def reconcile(self, key: Key) -> float | None:
        """Make them when the namespace is new; make them again when the CA is another one."""
        body = await self.kube.get(NAMESPACE, "", key.name)
        if body is None or body["metadata"].get("deletionTimestamp"):
            return None
        text = self.config.ca_text()
        await self._make(key.name, SERVICE_CA, {"service-ca.crt": text})
        labels = body["metadata"].get("labels") or {}
        if not is_system(key.name):
            trusted = {"app.kubernetes.io/part-of": "opendatahub-operator", INJECT_TRUSTED: "true"}
            await self._make(key.name, TRUSTED, {"ca-bundle.crt": text, "odh-ca-bundle.crt": ""}, trusted)
        if labels.get("opendatahub.io/dashboard") == "true":
            await self._make(key.name, KSERVE, {"cabundle.crt": text}, {"opendatahub.io/managed": "true"})
        return None

    async def _make(
        self, namespace: str, name: str, data: dict[str, str], labels: dict[str, str] | None = None
    ) -> None:
        body: Object = {"metadata": {"name": name, "namespace": namespace}, "data": data}
        if labels:
            body["metadata"]["labels"] = labels
        await self.kube.apply(CONFIG_MAP, body)


class InjectedBundles(Controller):
    """ConfigMaps of the user's own that ask for a bundle."""

    name = "injected ca bundles"
    watches = (Watch(CONFIG_MAP),)

    async def reconcile(self, key: Key) -> float | None:
        """Fill in the key that the label or the annotation asks for."""
        body = await self.kube.get(CONFIG_MAP, key.namespace, key.name)
        if body is None:
            return None
        meta = body["metadata"]
        wanted: dict[str, str] = {}
        if (meta.get("labels") or {}).get(INJECT_TRUSTED) == "true":
            wanted["ca-bundle.crt"] = self.config.ca_text()
        if (meta.get("annotations") or {}).get(INJECT_SERVICE) == "true":
            wanted["service-ca.crt"] = self.config.ca_text()
        data = body.get("data") or {}
        if any(data.get(name) != text for name, text in wanted.items()):
            await self.kube.patch(CONFIG_MAP, key, {"data": wanted})
        return None
