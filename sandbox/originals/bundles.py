# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox's catalogue as a file-based one with whole bundles in it, for the real OLM. Pure.

Bundles lie in it as objects: nothing has to be unpacked by a Job out of an image that nobody has.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

from sandbox.crds.load import Definitions
from sandbox.operators.catalogue import Catalogue, Package, version_of
from sandbox.operators.kube import CRD, CSV, Object
from sandbox.operators.olm_bundle import csv


def documents(catalogue: Catalogue, definitions: Definitions) -> Iterator[Object]:
    """The catalogue's documents: packages, channels, bundles."""
    for package in catalogue.packages.values():
        yield {"schema": "olm.package", "name": package.name, "defaultChannel": package.default}
        for name, versions in package.channels.items():
            entries: list[Object] = [{"name": versions[0]}]
            entries += [{"name": new, "replaces": old} for old, new in zip(versions, versions[1:], strict=False)]
            # what an older channel has installed goes to the newest one at once
            entries[-1]["skipRange"] = f"<{version_of(versions[0])}"
            yield {"schema": "olm.channel", "package": package.name, "name": name, "entries": entries}
        for name in sorted({version for versions in package.channels.values() for version in versions}):
            yield _bundle(package, name, definitions.of(package.name))


def _bundle(package: Package, name: str, definitions: list[Object]) -> Object:
    version = {"packageName": package.name, "version": version_of(name)}
    properties: list[Object] = [{"type": "olm.package", "value": version}]
    for definition in definitions:
        spec = definition["spec"]
        for one in spec["versions"]:
            kind = {"group": spec["group"], "version": one["name"], "kind": spec["names"]["kind"]}
            properties.append({"type": "olm.gvk", "value": kind})
    for body in _objects(package, name, definitions):
        data = base64.b64encode(json.dumps(body).encode()).decode()
        properties.append({"type": "olm.bundle.object", "value": {"data": data}})
    return {"schema": "olm.bundle", "package": package.name, "name": name, "properties": properties}


def _objects(package: Package, name: str, definitions: list[Object]) -> Iterator[Object]:
    yield {"apiVersion": CSV.api_version, "kind": CSV.kind, **csv(package, name, definitions)}
    for definition in definitions:
        body = {"metadata": {"name": definition["metadata"]["name"]}, "spec": definition["spec"]}
        yield {"apiVersion": CRD.api_version, "kind": CRD.kind, **body}
