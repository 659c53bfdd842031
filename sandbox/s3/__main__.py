# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m sandbox.s3``: moto's S3 in the foreground. Any access key is accepted; addresses are path-style."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from sandbox.s3.app import Controlled
from sandbox.s3.persist import Folder


def main(argv: list[str] | None = None) -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="sandbox s3", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8500)
    parser.add_argument("--state", type=Path, help="folder that keeps the objects (in memory without it)")
    parser.add_argument("--bucket", action="append", default=[], help="a bucket to make at the start (repeatable)")
    known = parser.parse_args(argv)
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    os.environ["S3_IGNORE_SUBDOMAIN_BUCKETNAME"] = "true"  # s3.apps.localhost is no bucket called apps

    from moto.moto_server.werkzeug_app import create_backend_app
    from moto.s3.models import s3_backends
    from werkzeug.serving import make_server

    folder = Folder(known.state) if known.state else None
    if folder:
        folder.start()
    app = Controlled(create_backend_app("s3"), folder.touch if folder else lambda: None)
    try:
        server = make_server(known.host, known.port, app, threaded=True)
    except OSError as error:
        sys.exit(f"S3 could not listen on {known.host}:{known.port}: {error}")
    backend = s3_backends["123456789012"]["aws"]
    for name in known.bucket:
        if name not in backend.buckets:
            backend.create_bucket(name, "us-east-1")
            app.changed()

    def stop(_signal: int, _frame: object) -> None:
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    logging.info("S3 listens on http://%s:%d", known.host, known.port)
    server.serve_forever()
    if folder:
        folder.close()


if __name__ == "__main__":
    main()
