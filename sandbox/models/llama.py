# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m sandbox.models.llama``: a real llama.cpp, by the command line of its server.

The flags are those of ``llama-server`` that a deployment without GPU uses; any other one ends the start, as it does
there. Answers, routes, tokens and metrics are llama.cpp's own.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path
from typing import NoReturn

#: bytes that a file of llama.cpp's format begins with
MAGIC = b"GGUF"
THREADS = 2


class _Parser(argparse.ArgumentParser):
    """Ends with the words and the exit code of llama-server."""

    def error(self, message: str) -> NoReturn:
        print(f"error: {message}\nusage: llama-server [options]", file=sys.stderr, flush=True)
        sys.exit(1)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="llama-server", allow_abbrev=False, description=__doc__)
    parser.add_argument("-m", "--model", default="", help="the model's GGUF file")
    parser.add_argument("-a", "--alias", default="", help="name of the model in answers")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("-c", "--ctx-size", type=int, default=0, help="tokens of the context, shared by the slots")
    parser.add_argument("-np", "--parallel", type=int, default=1, help="slots: requests that are answered side by side")
    parser.add_argument("-t", "--threads", type=int, default=THREADS)
    parser.add_argument("-b", "--batch-size", type=int)
    parser.add_argument("-n", "--predict", "--n-predict", type=int, help="longest answer where a request names none")
    parser.add_argument("--api-key", default=os.environ.get("LLAMA_API_KEY", ""), help="wanted as a bearer token")
    parser.add_argument("--metrics", action="store_true", help="offer /metrics")
    parser.add_argument("--jinja", action="store_true", help="use the model's own chat template")
    return parser


def _checked(path: str) -> str:
    """The path, or the end that llama-server comes to without a model that it can read."""
    if not path:
        sys.exit("error: --model is missing: which GGUF file is to be served?")
    try:
        with Path(path).open("rb") as handle:
            if handle.read(len(MAGIC)) == MAGIC:
                return path
        reason = "invalid magic characters: the file is not in GGUF format"
    except OSError as error:
        reason = f"failed to open GGUF file '{path}' ({error.strerror})"
    sys.exit(f"gguf_init_from_file: {reason}\nllama_model_load: error loading model: failed to load model from {path}")


def start(options: argparse.Namespace) -> str:
    """Start the server in threads of its own; the address at which it listens.

    :param options: what the command line said
    """
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = _checked(options.model)
    params.n_ctx, params.n_parallel, params.cpuparams.n_threads = options.ctx_size, options.parallel, options.threads
    params.hostname, params.port = options.host, options.port
    params.use_jinja, params.endpoint_metrics = options.jinja, options.metrics
    for name, value in (("n_batch", options.batch_size), ("n_predict", options.predict)):
        if value is not None:
            setattr(params, name, value)
    if options.alias:
        params.model_alias = {options.alias}
    if options.api_key:
        params.api_keys = [options.api_key]
    start.server = xllamacpp.Server(params)  # type: ignore[attr-defined]  # it ends with the object
    return str(start.server.listening_address)  # type: ignore[attr-defined]


def main(argv: list[str] | None = None) -> None:
    """Serve until SIGTERM."""
    options, unknown = _parser().parse_known_args(argv)
    if unknown:
        _parser().error(f"invalid argument: {unknown[0]}")
    print(f"main: model loaded, server is listening on {start(options)}", flush=True)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    stop.wait()
    os._exit(0)  # the library's threads have nothing to write down


if __name__ == "__main__":
    main()
