# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m sandbox.hub``: the model hub in the foreground. Clients find it by ``HF_ENDPOINT=http://HOST:PORT``."""

from __future__ import annotations

import argparse
import secrets
from pathlib import Path

from sandbox.common.serve import serve
from sandbox.hub.access import Access
from sandbox.hub.app import application
from sandbox.hub.store import load

TOKEN = "hf_sandbox"
TOKEN_WITHOUT_LICENCE = "hf_sandbox_without_licence"


def main(argv: list[str] | None = None) -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="sandbox hub", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8400)
    parser.add_argument("--token", action="append", help=f"a token that may read gated repositories ({TOKEN})")
    parser.add_argument("--repos", type=Path, help="folder with more repositories: OWNER/NAME/files")
    parser.add_argument("--shard-size", type=int, default=64 * 1024, help="bytes of one file of weights (65536)")
    known = parser.parse_args(argv)
    access = Access(
        accepted=frozenset(known.token or [TOKEN]),
        without_licence=frozenset([TOKEN_WITHOUT_LICENCE]),
        secret=secrets.token_bytes(16),
    )
    serve(application(load(known.shard_size, known.repos), access), known.host, known.port, "model hub")


if __name__ == "__main__":
    main()
