# SPDX-License-Identifier: GPL-3.0-or-later
"""What a completion request asks for, checked as vLLM checks it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.models import tokens


class Refused(Exception):  # noqa: N818 - an answer, not a failure of ours
    """The request gets this HTTP status and vLLM's error object."""

    def __init__(self, code: int, message: str, kind: str = "BadRequestError", param: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.kind, self.param = code, message, kind, param

    def body(self) -> dict[str, Any]:
        """The JSON body, as vLLM 0.11 writes it."""
        return {"error": {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}}


@dataclass(frozen=True)
class Options:
    """A checked request for text."""

    prompts: tuple[str, ...]
    prompt_tokens: int
    max_tokens: int
    n: int
    seed: int | None
    stop: tuple[str, ...]
    ignore_eos: bool
    min_tokens: int
    echo: bool
    stream: bool
    include_usage: bool
    continuous_usage: bool


def model_of(data: dict[str, Any], names: tuple[str, ...]) -> str:
    """The model that a request names (the first served one when it names none)."""
    model = data.get("model") or names[0]
    if model not in names:
        raise Refused(404, f"The model `{model}` does not exist.", "NotFoundError", "model")
    return str(model)


def _stop(data: dict[str, Any]) -> tuple[str, ...]:
    stop = data.get("stop") or ()
    return (stop,) if isinstance(stop, str) else tuple(str(word) for word in stop)


def _integer(data: dict[str, Any], name: str, default: int | None) -> int | None:
    value = data.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused(
            400, f"1 validation error:\n  Input should be a valid integer, field: {name}", "Bad Request", name
        )
    return value


def _limit(data: dict[str, Any], prompt_tokens: int, context: int, what: str) -> int:
    """How many tokens may be generated, or a refusal in vLLM's words."""
    asked = _integer(data, "max_completion_tokens", None)
    asked = asked if asked is not None else _integer(data, "max_tokens", None)
    if asked is not None and asked < 1:
        raise Refused(400, f"max_tokens must be at least 1, got {asked}.", param="max_tokens")
    if prompt_tokens + (asked or 1) > context:
        total = prompt_tokens + (asked or 0)
        detail = f"({prompt_tokens} in the {what}, {asked or 0} in the completion)"
        raise Refused(
            400,
            f"This model's maximum context length is {context} tokens. However, you requested {total} tokens {detail}. "
            f"Please reduce the length of the {what} or completion.",
        )
    return asked if asked is not None else context - prompt_tokens


def _options(data: dict[str, Any], prompts: tuple[str, ...], prompt_tokens: int, context: int, what: str) -> Options:
    stream = bool(data.get("stream"))
    extra = data.get("stream_options") or {}
    if extra and not stream:
        raise Refused(400, "Stream options can only be defined when `stream=True`.", "Bad Request", "stream_options")
    temperature = data.get("temperature")
    if isinstance(temperature, (int, float)) and temperature < 0:
        raise Refused(400, f"temperature must be non-negative, got {float(temperature)}.", param="temperature")
    n = _integer(data, "n", 1) or 1
    if n < 1:
        raise Refused(400, f"n must be at least 1, got {n}.", param="n")
    return Options(
        prompts=prompts,
        prompt_tokens=prompt_tokens,
        max_tokens=_limit(data, prompt_tokens, context, what),
        n=n,
        seed=_integer(data, "seed", None),
        stop=_stop(data),
        ignore_eos=bool(data.get("ignore_eos")),
        min_tokens=_integer(data, "min_tokens", 0) or 0,
        echo=bool(data.get("echo")),
        stream=stream,
        include_usage=bool(extra.get("include_usage")),
        continuous_usage=bool(extra.get("continuous_usage_stats")),
    )


def chat(data: dict[str, Any], context: int) -> Options:
    """Check the body of ``/v1/chat/completions`` for a model of ``context`` tokens."""
    messages = data.get("messages")
    if (
        not isinstance(messages, list)
        or not messages
        or not all(isinstance(m, dict) and m.get("role") for m in messages)
    ):
        raise Refused(400, "1 validation error:\n  Field required: messages (a list of {role, content})", "Bad Request")
    question = next((tokens.content_text(m.get("content")) for m in reversed(messages) if m["role"] == "user"), "")
    return _options(data, (question,), tokens.count_messages(messages), context, "messages")


def completion(data: dict[str, Any], context: int) -> Options:
    """Check the body of ``/v1/completions``."""
    prompt = data.get("prompt")
    prompts = (prompt,) if isinstance(prompt, str) else tuple(str(part) for part in prompt or ())
    if not prompts:
        raise Refused(400, "Either prompt or prompt_embeds must be provided and non-empty.", "Bad Request", "prompt")
    return _options(data, prompts, sum(1 + tokens.count(text) for text in prompts), context, "prompt")
