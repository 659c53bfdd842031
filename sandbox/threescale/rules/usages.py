# SPDX-License-Identifier: GPL-3.0-or-later
"""Backends used by products: paths, and what goes when a usage goes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..store import Row
from .metrics import metrics_of

if TYPE_CHECKING:
    from ..sandbox import Sandbox

PATH_FORMAT = 'must be a path separated by "/". E.g. "" or "my/path"'
PATH_TAKEN = "This path is already taken. Specify a different path."
_PATH = re.compile(r"\A(?:[A-Za-z0-9\-_.!~*'():@&=+$,;/]|%[0-9A-Fa-f]{2})*\Z")


def normal_path(path: str | None) -> str:
    """With one leading `/` and no trailing one; nothing is `/`."""
    return "/" + re.sub(r"\A/+|/+\Z", "", path or "")


def is_path(path: str) -> bool:
    """Whether it is a path and nothing else."""
    bare = path.strip("/")
    return bool(_PATH.match(bare)) and not re.match(r"\A[A-Za-z][A-Za-z0-9+.\-]*:", bare)


def delete_usage(sandbox: Sandbox, usage: Row) -> None:
    """Delete a usage and, as far as the release does, the product's limits on the backend's metrics."""
    db = sandbox.db
    plans = {plan["id"] for plan in db.where("plans", issuer_type="Service", issuer_id=usage["service_id"])}
    for metric in (
        []
        if not sandbox.config.release.usages_take_limits_along
        else metrics_of(sandbox, "BackendApi", usage["backend_api_id"])
    ):
        for limit in db.where("usage_limits", metric_id=metric["id"]):
            if limit["plan_id"] in plans:
                db.delete("usage_limits", limit)
    db.delete("backend_api_configs", usage)
