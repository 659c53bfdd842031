# SPDX-License-Identifier: GPL-3.0-or-later
"""``make bench``: print the table as it grows and leave it in build/bench.json. Nothing here is a test."""

from __future__ import annotations

import json
import sys
from itertools import chain

from benchmarks import collection, standin, subscriptions
from tests.support.sandbox import ROOT


def main() -> int:
    """0 when every measurement could be made."""
    print(f"{'case':<40}{'calls':>7}{'writes':>8}{'seconds':>9}  goal; note")
    found = []
    try:
        for row in chain(collection.rows(), subscriptions.rows(), standin.rows()):
            print(f"{row.case:<40}{row.calls:>7}{row.writes:>8}{row.seconds:>9}  {row.goal}; {row.note}", flush=True)
            found.append(row._asdict())
    except collection.MeasurementError as problem:
        print(problem, file=sys.stderr)
        return 1
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    (build / "bench.json").write_text(json.dumps(found, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
