# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""The folder of an export: what an earlier export of the portal wrote, and is no longer there."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ansible_collections.rhai.maas.plugins.module_utils.engine.folder import Folder

# the list of the portal's items names the files that an export made; nothing else of the folder is its own
LIST = "portal.yml"
_SOURCE = re.compile(r"^\s+src: (portal/\S.*)$", re.MULTILINE)


def left_over(folder: Folder, wanted: Mapping[str, bytes]) -> list[str]:
    """Files of an earlier export of the portal that this one, if it holds the portal, does not make."""
    if LIST not in wanted:
        return []
    text = (folder.read(LIST) or b"").decode("utf-8", "replace")
    names = {name.strip("'\"") for name in _SOURCE.findall(text)}
    made = {name for name in names if ".." not in name.split("/") and (folder.root / name).is_file()}
    return sorted(made - set(wanted))
