# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions that trust the sandbox's certificate authority, and none that the environment names."""

from __future__ import annotations

import requests


def session(ca: str, token: str = "") -> requests.Session:
    """A session for one certificate authority (a path); ``token``: of the Admin API.

    ``requests`` lets REQUESTS_CA_BUNDLE win over a session's own choice, unless the environment is not asked.
    """
    made = requests.Session()
    made.trust_env = False
    made.verify = ca
    if token:
        made.auth = ("", token)
    return made
