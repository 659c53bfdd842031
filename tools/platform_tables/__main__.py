# SPDX-License-Identifier: GPL-3.0-or-later
"""``make platform-tables``: write the tables into the documentation."""

from __future__ import annotations

from tools.platform_tables import FILE, written

FILE.write_text(written(FILE.read_text()))
