# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""An Ansible module that shows no secret: not in its log, not in what it returns, not in the options that it repeats.

Ansible replaces the values of ``no_log`` options wherever they occur, in other words too. Here they are hidden by their
place, and only those that are long, and that no readable option holds, are looked for elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Callable

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.rhai.maas.plugins.module_utils.engine.secrets import (
    HIDDEN,
    LONG_ENOUGH,
    free_form,
    hide_options,
    readable,
)

Finder = Callable[[Mapping[str, Any]], Iterable[str]]


def nothing(_params: Mapping[str, Any]) -> Iterable[str]:
    """A finder for modules whose free-form options hold no secrets beside those that are told by their names."""
    return ()


class QuietModule(AnsibleModule):  # type: ignore[misc]
    """AnsibleModule with the secrets of free-form options planted before anything is logged.

    ``find`` names more of them from the options: what a schema among them marks.
    """

    no_log_values: set[Any]

    def __init__(self, find: Finder = nothing, **more: Any) -> None:
        self._find = find
        self.marked: set[str] = set()
        self.secrets: set[str] = set()
        super().__init__(**more)
        if self.no_log:  # nothing was logged, so that nothing is planted yet
            self._plant()
        self._look_only_for_long_ones()

    def _log_invocation(self) -> None:
        self._plant()
        super()._log_invocation()

    def _plant(self) -> None:
        self.keep_secret([*free_form(self.params, self.argument_spec), *self._find(self.params)])

    def _look_only_for_long_ones(self) -> None:
        shown = set(readable(self.invocation()["module_args"], self.argument_spec))
        self.secrets = {text for text in self.no_log_values if isinstance(text, str) and text} - shown
        self.no_log_values = {text for text in self.secrets if len(text) >= LONG_ENOUGH}

    def keep_secret(self, texts: Iterable[str]) -> None:
        """Hide these values too, wherever they are a whole value, and inside of other texts if they are long."""
        found = {text for text in texts if text}
        self.marked |= found
        self.no_log_values |= {text for text in found if len(text) >= LONG_ENOUGH}

    def invocation(self) -> dict[str, Any]:
        """The options of this call, as they may be shown."""
        return {"module_args": hide_options(self.params, self.argument_spec, self.marked)}

    def without_secrets(self, text: str) -> str:
        """A text for people in which no secret stands as a word."""
        hidden = self.secrets | self.marked
        return " ".join(HIDDEN if word.strip("'\",;:()") in hidden else word for word in text.split(" "))

    def fail_json(self, msg: Any, **more: Any) -> None:
        """End badly, also where Ansible does so by itself: it would repeat options that it can't read as they are."""
        super().fail_json(msg, **{"invocation": self.invocation(), **more})

    def leave(self, result: Mapping[str, Any]) -> None:
        """End well."""
        self.exit_json(**{**result, "invocation": self.invocation()})

    def fail(self, result: Mapping[str, Any]) -> None:
        """End badly."""
        said = {**result, "msg": self.without_secrets(str(result["msg"]))}
        self.fail_json(**{**said, "invocation": self.invocation()})
