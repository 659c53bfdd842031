# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m sandbox COMMAND`: the supervisor's commands, or one part in the foreground."""

from __future__ import annotations

import os
import sys

PARTS = {
    "threescale": "the 3scale stand-in: Admin API, master API, portal, backend",
    "keycloak": "the real Keycloak server",
    "kubernetes": "the real control plane",
    "kubelet": "the node that runs Pods as processes (python -m sandbox.kubernetes.kubelet)",
    "gateway": "nginx with Lua that plays APIcast",
    "router": "nginx that plays the OpenShift router",
    "operators": "the operators' controllers",
    "models": "an OpenAI-compatible model server",
    "hub": "the local model hub",
    "s3": "the object storage",
    "names": "DNS of the cluster's Services",
}
MODULES = {"kubelet": "sandbox.kubernetes.kubelet"}
COMMANDS = {
    "up": "start parts in the background and wait until they are ready",
    "prepare": "only download, build and install what up needs",
    "down": "end what up started",
    "status": "show the parts (--json for programs)",
    "logs": "show a part's log (-f follows)",
}


def usage() -> str:
    """The help text, one line for each command and part."""
    lines = ["usage: bin/sandbox COMMAND [option…]", "", "commands:"]
    lines += [f"  {name:<11} {text}" for name, text in COMMANDS.items()]
    lines += ["", "parts in the foreground, each with options of its own (--help):"]
    lines += [f"  {name:<11} {text}" for name, text in PARTS.items()]
    return "\n".join(lines)


def main(argv: list[str]) -> int:
    """Runs a command, or becomes the part's own process so that signals reach it."""
    if not argv or argv[0] in ("-h", "--help", "help"):
        print(usage())
        return 0
    name, rest = argv[0], argv[1:]
    if name in PARTS:
        os.execv(sys.executable, [sys.executable, "-m", MODULES.get(name, f"sandbox.{name}"), *rest])
    if name in COMMANDS:
        from sandbox.front.cli import run

        return run(name, rest)
    print(f"bin/sandbox: no command or part is called {name!r}\n\n{usage()}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
