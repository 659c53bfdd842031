# SPDX-License-Identifier: GPL-3.0-or-later
"""Liquid as the portal speaks it: version 3.0.6 of the language, on the engine of the package `python-liquid`.

The package gives environment, tag registry, token stream, tree and render context. What the old language does
otherwise stands here: its lax grammar (`grammar`, `tokens`), its values (`values`, `drop`), its blocks that print
nothing when blank and that keep an error at the place where it happened (`nodes`), escaping of every output, its tags
and filters.
"""

from .drop import Collection, Drop
from .engine import PortalEnvironment, PortalTemplate
from .values import SafeText, TemplateError, escape

__all__ = ["Collection", "Drop", "TemplateError", "PortalEnvironment", "PortalTemplate", "SafeText", "escape"]
