# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m sandbox.kubernetes.kubelet`: a node whose Pods run as local processes, in the foreground."""

from __future__ import annotations

import argparse
import asyncio
import signal
import socket
import sys
from functools import partial
from pathlib import Path

from sandbox.front.paths import state_dir
from sandbox.kubernetes.kubelet import images
from sandbox.kubernetes.kubelet.addresses import AddressError, Addresses
from sandbox.kubernetes.kubelet.context import Host
from sandbox.kubernetes.kubelet.gpus import Gpu
from sandbox.kubernetes.kubelet.logs import server
from sandbox.kubernetes.kubelet.node import Node, register, send_event
from sandbox.kubernetes.kubelet.probes import Prober
from sandbox.kubernetes.kubelet.process import end_leftovers
from sandbox.kubernetes.rest import Client
from sandbox.names.follow import Follower
from sandbox.names.table import Table

TABLE = Path(__file__).resolve().parent.parent / "images.yml"


def arguments(argv: list[str]) -> argparse.Namespace:
    """Parses the command line."""
    parser = argparse.ArgumentParser(prog="bin/sandbox kubelet", description=__doc__)
    parser.add_argument("--kubeconfig", required=True, type=Path, help="how to reach the API server")
    parser.add_argument(
        "--images", type=Path, default=TABLE, help="image table (default: sandbox/kubernetes/images.yml)"
    )
    parser.add_argument("--state", help="folder for Pods' volumes and logs (default: .sandbox/kubelet)")
    parser.add_argument("--port", type=int, default=10250, help="port of the containers' logs (default: 10250)")
    parser.add_argument("--node-name", default="sandbox", help="name of the Node (default: sandbox)")
    parser.add_argument("--cpu", default="64", help="processors that the Node claims to have")
    parser.add_argument("--memory", default="256Gi", help="memory that the Node claims to have")
    parser.add_argument("--pods", default="250", help="Pods that the Node takes (at most 250)")
    parser.add_argument("--gpus", default="4", help="nvidia.com/gpu that the Node claims to have")
    parser.add_argument("--gpu-product", default=Gpu.product, help="which GPUs they are")
    parser.add_argument("--gpu-capability", default=Gpu.capability, help="their compute capability")
    parser.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="a placeholder {NAME} of the image table"
    )
    return parser.parse_args(argv)


def main(argv: list[str]) -> int:
    """Runs until SIGTERM; all processes of Pods end with it."""
    options = arguments(argv)
    pairs = [pair.partition("=") for pair in options.set]
    if wrong := [name for name, equals, _value in pairs if not equals]:
        print(f"bin/sandbox kubelet: --set wants NAME=VALUE, not {wrong[0]}", file=sys.stderr)
        return 2
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", options.port))
    except OSError as error:
        text = f"port {options.port} of 127.0.0.1: {error.strerror}; choose another: --port"
        print(f"bin/sandbox kubelet: {text}", file=sys.stderr)
        return 1
    try:
        images.load(options.images)
    except (OSError, images.TableError) as error:
        print(f"bin/sandbox kubelet: {options.images}: {error}", file=sys.stderr)
        return 1
    return asyncio.run(_run(options, listener, {name: value for name, _equals, value in pairs}))


async def _run(options: argparse.Namespace, listener: socket.socket, values: dict[str, str]) -> int:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    state = Path(options.state).absolute() if options.state else state_dir() / "kubelet"
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    _end_leftovers(state)
    try:
        addresses = Addresses(state)
    except AddressError as error:
        print(f"bin/sandbox kubelet: {error}", file=sys.stderr)
        return 1
    client, prober = Client(options.kubeconfig), Prober()

    async def event(pod: dict[str, object], reason: str, message: str) -> None:
        await send_event(client, options.node_name, pod, reason, message)

    gpu = Gpu(options.gpu_product, options.gpu_capability)
    table = Table()
    follower = Follower(client, table)
    load = partial(images.load, options.images)
    host = Host(options.node_name, client, prober, load, values, state, event, gpu, table.lets_in)
    node = Node(host, addresses)
    logs = server(node.find, state)
    serving = asyncio.create_task(logs.serve(sockets=[listener]))
    capacity = {"cpu": options.cpu, "memory": options.memory, "pods": options.pods, "nvidia.com/gpu": options.gpus}
    await follower.ready()
    await register(client, options.node_name, capacity, gpu, options.port)
    watching = asyncio.create_task(node.run())
    print(f"ready: node {options.node_name}, logs on port {options.port}", flush=True)
    await asyncio.wait({asyncio.create_task(stop.wait()), watching, serving}, return_when=asyncio.FIRST_COMPLETED)
    watching.cancel()
    follower.end()
    await node.stop()
    logs.should_exit = True
    await asyncio.gather(serving, watching, return_exceptions=True)
    await prober.close()
    await client.close()
    return 0 if stop.is_set() else 1


def _end_leftovers(state: Path) -> None:
    """Processes that a killed kubelet of the same state folder left behind would hold the Pods' addresses."""
    pods = state / "pods"
    uids = {folder.name for folder in pods.iterdir()} if pods.exists() else set()
    if uids and (count := end_leftovers(uids)):
        print(f"ended {count} processes of an earlier run", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
