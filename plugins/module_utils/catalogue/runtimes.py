# SPDX-License-Identifier: GPL-3.0-or-later
# Private to this collection: may change without notice.
"""The table of runtimes with a site's own images, and with OpenShift AI's templates in their places. Pure, no I/O."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.rhai.maas.plugins.module_utils.catalogue.common import Entry, names

#: the container of a runtime that serves the model
SERVER = "kserve-container"
_FROM = "model_serving_templates"
#: the beginning of what is no field of the service's, such as a chat template's own marks
_NO_FIELD = re.compile(r"\{\{(?!-?\s*[.`])")


def serving_runtimes(runtimes: Mapping[str, Any], images: Mapping[str, Any], templates: Mapping[str, Any]) -> Entry:
    """The table with what a site says of it. What can't be had stands in a runtime's ``fault``, what
    is no runtime at all in ``unknown``.

    :param images: runtime to image, or to images by compute capability (``cpu`` and ``any`` among them)
    :param templates: ``wanted`` (runtime to name of a Template), ``found`` (Templates as the API server returns them,
        or no list where they were not read), ``namespace``
    :returns: name to runtime; one of a template has its ``image`` and the ServingRuntime as ``served_by``, one of
        ``images`` says so in ``image_of``
    """
    table = {name: dict(runtime) for name, runtime in runtimes.items()}
    wanted = {name: runtime["template"] for name, runtime in table.items() if runtime.get("template")}
    for name, template in {**wanted, **(templates.get("wanted") or {})}.items():
        table[name] = _of_template({**table.get(name, {}), "template": template}, templates)
    for name, image in images.items():
        if name in table:
            table[name] = _with_image(table[name], image)
    for name in set(images) - set(table):
        table[name] = {"unknown": f"model_serving_images names {name!r}, which is not in model_serving_runtimes"}
    return table


def _with_image(runtime: Entry, image: Any) -> Entry:
    given = {**runtime, "image_of": "model_serving_images"}
    if not isinstance(image, Mapping):
        return {**given, "image": str(image), "images": {}}
    by_gpu = {**(runtime.get("images") or {}), **{str(key): value for key, value in image.items()}}
    return {**given, "image": "", "images": by_gpu}


def _of_template(runtime: Entry, templates: Mapping[str, Any]) -> Entry:
    name, found = str(runtime["template"]), templates.get("found")
    if not isinstance(found, (list, tuple)):
        return {**runtime, "fault": f"Template {name} can't be read in namespace {templates.get('namespace')}"}
    for template in found:
        if template["metadata"]["name"] == name:
            served = _served(template)
            if served is None:
                return {**runtime, "fault": f"Template {name} holds no ServingRuntime with a container {SERVER}"}
            return {**_fitting(runtime, served), "served_by": served, "image": _server(served)["image"], "images": {}}
    there = names(item["metadata"]["name"] for item in found if _served(item)) or "none"
    text = f"{_FROM}: there is no Template {name} in namespace {templates.get('namespace')}, which has {there}"
    return {**runtime, "fault": text}


def _fitting(runtime: Entry, served: Entry) -> Entry:
    """What the catalogue needs to know of a runtime, of the template where the table does not say it."""
    formats = [item["name"] for item in served["spec"].get("supportedModelFormats") or []]
    own = runtime.get("model_format")
    return {
        "title": served["metadata"]["name"],
        **runtime,
        "model_format": own if own in formats or not formats else formats[0],
    }


def _served(template: Mapping[str, Any]) -> Entry | None:
    """The template's ServingRuntime with its parameters' own values, None where it has none that serves models."""
    given = {item["name"]: str(item.get("value") or "") for item in template.get("parameters") or []}
    for item in template.get("objects") or []:
        if item.get("kind") == "ServingRuntime" and _server(item):
            text = json.dumps(item)
            for name, value in given.items():
                text = text.replace(f"${{{name}}}", json.dumps(value)[1:-1])
            filled: Entry = json.loads(text)
            return filled
    return None


def _server(served: Mapping[str, Any]) -> Entry:
    containers: Sequence[Entry] = (served.get("spec") or {}).get("containers") or []
    return next((item for item in containers if item.get("name") == SERVER), {})


def based_on(served: Mapping[str, Any], ours: Entry) -> Entry:
    """A template's specification of a runtime, with what it leaves out taken from ours.

    The server's arguments that the template does not give are added; its image, command, ports and environment stay.
    """
    spec = json.loads(json.dumps(served["spec"]))
    (own,) = ours["containers"]
    server = _server({"spec": spec})
    flags = {str(arg).partition("=")[0] for arg in server.get("args") or []}
    more = [arg for arg in own["args"] if str(arg).partition("=")[0] not in flags]
    mounts = server.get("volumeMounts") or []
    missing = [item for item in own["volumeMounts"] if item["mountPath"] not in {it["mountPath"] for it in mounts}]
    volumes = [item for item in ours["volumes"] if item["name"] in {it["name"] for it in missing}]
    named = {item["name"] for item in server.get("env") or []}
    server.update(
        {key: own[key] for key in ("securityContext", "readinessProbe", "startupProbe") if not server.get(key)},
        image=own["image"],
        args=[*(server.get("args") or []), *more],
        env=[*(server.get("env") or []), *(item for item in own["env"] if item["name"] not in named)],
        volumeMounts=[*mounts, *missing],
    )
    spec["annotations"] = {**ours["annotations"], **(spec.get("annotations") or {})}
    spec["volumes"] = [*(spec.get("volumes") or []), *volumes]
    spec.setdefault("multiModel", False)
    return dict(spec)


def literal(value: Any) -> str:
    """KServe reads a container as a template of Go: all braces are quoted but those of ``{{.Name}}`` and the like."""
    return _NO_FIELD.sub("{{`{{`}}", str(value))
