# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A vaulted file as YAML whose single values are vaulted, which an inventory source can read without a password."""

from __future__ import annotations

DOCUMENTATION = r"""
name: vaulted
short_description: Encrypts the values of a vaulted file one by one
version_added: 0.2.0
author:
  - The rhai.maas maintainers (@rhai)
description:
  - Reads files of variables that are encrypted as a whole and returns them as YAML in which each text is encrypted by
    itself.
  - An inventory that the automation platform sources from a project takes no Vault credential, so a file encrypted
    as a whole breaks its sync; values that are encrypted one by one pass through, and the job decrypts them.
  - Decrypts and encrypts with the vault secret of the run.
options:
  _terms:
    description: Files on the control node.
    required: true
    type: list
    elements: path
  kept:
    description:
      - A file that an earlier call's result was written to. Values that are still the same keep their encrypted form,
        so the file does not change.
    type: path
"""

EXAMPLES = r"""
- name: Write a file of secrets that an inventory source can read
  ansible.builtin.copy:
    content: "{{ lookup('rhai.maas.vaulted', source, kept=target) }}"
    dest: "{{ target }}"
    mode: "0600"
  diff: false
  vars:
    source: inventory/group_vars/all/vault.yml
    target: project/inventory/group_vars/all/vault.yml
"""

RETURN = r"""
_raw:
  description: The files' variables as YAML, each text encrypted.
  type: list
  elements: str
"""

from collections.abc import Mapping  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any, Callable  # noqa: E402

import yaml  # noqa: E402
from ansible.errors import AnsibleError, AnsibleLookupError  # noqa: E402
from ansible.parsing.vault import VaultLib  # noqa: E402
from ansible.plugins.lookup import LookupBase  # noqa: E402


class Sealed(str):
    """The encrypted form of a text."""


class _Loader(yaml.SafeLoader):
    """YAML in which ``!vault`` marks an encrypted text."""


class _Dumper(yaml.SafeDumper):
    """The reverse."""


def _constructed(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Sealed:
    return Sealed(loader.construct_scalar(node))


_Loader.add_constructor("!vault", _constructed)
_Dumper.add_representer(Sealed, lambda dumper, text: dumper.represent_scalar("!vault", str(text), style="|"))


def sealed(value: Any, kept: Any, seal: Callable[[str], str], unseal: Callable[[str], str]) -> Any:
    """``value`` with each text sealed but empty ones; what ``kept`` holds at the same place stays as it is there."""
    if isinstance(value, Mapping):
        old = kept if isinstance(kept, Mapping) else {}
        return {str(name): sealed(entry, old.get(name), seal, unseal) for name, entry in value.items()}
    if isinstance(value, (list, tuple)):
        rows = kept if isinstance(kept, list) and len(kept) == len(value) else [None] * len(value)
        return [sealed(entry, old, seal, unseal) for entry, old in zip(value, rows)]
    if isinstance(value, str) and value and not isinstance(value, Sealed):
        if isinstance(kept, Sealed) and unseal(kept) == value:
            return kept
        return Sealed(seal(value))
    return value


class LookupModule(LookupBase):  # type: ignore[misc]
    """Reads, decrypts, seals."""

    def run(self, terms: list[str], variables: Any = None, **kwargs: Any) -> list[str]:
        """One text for each file."""
        self.set_options(var_options=variables, direct=kwargs)
        vault: VaultLib = self._loader._vault
        if not vault.secrets:
            raise AnsibleLookupError(
                "rhai.maas.vaulted: no vault secret was given; run with --vault-password-file or --ask-vault-pass."
            )
        before = self._parsed(self.get_option("kept"))
        return [self._sealed(vault, str(term), before) for term in terms]

    def _sealed(self, vault: VaultLib, name: str, kept: Any) -> str:
        def unseal(text: str) -> str:
            try:
                return str(vault.decrypt(text).decode())
            except AnsibleError:
                return ""  # of another password: to be sealed anew

        path = self._loader.path_dwim(name)
        try:
            content = vault.decrypt(Path(path).read_bytes())
            value = yaml.load(content, _Loader)
        except (AnsibleError, OSError, yaml.YAMLError) as error:
            raise AnsibleLookupError(f"rhai.maas.vaulted: cannot read {name}: {type(error).__name__}.") from None
        result = sealed(value or {}, kept, lambda text: str(vault.encrypt(text).decode()), unseal)
        return "---\n" + str(yaml.dump(result, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120))

    @staticmethod
    def _parsed(name: str | None) -> Any:
        """What an earlier result holds; nothing where there is none, or nothing that can be read."""
        try:
            return yaml.load(Path(name).read_text(encoding="utf-8"), _Loader) if name else None
        except (OSError, yaml.YAMLError):
            return None
