# SPDX-License-Identifier: GPL-3.0-or-later
"""Which operators can be built, and from what. Each folder's go.mod pins one release."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sandbox.common import golang
from sandbox.common.golang import BuildError, Program

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Original:
    """A real operator: its version, how it is built, the module that it is of, where that keeps its definitions.

    `beside` are programs of the same module that it can't do without.
    """

    version: str
    program: Program
    module: str
    definitions: str
    beside: tuple[Program, ...] = ()

    @property
    def release(self) -> str:
        """The release that go.mod pins, such as 0.15.2."""
        return golang.required(self.program.source, self.module)


def _kserve(version: str, seconds: int, definitions: str) -> Original:
    module = "github.com/kserve/kserve"
    name = f"kserve-{version}"
    program = Program(name, f"KServe {version}", HERE / name, seconds, package=f"{module}/cmd/manager")
    return Original(version, program, module, definitions)


#: by the version as the operators' configuration names it; seconds on two idle cores with empty caches, from the
#: processor time measured
KSERVE = {
    "0.12": _kserve("0.12", 150, "config/crd"),
    "0.14": _kserve("0.14", 150, "config/crd/full"),
    "0.15": _kserve("0.15", 200, "config/crd/full"),
}


_THREESCALE = "github.com/3scale/3scale-operator"
#: by the product's version; its definitions lie in the bundle
THREESCALE = {
    "2.14": Original(
        "2.14",
        Program("3scale-2.14", "3scale's operator 2.14", HERE / "3scale-2.14", 60, package=_THREESCALE),
        _THREESCALE,
        "bundle/manifests",
    )
}


_LIFECYCLE = "github.com/operator-framework/operator-lifecycle-manager"
_OLM_SOURCE = HERE / "olm-0.28"
#: `catalog` resolves Subscriptions and carries out plans; `olm` carries out CSVs; `registry`, a few lines of ours
#: around the published server, serves a file-based catalogue
OLM = {
    "0.28": Original(
        "0.28",
        Program("olm-0.28", "OLM 0.28", _OLM_SOURCE, 105, package=f"{_LIFECYCLE}/cmd/olm"),
        _LIFECYCLE,
        "deploy/chart/crds",
        (
            Program("catalog", "OLM's catalog operator 0.28", _OLM_SOURCE, 5, package=f"{_LIFECYCLE}/cmd/catalog"),
            Program("registry", "OLM's catalogue server", _OLM_SOURCE, 5),
        ),
    )
}


def module_folder(original: Original) -> Path:
    """The module's files in Go's own cache, downloaded when missing and checked against go.sum. Raises BuildError."""
    go, _version = golang.find_go() or ("go", ())
    with tempfile.TemporaryDirectory() as work:
        for file in original.program.files():
            shutil.copy(file, work)
        command = [go, "mod", "download", "-json", original.module]
        answer = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise BuildError(f"{' '.join(command)} failed: {answer.stderr.strip() or answer.stdout.strip()}")
    return Path(json.loads(answer.stdout)["Dir"])
