# SPDX-License-Identifier: GPL-3.0-or-later
"""Deterministic text: the same model and prompt always give the same tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.models.tokens import pieces

_TEXT = (
    "the gateway counts every token that a model returns and the plan of the application decides how many "
    "may follow while a portal shows developers their keys limits and usage so that teams share one service "
    "with clear addresses fair quotas honest meters and answers that stay the same from run to run"
)
_WORDS = _TEXT.split()
_QUOTED = 160  # characters of the question that an answer repeats


@dataclass(frozen=True)
class ToolCall:
    """The call of a tool that an answer is; its tokens are the arguments."""

    id: str
    name: str


@dataclass(frozen=True)
class Answer:
    """Generated tokens and why they end: ``stop``, ``length`` or ``tool_calls``."""

    tokens: tuple[str, ...]
    finish_reason: str
    tool: ToolCall | None = None

    @property
    def text(self) -> str:
        """The tokens joined."""
        return "".join(self.tokens)


def _filler(seed: bytes) -> Iterator[str]:
    """Endless sentences, decided by the seed."""
    state = seed
    while True:
        state = hashlib.sha256(state).digest()
        words = [_WORDS[byte % len(_WORDS)] for byte in state[: 5 + state[31] % 8]]
        yield " " + " ".join(words).capitalize() + "."


def _tokens(model: str, question: str, seed: bytes) -> Iterator[tuple[str, bool]]:
    """Tokens without end, each with whether the answer may end after it."""
    quoted = " ".join(question.split())[:_QUOTED]
    opening = f"{model} answers: “{quoted}”." if quoted else f"{model} answers."
    sentences = 2 + seed[0] % 3
    head = pieces(opening)
    for position, piece in enumerate(head):
        yield piece, sentences == 0 and position == len(head) - 1
    for number, sentence in enumerate(_filler(seed), 1):
        parts = pieces(sentence)
        for position, piece in enumerate(parts):
            yield piece, number >= sentences and position == len(parts) - 1


def generate(
    model: str,
    question: str,
    max_tokens: int,
    *,
    choice: int = 0,
    seed: int | None = None,
    stop: tuple[str, ...] = (),
    ignore_eos: bool = False,
    min_tokens: int = 0,
) -> Answer:
    """Answer ``question``; at most ``max_tokens`` tokens, ended early by ``stop`` strings (which are left out).

    ``ignore_eos`` goes on to ``max_tokens`` as in vLLM, which makes an answer of an exact length.
    """
    state = hashlib.sha256(f"{model}\0{question}\0{choice}\0{seed}".encode()).digest()
    tokens: list[str] = []
    text = ""
    for piece, may_end in _tokens(model, question, state):
        if len(tokens) >= max_tokens:
            return Answer(tuple(tokens), "length")
        tokens.append(piece)
        text += piece
        cut = min((text.find(word) for word in stop if word in text), default=-1)
        if cut >= 0:
            return Answer(_shortened(tokens, cut), "stop")
        if may_end and not ignore_eos and len(tokens) >= min_tokens:
            return Answer(tuple(tokens), "stop")
    raise AssertionError("the filler never ends")


def _shortened(tokens: list[str], length: int) -> tuple[str, ...]:
    """The same number of generated tokens, with the text cut to ``length`` characters, as a stop string does."""
    kept: list[str] = []
    for piece in tokens:
        kept.append(piece[: max(0, length)])
        length -= len(piece)
    return tuple(kept)
