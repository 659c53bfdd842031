# SPDX-License-Identifier: GPL-3.0-or-later
"""``make argument-specs``: write the catalogue's options into the roles that take them."""

from __future__ import annotations

from tools.argument_specs import ROOT, outdated

for path, wanted in outdated():
    path.write_text(wanted)
    print(f"written: {path.relative_to(ROOT)}")
