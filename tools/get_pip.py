# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for the get-pip script that ansible-test would download: pip comes with Python's own ensurepip."""

from __future__ import annotations

import subprocess
import sys

if __name__ == "__main__":
    subprocess.check_call([sys.executable, "-m", "ensurepip"])
    packages = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    subprocess.check_call([sys.executable, "-m", "pip", "install", "--disable-pip-version-check", *packages])
