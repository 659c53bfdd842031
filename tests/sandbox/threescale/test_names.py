# SPDX-License-Identifier: GPL-3.0-or-later
"""Names that the server makes."""

from __future__ import annotations

import pytest

from sandbox.threescale.rules.names import domain_label, parameterize, system_name_from, transliterate
from tests.sandbox.threescale.conftest import Api


@pytest.mark.parametrize(
    ("text", "ascii_text"),
    [
        ("Ærøskøbing", "AEroskobing"),
        ("Žluťoučký kůň", "Zlutoucky kun"),
        ("Straße STRAẞE", "Strasse STRASSE"),
        ("Þór Ðorð ŊŋĦħŦŧĸ ŉ", "Thor Dord NGngHhTtk 'n"),
        ("e\u0301", "e"),
        ("3×4", "3x4"),
        # letters that the server has no word for
        ("Șțǎế", "????"),
        ("ﬁ①²ªº½÷", "???????"),
        ("日本", "??"),
        ("x\u0301", "x?"),
    ],
)
def test_transliteration(text: str, ascii_text: str) -> None:
    assert transliterate(text) == ascii_text


def test_system_names() -> None:
    assert system_name_from("Nomic-Embed v1.5", "service") == "nomic_embed_v1_5"
    assert system_name_from("Tiếng Việt", "service") == "ti_ng_vi_t"
    assert system_name_from("日本", "service").startswith("service_")
    assert parameterize("a²b") == "a-b"


def test_a_long_label_is_cut_without_a_dash_at_the_end() -> None:
    assert domain_label("a" * 64)[:56] == "a" * 55 + "-"
    assert domain_label("a" * 54 + "-" + "b" * 20)[:56] == "a" * 54 + "-" + domain_label("a" * 54 + "-" + "b" * 20)[-7]
    assert len(domain_label("a" * 53 + "--" + "b" * 20)) == 53 + 8


@pytest.mark.parametrize(
    ("names", "domains"),
    [
        (["Tenant", "Tenant", "Tenant"], ["tenant", "tenant-2", "tenant-3"]),
        (["Team 2", "Team 2", "Team 9", "Team 9"], ["team-2", "team-3", "team-9", "team-10"]),
        (["My_-Team"], ["my-team"]),
        (["x admin", "x"], ["x-admin", "x-2"]),
    ],
)
def test_domains_of_tenants(master: Api, names: list[str], domains: list[str]) -> None:
    made = []
    for number, name in enumerate(names):
        body = {"org_name": name, "username": "admin", "email": f"admin{number}@x.io", "password": "secret"}
        made.append(master.make("/master/api/providers.json", body, "signup")["account"]["domain"].partition(".")[0])
    assert made == domains
