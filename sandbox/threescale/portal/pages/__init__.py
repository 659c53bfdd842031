# SPDX-License-Identifier: GPL-3.0-or-later
"""The portal's own pages, one module for each area. `content` answers everything that no route names."""

from ..routing import Route
from .account import routes as account
from .alerts import routes as alerts
from .applications import routes as applications
from .documents import routes as documents
from .entry import routes as entry
from .keys import routes as keys
from .messages import routes as messages
from .passwords import routes as passwords
from .services import routes as services
from .signup import routes as signup
from .statistics import routes as statistics
from .usage import routes as usage
from .users import routes as users

_AREAS = (
    entry,
    signup,
    passwords,
    documents,
    applications,
    keys,
    alerts,
    services,
    statistics,
    usage,
    account,
    users,
    messages,
)
ALL_ROUTES: list[Route] = [route for area in _AREAS for route in area.table]
