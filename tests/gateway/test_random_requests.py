# SPDX-License-Identifier: GPL-3.0-or-later
"""llm-usage: the wish for usage in random bodies, by the policy's own code: nothing but the wish is put in."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from lupa import luajit21

from tests.gateway.test_random_streams import ALPHABET
from tests.sandbox.gateway.conftest import SHIPPED

BODIES = 3000
FOLDER = SHIPPED / "llm-usage" / "1.0"
ASK = """
function(folder, decode)
  package.path = folder .. '/?.lua;' .. package.path
  ngx = {}
  package.loaded['cjson.safe'] = { decode = function(text) return decode(text) end }
  local request = require('usage_request')
  return function(body)
    local found = request.may_stream(body) and request.scan(body)
    return found and request.asking_for_usage(body, found) or body
  end
end
"""
NAMES = ["stream", "stream_options", "include_usage", "model", "messages", "stream ", "Stream", "x"]


class Body:
    """A JSON object written by hand, so that names may be twice, escaped, and with any white space between."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.members = [self.member() for _ in range(self.random.randint(0, 6))]
        self.text = self.space() + "{" + ",".join(self.members) + self.space() + "}" + self.space()

    def space(self) -> str:
        return "".join(self.random.choice(" \n\t\r") for _ in range(self.random.choice([0, 0, 0, 1, 3])))

    def string(self, text: str) -> str:
        quoted = json.dumps(text, ensure_ascii=self.random.random() < 0.5)
        if self.random.random() < 0.2:
            quoted = '"' + "".join(f"\\u{ord(char):04x}" if char in "aeiou_" else char for char in quoted[1:-1]) + '"'
            return quoted if "\\\\u" not in quoted else json.dumps(text)
        return quoted

    def text_value(self) -> str:
        return "".join(self.random.choice(ALPHABET) for _ in range(self.random.randint(0, 12)))

    def value(self, depth: int = 0) -> str:
        kinds = [
            "true",
            "false",
            "null",
            "1",
            "0",
            '"True"',
            '"no"',
            "-2.50e+3",
            "12345678901234567890",
            self.string(self.text_value()),
        ]
        if depth > 3 or self.random.random() < 0.5:
            return self.random.choice(kinds)
        inner = [self.member(depth + 1) for _ in range(self.random.randint(0, 3))]
        if self.random.random() < 0.6:
            return "{" + self.space() + ",".join(inner) + self.space() + "}"
        return "[" + ",".join(self.value(depth + 1) for _ in inner) + self.space() + "]"

    def member(self, depth: int = 0) -> str:
        name = self.random.choice(NAMES)
        value = "true" if name == "stream" and self.random.random() < 0.7 else self.value(depth)
        return f"{self.space()}{self.string(name)}{self.space()}:{self.space()}{value}{self.space()}"


def truth(value: Any) -> bool | None:
    """What a server that reads with pydantic takes a value for; None: it refuses it."""
    said = value.lower() if isinstance(value, str) else value
    if isinstance(said, (list, dict)):
        return None
    if said in (True, "true", "yes", "1", "1.0", "on", "t", "y"):
        return True
    return False if said in (None, False, "false", "no", "0", "0.0", "off", "f", "n") else None


def wished(parsed: dict[str, Any]) -> dict[str, Any]:
    """What a body says once the wish is in it."""
    options = parsed.get("stream_options")
    if not truth(parsed.get("stream")) or not isinstance(options, (dict, type(None))):
        return parsed
    asked = (options or {}).get("include_usage")
    return (
        parsed
        if truth(asked) is not False
        else {**parsed, "stream_options": {**(options or {}), "include_usage": True}}
    )


@pytest.fixture(scope="module")
def ask() -> Any:
    lua = luajit21.LuaRuntime(encoding="utf-8")

    def decode(text: str) -> Any:
        try:
            return json.loads(text)
        except ValueError:
            return None

    return lua.eval(ASK)(str(FOLDER), decode)


def is_put_in(text: str, got: str) -> bool:
    """Whether one of the ways to put the wish in, at one place, makes the one of the other."""
    wish = '"include_usage":true'
    ways = [("", wish), ("", wish + ","), ("", f',"stream_options":{{{wish}}}'), ("null", f"{{{wish}}}")]
    ways += [(no, "true") for no in ("null", "false", "0", '"no"')]
    return any(
        text[:at] + new + text[at + len(old) :] == got
        for old, new in ways
        if len(text) - len(old) + len(new) == len(got)
        for at in range(len(text) - len(old) + 1)
        if text[at : at + len(old)] == old
    )


def test_the_wish_and_nothing_else(ask: Any) -> None:
    faults, changed = {}, 0
    for seed in range(BODIES):
        text = Body(seed).text
        got = ask(text)
        changed += got != text
        if json.loads(got) != wished(json.loads(text)) or (got != text and not is_put_in(text, got)):
            faults[seed] = f"{text} became {got}"
    assert faults == {}
    assert changed > BODIES / 10
