# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m sandbox.crds [--crds DIR] [PACKAGE]``: print definitions as YAML, for kubectl apply or for reading."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import yaml

from sandbox.crds.load import load


def main() -> None:
    """Print the definitions of one package (``platform``, ``3scale-operator``, …) or all of them."""
    parser = argparse.ArgumentParser(prog="sandbox.crds", description=__doc__)
    parser.add_argument("package", nargs="?")
    parser.add_argument("--crds", type=Path, help="folder of real definitions that replace ours")
    known = parser.parse_args()
    definitions = load(known.crds)
    chosen = definitions.of(known.package) if known.package else list(definitions.by_name.values())
    if not chosen:
        sys.exit(f"no package {known.package}; there are {', '.join(definitions.packages)}")
    yaml.safe_dump_all(chosen, sys.stdout, sort_keys=False)


if __name__ == "__main__":
    main()
