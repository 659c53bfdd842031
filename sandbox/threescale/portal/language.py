# SPDX-License-Identifier: GPL-3.0-or-later
"""The one Liquid environment of the process; it keeps parsed templates by their text."""

from .templating import PortalEnvironment

LIQUID = PortalEnvironment()
