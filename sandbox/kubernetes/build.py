# SPDX-License-Identifier: GPL-3.0-or-later
"""The control plane's program. `python -m sandbox.kubernetes.build` builds it when missing, prints its path.

Standard library only: it can run before there is an environment.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import FrameType

from sandbox.common import golang
from sandbox.common.golang import BuildError, Program, Progress

SOURCE = Path(__file__).resolve().parent / "controlplane"
ESTIMATE = 400  # seconds on two cores with empty caches, measured


def program() -> Program:
    """etcd, API server, controllers and scheduler of the release that go.mod pins."""
    version = golang.required(SOURCE, "k8s.io/kubernetes")
    major, minor = version.split(".")[:2]
    prefix = "k8s.io/component-base/version"
    # Without these the server calls itself v0.0.0-master+$Format:%H$, and clients that parse versions stumble.
    flags = f"-s -w -X {prefix}.gitVersion=v{version} -X {prefix}.gitMajor={major} -X {prefix}.gitMinor={minor}"
    return Program("controlplane", f"Kubernetes {version}", SOURCE, ESTIMATE, ldflags=flags)


def ensure(progress: Progress = lambda _text: None) -> Path:
    """The path of the built program; builds it when it is not there. Raises BuildError."""
    return golang.ensure(program(), progress)


def _stop(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)


def main() -> int:
    """Builds, prints the program's path."""
    signal.signal(signal.SIGTERM, _stop)  # as an exception, so that the compiler is ended, too
    try:
        print(ensure(lambda text: print(text, file=sys.stderr, flush=True)))
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
