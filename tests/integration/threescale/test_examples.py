# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example of the modules' documentation runs as it stands (in check mode, but for addresses and secrets)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

from tests.integration.threescale.conftest import Play, Runner, Step
from tests.support.standin import Standin

ROOT = Path(__file__).resolve().parents[3]


class Loader(yaml.SafeLoader):
    """YAML with Ansible's tag for texts that are no templates: they are kept from Ansible by raw blocks here."""


Loader.add_constructor("!unsafe", lambda loader, node: "{% raw %}" + loader.construct_scalar(node) + "{% endraw %}")


def examples(standin: Standin) -> list[tuple[str, Step]]:
    """Title and step of each example, with the stand-in's addresses and tokens."""
    found = []
    for file in sorted((ROOT / "plugins/modules").glob("threescale_*.py")):
        documented, _mark, text = file.read_text().partition('EXAMPLES = r"""\n')
        text = text.partition('"""')[0]
        for task in yaml.load(text, Loader):
            options: dict[str, Any] = task[f"rhai.maas.{file.stem}"]
            options.pop("threescale_url", None)
            options.pop("access_token", None)
            written = json.dumps(options).replace("https://master.apps.example.com", standin.master_url)
            written = written.replace("{{ vault_threescale_master_token }}", standin.master_token)
            written = re.sub(r"\{\{ vault_\w+ \}\}", "a-long-secret-0123456789", written)
            options = json.loads(written)
            if "\n  portal_url:\n" in documented:
                options["portal_url"] = standin.portal_url
            found.append((task["name"], Step(file.stem, options, check=True)))
    return found


def test_examples_run(standin: Standin, run: Runner, play: Play) -> None:
    """What some examples take for granted is made first."""
    metrics = [{"system_name": "total_tokens"}]
    product = {"system_name": "granite-8b-code-instruct", "metrics": metrics, "promotion": "none"}
    team = {"username": "team-a", "org_name": "Team A", "email": "a@example.com", "password": "a-Long-passw0rd"}
    run.done(Step("threescale_product", product), Step("threescale_account", team))
    named = examples(standin)
    results = play(*(step for _name, step in named))
    failed = {name: result.message for (name, _step), result in zip(named, results, strict=True) if result.failed}
    assert len(named) > 25 and not failed, failed
    assert standin.counters()["writes"] == 0
