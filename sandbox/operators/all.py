# SPDX-License-Identifier: GPL-3.0-or-later
"""All controllers, put together."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.crds.load import Definitions
from sandbox.crds.load import load as load_definitions
from sandbox.kubernetes.rest import Client
from sandbox.operators.apimanager import ApiManagers
from sandbox.operators.buckets import BucketClaims
from sandbox.operators.bundles import InjectedBundles, NamespaceBundles
from sandbox.operators.catalogue import Catalogue
from sandbox.operators.catalogue import load as load_catalogue
from sandbox.operators.config import Config
from sandbox.operators.connections import Connections
from sandbox.operators.faults import Faults
from sandbox.operators.ingresses import Ingresses
from sandbox.operators.kube import Kube
from sandbox.operators.olm import OperatorGroups, Subscriptions
from sandbox.operators.olm_install import ClusterServiceVersions, InstallPlans
from sandbox.operators.platform import DataScienceClusters, Platform
from sandbox.operators.policydefinitions import PolicyDefinitions
from sandbox.operators.rhbk import Keycloaks, RealmImports
from sandbox.operators.rhsso import RhssoServers
from sandbox.operators.rhsso_realms import RhssoClients, RhssoRealms
from sandbox.operators.routes import Routes
from sandbox.operators.runtime import Controller
from sandbox.operators.serving import InferenceServices
from sandbox.operators.volumes import Claims, Released
from sandbox.operators.workbench import Notebooks
from sandbox.operators.zync import Zync


@dataclass(frozen=True)
class Parts:
    """What the controllers share."""

    kube: Kube
    config: Config
    catalogue: Catalogue
    definitions: Definitions
    faults: Faults
    platform: Platform

    @classmethod
    def make(cls, client: Client, config: Config) -> Parts:
        """Build them."""
        kube = Kube(client)
        catalogue, definitions = load_catalogue(), load_definitions(config.crds)
        platform = Platform(kube, config, catalogue, definitions)
        return cls(kube, config, catalogue, definitions, Faults(kube), platform)


def controllers(parts: Parts) -> list[Controller]:
    """Every controller, but for those whose work a real operator does."""
    kube, config = parts.kube, parts.config
    found: list[Controller] = [
        DataScienceClusters(kube, config),
        NamespaceBundles(kube, config),
        InjectedBundles(kube, config),
        Routes(kube, config),
        Claims(kube, config),
        Released(kube, config),
        OperatorGroups(kube, config),
        Subscriptions(kube, config, parts.catalogue),
        InstallPlans(kube, config, parts.catalogue, parts.definitions),
        ClusterServiceVersions(kube, config, parts.catalogue, parts.faults),
        BucketClaims(kube, config),
        Connections(kube, config),
        InferenceServices(kube, config),
        Notebooks(kube, config),
        Ingresses(kube, config),
        Keycloaks(kube, config, parts.catalogue),
        RealmImports(kube, config, parts.catalogue),
        RhssoServers(kube, config, parts.catalogue),
        RhssoRealms(kube, config, parts.catalogue),
        RhssoClients(kube, config, parts.catalogue),
        ApiManagers(kube, config, parts.catalogue),
        Zync(kube, config),
        PolicyDefinitions(kube, config, parts.catalogue),
    ]
    return [controller for controller in found if controller.name not in config.originals]
