# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""The Jobs that copy the catalogue's models into the bucket. Pure, no I/O; takes what ``entries.catalogue`` returns."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.common import CatalogueError, Entry
from ansible_collections.rhai.maas.plugins.module_utils.catalogue.serving import RESTRICTED, prefix_of

#: a model in several files of llama.cpp's format: the server opens the first and finds the others
_PART = re.compile(r"-\d{5}-of-(\d{5})\.gguf$")


def faults(models: Sequence[Entry]) -> list[str]:
    """Models that would be mixed in the bucket, one sentence each: a server takes all that lies below its folder."""
    found: list[str] = []
    seen: list[tuple[str, Entry]] = []
    for model in models:
        if not model["source"]:
            continue
        folder = prefix_of(model)
        for other, there in seen:
            if folder == other and _wish(model) != _wish(there):
                found.append(
                    f"maas_models: {there['name']} and {model['name']} share folder {folder} of the bucket with "
                    "different files; give one of them another source.path"
                )
            elif folder != other and (folder.startswith(other) or other.startswith(folder)):
                found.append(
                    f"maas_models: folders {other} ({there['name']}) and {folder} ({model['name']}) of the bucket lie "
                    "within each other; give one of them another source.path"
                )
        seen.append((folder, model))
    return found


def _wish(model: Entry) -> tuple[Any, ...]:
    source = model["source"]
    patterns = (source.get("include") or _file_of(model), source.get("exclude") or [])
    return source["huggingface"], source["revision"], *patterns


def import_jobs(models: Sequence[Entry], settings: Mapping[str, Any]) -> list[Entry]:
    """Makes one Job for each model that copies it from the hub into the bucket.

    A Job's template can't be changed, so its name holds a digest of all that matters: another wish is another Job.

    :param settings: ``namespace, connection, token_secret, image, script (file to text), script_config_map (its name,
        and that of a Secret with more environment), hub_url, service_account, trust (list of config_map, key),
        resources, deadline, retries, env, at_once``
    :raises CatalogueError: when models would be mixed in the bucket
    """
    wrong = faults(models)
    if wrong:
        raise CatalogueError("; ".join(wrong))
    return [_job(model, settings) for model in models if model["source"]]


def _job(model: Entry, settings: Mapping[str, Any]) -> Entry:
    source, prefix = model["source"], prefix_of(model)
    args = [
        f"--repository={source['huggingface']}",
        f"--revision={source['revision']}",
        f"--prefix={prefix}",
        *(f"--include={pattern}" for pattern in source.get("include") or _file_of(model)),
        *(f"--exclude={pattern}" for pattern in source.get("exclude") or []),
        f"--at-once={settings.get('at_once', 3)}",
    ]
    template = {"spec": _pod(args, settings)}
    text = json.dumps([template, settings["script"], settings.get("bucket")], sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    labels = {"app.kubernetes.io/component": "model-import", "maas.rhai/model": model["name"]}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": f"import-{model['name'][:45].rstrip('-')}-{digest}",
            "namespace": settings["namespace"],
            "labels": labels,
        },
        "spec": {
            "backoffLimit": int(settings["retries"]),
            "activeDeadlineSeconds": int(settings["deadline"]),
            "parallelism": 1,
            "template": {"metadata": {"labels": labels}, **template},
        },
    }


def _file_of(model: Entry) -> list[str]:
    """The pattern for a model of one file, which many repositories offer in a dozen sizes; empty: all files."""
    file = (model["serving"] or {}).get("file")
    return [_PART.sub(r"-?????-of-\1.gguf", file)] if file else []


def _pod(args: Sequence[str], settings: Mapping[str, Any]) -> Entry:
    trust = [item for item in settings.get("trust") or [] if item.get("config_map")]
    mounts = [{"name": "script", "mountPath": "/script"}, {"name": "work", "mountPath": "/scratch"}]
    volumes: list[Entry] = [
        {"name": "script", "configMap": {"name": settings["script_config_map"]}},
        {"name": "work", "emptyDir": {"sizeLimit": "1Gi"}},
    ]
    for number, item in enumerate(trust):
        mounts.append({"name": f"trust-{number}", "mountPath": f"/trust/{number}"})
        volumes.append({"name": f"trust-{number}", "configMap": {"name": item["config_map"], "optional": True}})
    container = {
        "name": "import",
        "image": settings["image"],
        "command": ["python", "/script/import_model.py"],
        "args": list(args),
        "env": _environment(settings, len(trust)),
        "envFrom": [
            {"secretRef": {"name": settings["connection"]}},
            {"secretRef": {"name": settings["script_config_map"], "optional": True}},
        ],
        "resources": settings["resources"],
        "securityContext": RESTRICTED,
        "volumeMounts": mounts,
    }
    return {
        "automountServiceAccountToken": False,
        "containers": [container],
        "restartPolicy": "Never",
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "serviceAccountName": settings["service_account"],
        "volumes": volumes,
    }


def _environment(settings: Mapping[str, Any], trust: int) -> list[Entry]:
    """Variables of the import; ``trust`` is the number of folders with certificates."""
    env = {
        "HF_ENDPOINT": settings["hub_url"],
        "HF_HOME": "/scratch/hf",
        "HOME": "/scratch",
        "TMPDIR": "/scratch",
        "TRUST_FOLDERS": ":".join(f"/trust/{number}" for number in range(trust)),
        # many stores refuse the checksums that boto3 sends by default since 1.36
        "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
        "AWS_RESPONSE_CHECKSUM_VALIDATION": "when_required",
        **(settings.get("env") or {}),
    }
    entries: list[Entry] = [{"name": key, "value": str(value)} for key, value in env.items()]
    if settings.get("token_secret"):
        reference = {"name": settings["token_secret"], "key": "HF_TOKEN", "optional": True}
        entries.append({"name": "HF_TOKEN", "valueFrom": {"secretKeyRef": reference}})
    return entries
