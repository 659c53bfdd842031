# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible.controller, as it is made of awx.awx's sources: Red Hat's own is served to subscribers alone."""

from __future__ import annotations

import re
import shutil
import sysconfig
from pathlib import Path

from tests.support.controller import PLATFORM_VERSION


def ansible_controller(folder: Path) -> Path:
    """A path of collections with ansible.controller: what the build of AWX's collection replaces, replaced."""
    source = Path(sysconfig.get_path("purelib")) / "ansible_collections" / "awx" / "awx"
    made = folder / "ansible_collections" / "ansible" / "controller"
    shutil.copytree(source / "plugins", made / "plugins")
    (made / "meta").mkdir()
    runtime = (source / "meta" / "runtime.yml").read_text()
    (made / "meta" / "runtime.yml").write_text(runtime.replace("awx.awx.", "ansible.controller."))
    for file in (made / "plugins").glob("*/*.py"):
        text = file.read_text()
        fragment = "extends_documentation_fragment: ansible.controller.auth"
        file.write_text(text.replace("extends_documentation_fragment: awx.awx.auth", fragment))
    api = made / "plugins" / "module_utils" / "controller_api.py"
    text, count = re.subn(
        '^    _COLLECTION_TYPE = "awx"', '    _COLLECTION_TYPE = "controller"', api.read_text(), flags=re.M
    )
    assert count == 1
    text, count = re.subn(
        "^    _COLLECTION_VERSION = .*", f'    _COLLECTION_VERSION = "{PLATFORM_VERSION}"', text, flags=re.M
    )
    assert count == 1
    api.write_text(text)
    return folder
