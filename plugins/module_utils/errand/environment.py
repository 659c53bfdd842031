# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""What may stand in a play's environment, which Ansible writes on command lines and into its log. Pure, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.engine.secrets import has_login, sounds_secret

_OWN = ("basic_auth", "access_key", "session_token", "credentials")  # beside what is a secret in other places
_PLACES = ("_file", "_path", "_dir", "_url")  # of a secret, which is none itself


def secrets_of(variables: Mapping[str, Any]) -> list[str]:
    """Names of the variables whose values nobody may see: by the name's end, or for a login inside of an address."""
    return [str(name) for name, value in variables.items() if value and (_secret(str(name)) or has_login(str(value)))]


def _secret(name: str) -> bool:
    words = name.lower().split("_")
    ends = ["_".join(words[start:]) for start in range(len(words))]
    return not name.lower().endswith(_PLACES) and any(end in _OWN or sounds_secret(end) for end in ends)


def told(variables: Mapping[str, Any]) -> dict[str, Any]:
    """The same variables.

    :raises ValueError: when one is a secret, with what to do
    """
    names = secrets_of(variables)
    if names:
        raise ValueError(
            f"maas_environment: {', '.join(names)} would be seen by others, for Ansible writes these variables on "
            "command lines and into its log. Take secrets out of it and give them to the run itself (export NAME=… "
            "before ansible-playbook, a credential on the automation platform), or in a file (K8S_AUTH_KUBECONFIG). "
            "Nothing was written."
        )
    return dict(variables)
