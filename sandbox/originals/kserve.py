# SPDX-License-Identifier: GPL-3.0-or-later
"""What KServe's manager needs around it: configuration, webhooks, certificate. Pure."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from sandbox.operators import kserve_version
from sandbox.operators.kube import Object

NAMESPACE = "redhat-ods-applications"
IMAGE = "quay.io/modh/kserve-storage-initializer:latest"
INITIALIZER = {"cpuRequest": "100m", "cpuLimit": "1", "memoryRequest": "100Mi", "memoryLimit": "1Gi"}
# The node's own constraints would add these to KServe's init container; here KServe's own setting does.
_RESTRICTED: Object = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def config_map(version: str) -> Object:
    """``inferenceservice-config`` as OpenShift AI sets it for raw deployments: no Ingress, headless Services."""
    agent = {**INITIALIZER, "image": "quay.io/modh/kserve-agent:latest"}
    data = {
        "deploy": {"defaultDeploymentMode": "RawDeployment"},
        "ingress": {
            "ingressGateway": "knative-serving/knative-ingress-gateway",
            "ingressService": "istio-ingressgateway.istio-system.svc.cluster.local",
            "localGateway": "istio-system/kserve-local-gateway",
            "localGatewayService": "kserve-local-gateway.istio-system.svc.cluster.local",
            "ingressDomain": "example.com",
            "ingressClassName": "istio",
            "domainTemplate": "{{ .Name }}-{{ .Namespace }}.{{ .IngressDomain }}",
            "urlScheme": "https",
            "disableIstioVirtualHost": True,
            "disableIngressCreation": True,
        },
        "service": {"serviceClusterIPNone": True},
        "security": {"autoMountServiceAccountToken": kserve_version.mounts_token(version)},
        "storageInitializer": {
            **INITIALIZER,
            "image": IMAGE,
            "caBundleConfigMapName": "",
            "caBundleVolumeMountPath": "/etc/ssl/custom-certs",
            "enableDirectPvcVolumeMount": True,
        },
        "credentials": {"storageSpecSecretName": "storage-config"},
        "agent": agent,
        "logger": {**agent, "defaultUrl": "http://default-broker"},
        "batcher": {**agent, "maxBatchSize": "32", "maxLatency": "5000"},
        "router": agent,
        "explainers": {},
    }
    meta = {"name": "inferenceservice-config", "namespace": NAMESPACE}
    return {"metadata": meta, "data": {key: json.dumps(value) for key, value in data.items()}}


def storage_container(version: str) -> Object:
    """The storage initializer for every kind of address, with what Pod Security ``restricted`` asks of it."""
    container = {"name": "storage-initializer", "image": IMAGE, "securityContext": _RESTRICTED}
    container["resources"] = {
        "requests": {"cpu": "100m", "memory": "100Mi"},
        "limits": {"cpu": "1", "memory": "1Gi"},
    }
    formats = [{"prefix": f"{scheme}://"} for scheme in ("s3", "hf", "hdfs", "webhdfs", "gs")]
    spec: Object = {"container": container, "supportedUriFormats": formats}
    if version != "0.12":
        spec["workloadType"] = "initContainer"
    return {"metadata": {"name": "default"}, "spec": spec}


def webhooks(manifests: list[Object], port: int, ca: str) -> list[Object]:
    """The webhook configurations, their Service replaced by a port of this machine.

    :param ca: the bundle that signed the server's certificate, as PEM
    """
    bundle = base64.b64encode(ca.encode()).decode()
    for configuration in manifests:
        for hook in configuration["webhooks"]:
            path = hook["clientConfig"]["service"]["path"]
            hook["clientConfig"] = {"url": f"https://127.0.0.1:{port}{path}", "caBundle": bundle}
        configuration["metadata"] = {"name": configuration["metadata"]["name"]}
    return manifests


def command(program: Path, port: int, health: int, metrics: int) -> list[str]:
    """The manager's command line: ports of the webhooks, of its health and of its metrics."""
    flags = {
        "webhook-port": str(port),
        "health-probe-addr": f"127.0.0.1:{health}",
        "metrics-addr": f"127.0.0.1:{metrics}",
    }
    return [str(program), *(f"--{name}={value}" for name, value in flags.items())]
