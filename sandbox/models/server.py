# SPDX-License-Identifier: GPL-3.0-or-later
"""What one model server knows, apart from HTTP: its model, its metrics, the ledger of what it gave."""

from __future__ import annotations

import time
import uuid
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.models.generate import Answer, generate
from sandbox.models.metrics import Metrics
from sandbox.models.requests import Options
from sandbox.models.tokens import count

PROGRAMS = ("vllm", "tei")
TASKS = ("chat", "completion", "embedding", "rerank", "transcription")


@dataclass(frozen=True)
class Model:
    """The served model: its names (the first answers), its task, its sizes, and the program that is played."""

    names: tuple[str, ...]
    task: str = "chat"
    root: str = ""
    context: int = 4096
    vector_size: int = 768
    api_key: str = ""
    token_delay: float = 0.0
    program: str = "vllm"
    force_usage: bool = False


@dataclass
class Server:
    """A model with its metrics and the last thousand requests."""

    model: Model
    created: int = field(default_factory=lambda: int(time.time()))
    ledger: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=1000))
    always: frozenset[str] = frozenset()
    metrics: Metrics = field(init=False)

    def __post_init__(self) -> None:
        embedding = self.model.task in ("embedding", "rerank")
        self.metrics = Metrics(self.model.names[0], embedding=embedding and self.model.program == "tei")

    def answers(self, options: Options) -> list[Answer]:
        """``n`` answers for each prompt, in the order of OpenAI's choices."""
        return [
            generate(
                self.model.names[0],
                prompt,
                options.max_tokens,
                choice=choice,
                seed=options.seed,
                stop=options.stop,
                ignore_eos=options.ignore_eos,
                min_tokens=options.min_tokens,
            )
            for prompt in options.prompts
            for choice in range(options.n)
        ]

    def record(self, path: str, headers: dict[str, str], prompt: int, completion: int, reasons: list[str]) -> None:
        """Write what a request cost into the metrics and the ledger (secrets are shown by their length alone)."""
        self.metrics.prompt_tokens += prompt
        self.metrics.generation_tokens += completion
        self.metrics.finished.update(reasons)
        self.metrics.requests[path] += 1
        shown = {k: (f"<{len(v)} characters>" if k in ("authorization", "cookie") else v) for k, v in headers.items()}
        entry = {"path": path, "headers": shown, "prompt_tokens": prompt, "completion_tokens": completion}
        self.ledger.append({**entry, "finish_reasons": reasons})

    def card(self) -> dict[str, Any]:
        """The body of ``/v1/models``."""
        entries = [
            {
                "id": name,
                "object": "model",
                "created": self.created,
                "owned_by": "vllm",
                "root": self.model.root or name,
                "parent": None,
                "max_model_len": self.model.context,
            }
            for name in self.model.names
        ]
        return {"object": "list", "data": entries}


def usage(prompt: int, completion: int) -> dict[str, Any]:
    """OpenAI's usage object."""
    return {
        "prompt_tokens": prompt,
        "total_tokens": prompt + completion,
        "completion_tokens": completion,
        "prompt_tokens_details": None,
    }


def envelope(model: str, chat: bool, stream: bool) -> dict[str, Any]:
    """The fields that every answer and every chunk of one answer share."""
    kind = "chat.completion" if chat else "text_completion"
    name = ("chatcmpl-" if chat else "cmpl-") + uuid.uuid4().hex
    if chat and stream:
        kind = "chat.completion.chunk"
    return {"id": name, "object": kind, "created": int(time.time()), "model": model}


def plain(base: dict[str, Any], options: Options, answers: list[Answer], chat: bool) -> dict[str, Any]:
    """The body of a completion that is not streamed, without its usage."""
    choices: list[dict[str, Any]] = []
    for index, answer in enumerate(answers):
        common = {"index": index, "logprobs": None, "finish_reason": answer.finish_reason, "stop_reason": None}
        if chat:
            choices.append({**common, "message": _message(answer)})
        else:
            prompt = options.prompts[index // options.n] if options.echo else ""
            choices.append({**common, "text": prompt + answer.text})
    return {**base, "choices": choices}


def _message(answer: Answer) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": answer.text, "refusal": None, "tool_calls": []}
    if answer.tool:
        function = {"name": answer.tool.name, "arguments": answer.text}
        message |= {"content": None, "tool_calls": [{"id": answer.tool.id, "type": "function", "function": function}]}
    return message


def _opening(answer: Answer) -> dict[str, Any]:
    """The first delta of a streamed answer."""
    if not answer.tool:
        return {"role": "assistant", "content": ""}
    function = {"name": answer.tool.name, "arguments": ""}
    call = {"index": 0, "id": answer.tool.id, "type": "function", "function": function}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def _delta(answer: Answer, token: str) -> dict[str, Any]:
    if not answer.tool:
        return {"content": token}
    return {"tool_calls": [{"index": 0, "function": {"arguments": token}}]}


def chunks(
    base: dict[str, Any], options: Options, answers: list[Answer], chat: bool
) -> Iterator[tuple[dict[str, Any], int]]:
    """The chunks of a streamed completion (usage chunk left out), each with the tokens given so far."""
    given = 0
    for index, answer in enumerate(answers):
        if chat:
            delta = _opening(answer)
            yield _chunk(base, {"index": index, "delta": delta, "logprobs": None, "finish_reason": None}), given
        elif options.echo:
            yield (
                _chunk(base, {"index": index, "text": options.prompts[index // options.n], "finish_reason": None}),
                given,
            )
        last = len(answer.tokens) - 1
        for position, token in enumerate(answer.tokens):
            given += 1
            end = answer.finish_reason if position == last else None
            if chat:
                choice = {"index": index, "delta": _delta(answer, token), "logprobs": None, "finish_reason": end}
            else:
                choice = {"index": index, "text": token, "logprobs": None, "finish_reason": end, "stop_reason": None}
            yield _chunk(base, choice), given


def _chunk(base: dict[str, Any], choice: dict[str, Any]) -> dict[str, Any]:
    return {**base, "choices": [choice]}


def embedding_tokens(texts: list[str]) -> int:
    """Tokens of texts to embed, the two special ones of each included."""
    return sum(count(text) + 2 for text in texts)
