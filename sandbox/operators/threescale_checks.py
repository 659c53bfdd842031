# SPDX-License-Identifier: GPL-3.0-or-later
"""What the 3scale operator checks before it installs. Pure; the words are the operator's own."""

from __future__ import annotations

from sandbox.operators.kube import Object
from sandbox.operators.threescale_parts import external

DATABASES = {
    "system-redis": ("system redis", ("URL",), ("redis://", "rediss://")),
    "backend-redis": ("backend redis", ("REDIS_STORAGE_URL", "REDIS_QUEUES_URL"), ("redis://", "rediss://")),
    "system-database": ("system database", ("URL",), ("postgresql://", "mysql2://")),
}
S3_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_BUCKET", "AWS_REGION")
NEEDED = {"system.redis", "system.database", "backend.redis"}


def generation(csv: str) -> str:
    """The product's version of an operator: ``3scale-operator.v0.13.4`` → ``2.16``."""
    minor = int(csv.split(".v", 1)[1].split(".")[1])
    return f"2.{minor + 3}"


def preflight(body: Object, version: str, secrets: dict[str, dict[str, str]]) -> str:
    """Why the installation can't go on, "" when it can. ``secrets``: values of the databases' Secrets by name."""
    spec = body["spec"]
    annotations = body["metadata"].get("annotations") or {}
    before = annotations.get("apps.3scale.net/apimanager-threescale-version", version)
    if int(version.split(".")[1]) - int(before.split(".")[1]) > 1:
        return f"attempted upgrade from {before} to {version} not allowed"
    if int(version.split(".")[1]) < 16:
        return ""
    if not external(spec) >= NEEDED:
        return (
            "cannot continue with the installation. External databases are required to be set in the APIManager "
            "for system Redis, backend Redis and system database"
        )
    for name, (title, keys, schemes) in DATABASES.items():
        values = secrets.get(name) or {}
        if not all(values.get(key, "").startswith(schemes) for key in keys):
            return f"failed to verify {title} version. Ensure that the {name} secret is correctly configured"
    return ""


def lacking(spec: Object, there: set[str]) -> list[str]:
    """Secrets of databases outside that are not there: nothing is made before they are."""
    outside = external(spec)
    places = {"system-database": "system.database", "system-redis": "system.redis", "backend-redis": "backend.redis"}
    return [name for name, place in places.items() if place in outside and name not in there]


def missing_s3_keys(values: dict[str, str]) -> list[str]:
    """Keys that the Secret for S3 file storage lacks."""
    return [key for key in S3_KEYS if not values.get(key)]


def policies(spec: Object) -> list[Object]:
    """The custom policies of both gateways, each once: ``{name, version, secretRef}``."""
    found: dict[tuple[str, str], Object] = {}
    for section in ("stagingSpec", "productionSpec"):
        for policy in ((spec.get("apicast") or {}).get(section) or {}).get("customPolicies") or []:
            found[policy["name"], policy["version"]] = policy
    return list(found.values())
