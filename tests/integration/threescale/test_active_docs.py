# SPDX-License-Identifier: GPL-3.0-or-later
"""threescale_active_doc on documents as people and generators write them."""

from __future__ import annotations

import json
from typing import Any

from tests.integration.threescale.conftest import Runner, Step, assert_protocol, protocol
from tests.support.standin import NEEDS_2_16, Standin

YAML = """
openapi: 3.1
info:
  title: Model
  version: 1.10
  x-released: 2026-01-31
servers:
  - url: "{scheme}://{host}/v1"
    variables:
      scheme: {enum: [https, http], default: https}
      host: {default: granite.example.com}
paths:
  /models:
    get:
      parameters: [{name: order, in: query, schema: {type: string, enum: [on, off]}}]
      responses:
        200: {description: The models}
"""


def document(**more: Any) -> dict[str, Any]:
    """A small sound document."""
    return {"openapi": "3.0.3", "info": {"title": "API", "version": "1"}, "paths": {}, **more}


@NEEDS_2_16
def test_unquoted_yaml(standin: Standin, run: Runner) -> None:
    """Numbers that are versions stay texts, dates and ``on`` too; variables of servers are filled in for the check."""
    written = document(openapi=3.0, info={"title": "API", "version": 1.0})
    docs = [{"system_name": "unquoted", "body": YAML}, {"system_name": "mapping", "body": written}]
    assert_protocol(run.done(*protocol("threescale_active_doc", {"active_docs": docs})))
    kept = {row["system_name"]: json.loads(row["body"]) for row in standin.dump()["api_docs_services"] if row["body"]}
    assert kept["unquoted"]["openapi"] == "3.1.0"
    assert kept["unquoted"]["info"] == {"title": "Model", "version": "1.10", "x-released": "2026-01-31"}
    operation = kept["unquoted"]["paths"]["/models"]["get"]
    assert operation["parameters"][0]["schema"]["enum"] == ["on", "off"] and "200" in operation["responses"]
    assert kept["mapping"]["openapi"] == "3.0.0" and kept["mapping"]["info"]["version"] == "1.0"


def test_refused_before_any_write(standin: Standin, run: Runner) -> None:
    """Each by the name of its option."""
    cases: dict[str, Any] = {
        "active_docs[0].body: the value at /x-limit is nan": YAML + "x-limit: .nan\n",
        "active_docs[0].body: the value at /x-limit is inf": '{"openapi": "3.0.3", "x-limit": Infinity}',
        "server 'ftp://h' must be an absolute address": document(
            servers=[{"url": "{s}://h", "variables": {"s": {"default": "https", "enum": ["https", "ftp"]}}}]
        ),
        "the server refuses localhost": document(servers=[{"url": "https://localhost/v1"}]),
        "is neither JSON": "a: [",
    }
    docs = [[{"system_name": "refused", "body": body}] for body in cases.values()]
    results = run(*(Step("threescale_active_doc", {"active_docs": one}) for one in docs))
    for words, result in zip(cases, results, strict=True):
        assert result.failed and words in result.message, (words, result.message)
    assert standin.counters()["writes"] == 0


def test_words_of_another_version_go_in_unvalidated(run: Runner) -> None:
    """A generator's document is refused with three reasons and their number, and goes in when that is asked for."""
    paths = {f"/v{number}": {"get": {"responses": {"200": {}}, "summary": number}} for number in range(5)}
    doc = {"system_name": "generated", "body": document(paths=paths, info={"title": "FastAPI"})}
    refused, *results = run(
        Step("threescale_active_doc", {"active_docs": [doc]}),
        *protocol("threescale_active_doc", {"active_docs": [{**doc, "skip_swagger_validations": True}]}),
    )
    assert refused.failed and "more reasons" in refused.message and len(refused.message) < 1200, refused.message
    assert "skip_swagger_validations: true" in refused.message
    assert_protocol(results)


def test_active_doc(run: Runner) -> None:
    """Documents are compared parsed, linked to a product, and refused where the server would."""
    doc: dict[str, Any] = {"system_name": "granite", "product": "api", "published": True, "body": document()}
    assert_protocol(run.done(*protocol("threescale_active_doc", doc)), "create active doc granite")
    text = {**doc, "body": "openapi: 3.0.3\ninfo: {title: Better, version: '1'}\npaths: {}\n", "product": ""}
    assert_protocol(run.done(*protocol("threescale_active_doc", text)), "update active doc granite")
    relative, nowhere = run(
        Step("threescale_active_doc", {**doc, "body": document(servers=[{"url": "/v1"}])}),
        Step("threescale_active_doc", {**doc, "product": "nowhere"}),
    )
    assert "server '/v1' must be an absolute address" in relative.message
    assert "there is no product 'nowhere'" in nowhere.message
    gone = {"system_name": "granite", "state": "absent"}
    assert_protocol(run.done(*protocol("threescale_active_doc", gone)), "delete active doc granite")
