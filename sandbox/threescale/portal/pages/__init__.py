# SPDX-License-Identifier: GPL-3.0-or-later
"""The portal's own pages, one module for each area. `content` answers everything that no route names."""

from ..routing import Route
from . import account, applications, documents, entry, keys, messages, passwords, services, signup, statistics, users

_MODULES = (entry, signup, passwords, documents, applications, keys, services, statistics, account, users, messages)
ALL_ROUTES: list[Route] = [route for module in _MODULES for route in module.routes.table]
