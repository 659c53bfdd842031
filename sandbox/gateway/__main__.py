# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m sandbox.gateway`: writes nginx's configuration into the state folder and runs nginx in the foreground."""

from __future__ import annotations

import argparse
import base64
import os
import sys
import urllib.request
from pathlib import Path

from sandbox.common import nginx
from sandbox.gateway.config import Options, nginx_conf, settings_json


def parser() -> argparse.ArgumentParser:
    """The flags; the token may stand in $SANDBOX_GATEWAY_TOKEN, where no list of processes shows it."""
    flags = argparse.ArgumentParser(prog="sandbox gateway", description=__doc__)
    flags.add_argument("--listen", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    flags.add_argument("--port", type=int, required=True)
    flags.add_argument("--admin-url", required=True, help="where the Admin API listens")
    flags.add_argument("--admin-host", required=True, help="Host header of the tenant's Admin API")
    flags.add_argument("--token", help="access token; better in $SANDBOX_GATEWAY_TOKEN")
    flags.add_argument("--backend-url", required=True, help="where the backend listens")
    flags.add_argument("--backend-host", required=True, help="Host header of the backend")
    flags.add_argument("--policies", type=Path, help="folder with NAME/VERSION/{apicast-policy.json,init.lua,…}")
    flags.add_argument("--resolver", metavar="HOST:PORT", help="name server for the cluster's Services")
    flags.add_argument("--ca", type=Path, help="authority to trust besides the machine's; upstreams are then verified")
    flags.add_argument("--state", type=Path, required=True, help="folder for nginx's files")
    flags.add_argument("--config-path", default=Options.config_path, help="path of the proxy configurations")
    flags.add_argument("--production-cache", type=float, default=Options.production_cache, metavar="SECONDS")
    flags.add_argument(
        "--boot",
        action="store_true",
        help="read all production configurations at the start and every --production-cache seconds, as on a cluster",
    )
    flags.add_argument(
        "--upstream-timeout",
        type=float,
        default=Options.upstream_timeout,
        metavar="SECONDS",
        help="of silence until a model is given up (60)",
    )
    flags.add_argument(
        "--lua-path",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="further Lua modules that policies may require, as APIcast's own image has them",
    )
    flags.add_argument("--no-response-codes", action="store_true", help="report no log[code] to the backend")
    return flags


def options_of(given: argparse.Namespace) -> Options:
    """Options from the flags; ends the program with one sentence where the token is missing."""
    token = given.token or os.environ.get("SANDBOX_GATEWAY_TOKEN")
    if not token:
        sys.exit("sandbox gateway: no access token; set SANDBOX_GATEWAY_TOKEN or give --token")
    return Options(
        listen=given.listen,
        port=given.port,
        admin_url=given.admin_url,
        admin_host=given.admin_host,
        token=token,
        backend_url=given.backend_url,
        backend_host=given.backend_host,
        state=given.state.resolve(),
        policies=given.policies.resolve() if given.policies else None,
        resolver=given.resolver,
        ca=given.ca,
        config_path=given.config_path,
        production_cache=given.production_cache,
        response_codes=not given.no_response_codes,
        upstream_timeout=given.upstream_timeout,
        boot=given.boot,
        lua_path=tuple(folder.resolve() for folder in given.lua_path),
    )


def fingerprint(folder: Path | None) -> list[tuple[str, int, int]]:
    """Name, time and size of every file of the policies: a change means new Pods on a cluster, a reload here."""
    if folder is None or not folder.is_dir():
        return []
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files)


def refuse_without_configuration(options: Options) -> None:
    """Ends the program where the Admin API does not give the configurations that it would boot with."""
    url = f"{options.admin_url.rstrip('/')}{options.config_path.rstrip('/')}/production.json?version=latest"
    basic = base64.b64encode(f":{options.token}".encode()).decode()
    request = urllib.request.Request(url, headers={"Host": options.admin_host, "Authorization": f"Basic {basic}"})
    try:
        urllib.request.urlopen(request, timeout=30).close()
    except OSError as problem:
        sys.exit(f"sandbox gateway: failed to load configuration, exiting: {options.admin_url}: {problem}")


def main(argv: list[str] | None = None) -> int:
    """Runs until it is told to end."""
    options = options_of(parser().parse_args(argv))
    if options.boot:
        refuse_without_configuration(options)
    options.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        server = nginx.Nginx(options.state)
        trust = nginx.trust_bundle(options.state, options.ca)
        (options.state / "nginx.conf").write_text(nginx_conf(options, trust))
    except (nginx.NginxMissingError, OSError) as problem:
        sys.exit(f"sandbox gateway: {problem}")
    seen = fingerprint(options.policies)
    nginx.write_private(options.state / "settings.json", settings_json(options))

    def changed() -> bool:
        nonlocal seen
        now = fingerprint(options.policies)
        if now == seen:
            return False
        seen = now
        nginx.write_private(options.state / "settings.json", settings_json(options))
        print("policies changed: reloading", flush=True)
        return True

    print(f"gateway on http://{options.listen}:{options.port}", flush=True)
    return server.run(changed)


if __name__ == "__main__":
    sys.exit(main())
