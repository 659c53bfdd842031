# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""The collection's version, as servers are told it. A test holds it to galaxy.yml."""

from __future__ import annotations

VERSION = "0.1.0"
USER_AGENT = f"rhai.maas/{VERSION} (Ansible collection)"
