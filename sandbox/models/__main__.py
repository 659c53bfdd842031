# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m sandbox.models``: one model server in the foreground, started by its own flags or by vLLM's or TEI's."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from sandbox.common.serve import serve
from sandbox.models.app import application
from sandbox.models.images import gpu_refusal, unknown_flags
from sandbox.models.server import PROGRAMS, TASKS, Model

CONTEXT = 4096


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sandbox models", allow_abbrev=False, description=__doc__)
    parser.add_argument("--host", default=os.environ.get("POD_IP", "127.0.0.1"), help="address to listen on")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--name", "--served-model-name", nargs="+", help="names of the model, the first one answers")
    parser.add_argument("--task", help=f"one of {', '.join(TASKS)} (vLLM's 'generate' and 'embed' too)")
    parser.add_argument("--model", "--model-id", default="", help="folder with the model's config.json, or its name")
    parser.add_argument("--max-model-len", type=int, help="tokens of the context window")
    parser.add_argument("--vector-size", type=int, help="numbers in an embedding")
    parser.add_argument("--api-key", default=os.environ.get("VLLM_API_KEY", ""), help="bearer token wanted below /v1")
    parser.add_argument("--program", choices=PROGRAMS, default="vllm", help="whose routes and words it has")
    parser.add_argument("--image", default="", help="the image that is played: decides known flags and GPUs")
    parser.add_argument("--gpu", default="", help="compute capability of the container's GPU, such as 8.6")
    parser.add_argument("--enable-force-include-usage", action="store_true", help="usage in every stream")
    parser.add_argument("--token-delay", type=float, default=0.0, help="seconds between generated tokens")
    return parser


def read_config(folder: str) -> dict[str, Any]:
    """``config.json`` of a downloaded model; ends with vLLM's words when the folder lacks it."""
    path = Path(folder)
    if not path.is_absolute():
        return {}
    try:
        config = json.loads((path / "config.json").read_text())
    except OSError:
        sys.exit(f"OSError: Can't load the configuration of '{folder}': there is no config.json in that folder.")
    except ValueError as error:
        sys.exit(
            f"OSError: It looks like the config file at '{path / 'config.json'}' is not a valid JSON file: {error}"
        )
    return config if isinstance(config, dict) else {}


def _task(given: str | None, config: dict[str, Any], program: str) -> str:
    named = {"generate": "chat", "embed": "embedding", "score": "rerank"}.get(given or "", given)
    if named is None:
        kind = " ".join(config.get("architectures") or [])
        usual = "embedding" if program == "tei" or "Bert" in kind else "chat"
        named = "rerank" if "SequenceClassification" in kind else "transcription" if "Whisper" in kind else usual
    if named not in TASKS:
        sys.exit(f"--task {given}: must be one of {', '.join(TASKS)}")
    return named


def _check_image(program: str, image: str, gpu: str, argv: list[str]) -> None:
    """End as the program in this image ends with flags that it does not know, or on a GPU that it was not built for."""
    if not image:
        return
    if program == "vllm" and (unknown := unknown_flags(image, argv)):
        print(f"api_server.py: error: unrecognized arguments: {' '.join(unknown)}", file=sys.stderr, flush=True)
        sys.exit(2)
    if program == "tei" and (refusal := gpu_refusal(image, gpu)):
        sys.exit(f"Error: Could not create backend\n\nCaused by:\n    Could not start backend: {refusal}")


def model_from(argv: list[str]) -> tuple[Model, str, int]:
    """The model, host and port that a command line describes."""
    known, others = _parser().parse_known_args(argv)
    _check_image(known.program, known.image, known.gpu, argv)
    if others:
        print(f"flags without a meaning here: {' '.join(others)}", flush=True)
    config = read_config(known.model)
    own = config.get("max_position_embeddings") or config.get("n_positions") or known.max_model_len or CONTEXT
    if known.max_model_len and known.max_model_len > own:
        sys.exit(
            f"ValueError: User-specified max_model_len ({known.max_model_len}) is greater than the derived "
            f"max_model_len (max_position_embeddings={own} or model_max_length=None in model's config.json)."
        )
    names = tuple(known.name or [known.model.rstrip("/") or "model"])
    if not all(names):
        sys.exit("--served-model-name is empty: was {{.Name}} of the ServingRuntime rendered by a template engine?")
    model = Model(
        names=names,
        task=_task(known.task, config, known.program),
        root=known.model,
        context=known.max_model_len or own,
        vector_size=known.vector_size or config.get("hidden_size") or config.get("n_embd") or 768,
        api_key=known.api_key,
        token_delay=known.token_delay,
        program=known.program,
        force_usage=known.enable_force_include_usage,
    )
    return model, known.host, known.port


def main(argv: list[str] | None = None) -> None:
    """Serve until SIGTERM."""
    model, host, port = model_from(sys.argv[1:] if argv is None else argv)
    serve(application(model), host, port, f"model server {model.names[0]} ({model.task})")


if __name__ == "__main__":
    main()
