# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of the developer portal, made of the role's templates and a table of texts."""

from __future__ import annotations

DOCUMENTATION = r"""
name: portal_pages
short_description: Makes the files of the developer portal
version_added: 0.2.0
author:
  - The rhai.maas maintainers (@rhai)
description:
  - Reads a folder of templates and a table of texts, and returns the files that
    M(rhai.maas.threescale_portal) takes as O(rhai.maas.threescale_portal#module:files), and the titles of pages.
  - What the models' entries hold is put into pages as text, neither as HTML nor as Liquid.
options:
  _terms:
    description: Folders of templates on the control node.
    required: true
    type: list
    elements: path
  languages:
    description: Folder with a table of texts for each language. Texts that a language lacks are in English.
    type: path
    required: true
  language:
    description: Language of the portal, such as V(en) or V(es).
    type: str
    default: en
  texts:
    description: Texts laid over those of the language, in the form of the tables.
    type: dict
    default: {}
  models:
    description: What P(rhai.maas.portal_models#filter) returns.
    type: list
    elements: dict
    default: []
  theme:
    description: Colours of V(light) and V(dark) by the names of the style's variables.
    type: dict
    default: {}
  name:
    description: Name of the portal in place of the tenant's.
    type: str
    default: ''
  currency:
    description: Currency that prices are in.
    type: str
    default: ''
  legal:
    description: Files of HTML for the pages V(terms), V(privacy) and V(imprint).
    type: dict
    default: {}
  ca_path:
    description:
      - File with the certificates of a private authority, which are offered for download. Whatever else it
        holds is left out, and a whole bundle of a system is not offered.
    type: path
  key_prefix:
    description: What is written before a key.
    type: str
    default: ''
  password_sign_up:
    description: Whether the form to sign up is there beside single sign-on.
    type: bool
    default: false
  invitations:
    description: Whether users can be invited beside single sign-on.
    type: bool
    default: false
  single_sign_out:
    description: Whether signing out ends the session at Keycloak too.
    type: bool
    default: false
  identity_provider:
    description: Alias of Keycloak's identity provider that people who sign in are sent on to at once.
    type: str
    default: ''
  security_policy:
    description: Content security policy of the pages; V(strict) makes one that fits, V(none) leaves it out.
    type: str
    default: strict
"""

EXAMPLES = r"""
- name: Make the portal's files in Spanish
  ansible.builtin.set_fact:
    portal: "{{ lookup('rhai.maas.portal_pages', folder, languages=languages, language='es', models=cards) }}"
  vars:
    folder: roles/portal_content/templates/portal
    languages: roles/portal_content/languages
    cards: []
"""

RETURN = r"""
_raw:
  description: One mapping, with the texts of the C(files) by their names and the C(titles) of pages by their paths.
  type: list
  elements: dict
"""

from collections.abc import Mapping  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import yaml  # noqa: E402
from ansible.errors import AnsibleError, AnsibleLookupError  # noqa: E402
from ansible.plugins.lookup import LookupBase  # noqa: E402

from ansible_collections.rhai.maas.plugins.plugin_utils import portal_pages as making  # noqa: E402

LEGAL = ("terms", "privacy", "imprint")
_SETTINGS = (
    "theme",
    "name",
    "currency",
    "key_prefix",
    "password_sign_up",
    "invitations",
    "single_sign_out",
    "identity_provider",
)


class LookupModule(LookupBase):  # type: ignore[misc]
    """The lookup plugin."""

    def run(self, terms: list[str], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        """The files and the titles; everything that can be wrong with what was given is told by a sentence."""
        self.set_options(var_options=variables, direct=kwargs)
        try:
            return [self._made(terms)]
        except (OSError, UnicodeError) as error:
            raise AnsibleError(f"The portal's pages can't be made: {error}") from error
        except making.PagesError as error:
            raise AnsibleLookupError(str(error)) from error

    def _made(self, terms: list[str]) -> dict[str, Any]:
        texts, models = self._texts(), self.get_option("models")
        templates: dict[str, str] = {}
        for folder in terms:
            templates.update(read_templates(Path(folder)))
        policy = self.get_option("security_policy")
        settings = {
            **{name: self.get_option(name) for name in _SETTINGS},
            "language": self.get_option("language"),
            "legal": self._legal(),
            "trust": self._trust(),
            "security_policy": {"strict": making.security_policy(models), "none": ""}.get(policy, policy),
        }
        return {
            "files": making.pages(templates, models, texts, settings),
            "titles": making.titles(models, texts, settings["legal"]),
        }

    def _texts(self) -> making.Texts:
        folder, language, own = (
            Path(self.get_option("languages")),
            self.get_option("language"),
            self.get_option("texts"),
        )
        there = sorted(path.stem for path in folder.glob("*.yml"))
        if language not in there and not own:
            raise making.PagesError(
                f"portal_content_language is {language!r}: there is {', '.join(there)}. For another language give its "
                "texts as portal_content_texts, in the form of languages/en.yml."
            )
        files = [folder / f"{name}.yml" for name in ("en", language) if name in there]
        return making.Texts(making.merged(*(yaml.safe_load(file.read_text("utf-8")) for file in files), own))

    def _legal(self) -> dict[str, str]:
        given: Mapping[str, Any] = self.get_option("legal")
        for name in given:
            if name not in LEGAL:
                raise making.PagesError(f"portal_content_legal: {name} is not known; known are {', '.join(LEGAL)}")
        return {name: Path(str(file)).read_text("utf-8") for name, file in given.items() if file}

    def _trust(self) -> str:
        path = self.get_option("ca_path")
        return making.certificates(Path(path).read_text("utf-8")) if path else ""


def read_templates(folder: Path) -> dict[str, str]:
    """The templates below a folder by their names, with ``/`` between parts."""
    files = sorted(path for path in folder.rglob("*" + making.END) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in files}
