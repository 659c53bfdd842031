# SPDX-License-Identifier: GPL-3.0-or-later
"""One module for each resource. Every module here with a `routes` is found by itself: add a file, nothing else."""

from __future__ import annotations

import importlib
import logging
import os
import pkgutil
from dataclasses import replace

from ..http.router import ADMIN, POLICIES, Route, Router, Routes
from ..release import Release


def all_modules() -> list[str]:
    """The names of the modules of this package, sorted."""
    return sorted(found.name for found in pkgutil.iter_modules(__path__))


def load_router(release: Release) -> Router:
    """The router of all resources that a release has."""
    table = []
    for name in all_modules():
        try:
            module = importlib.import_module(f"{__name__}.{name}")
        except ImportError:
            if not os.environ.get("SANDBOX_SKIP_BROKEN"):  # for work on one module while another one is being written
                raise
            logging.getLogger(__name__).exception("left out: %s", name)
            continue
        routes = getattr(module, "routes", None)
        if isinstance(routes, Routes):
            table.extend(routes.table)
    return Router(_of(release, route) for route in table if not route.feature or getattr(release, route.feature))


def _of(release: Release, route: Route) -> Route:
    """The route with the scopes that the release gives it."""
    if route.scopes == POLICIES and not release.registry_opens_chains:
        return replace(route, scopes=ADMIN)
    return route
