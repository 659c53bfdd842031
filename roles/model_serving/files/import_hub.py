# SPDX-License-Identifier: GPL-3.0-or-later
"""The hub's side of an import: which files a revision has, and their bytes."""

from __future__ import annotations

import fnmatch
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from import_text import ImportFailedError, say

PIECE = 8 * 1024 * 1024
ATTEMPTS = 6
TIMEOUT = 60


class Wanted(NamedTuple):
    """A file of the hub: ``digest`` is the sha256 of a large file, else git's blob id."""

    name: str
    size: int
    digest: str
    sha256: str | None


def trust(folders: Iterable[str]) -> str:
    """Joins the certificates that Python trusts with those of the folders; returns the path of the bundle.

    The hub, the object store and the cluster's services are signed by different authorities, and each library looks at
    another variable.
    """
    import certifi

    parts = [Path(certifi.where()).read_text()]
    for folder in folders:
        if folder and Path(folder).is_dir():
            parts += [path.read_text() for path in sorted(Path(folder).iterdir()) if path.is_file()]
    bundle = Path(tempfile.mkdtemp()) / "bundle.pem"
    bundle.write_text("\n".join(parts))
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE"):
        os.environ[name] = str(bundle)
    return str(bundle)


def fits(name: str, pattern: str) -> bool:
    """Is a file meant by a pattern? One that ends in ``/`` means all that lies in that folder."""
    return fnmatch.fnmatch(name, pattern + "*" if pattern.endswith("/") else pattern)


def wanted_files(repository: str, revision: str, include: list[str], exclude: list[str]) -> tuple[str, list[Wanted]]:
    """Asks the hub for the commit behind the revision and its files."""
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError

    hub = HfApi(token=os.environ.get("HF_TOKEN") or False)
    try:
        info = hub.model_info(repository, revision=revision, files_metadata=True)
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        raise ImportFailedError(refusal(repository, revision, status)) from error
    files = []
    for item in info.siblings or []:
        name = item.rfilename
        if include and not any(fits(name, pattern) for pattern in include):
            continue
        if any(fits(name, pattern) for pattern in exclude):
            continue
        sha256 = item.lfs.sha256 if item.lfs else None
        files.append(Wanted(name, int(item.size or 0), str(sha256 or item.blob_id or ""), sha256))
    if not files:
        raise ImportFailedError(f"{repository} at {revision} has no file that source.include and source.exclude leave.")
    return str(info.sha), files


def refusal(repository: str, revision: str, status: int) -> str:
    """The sentence for an answer of the hub."""
    hub = os.environ.get("HF_ENDPOINT", "")
    if status in (401, 403):
        return (
            f"the hub refused {repository} (HTTP {status}): it is gated or private. Set "
            f"model_serving_hugging_face_token to a token with read access whose owner "
            f"accepted its licence at {hub}/{repository}"
        )
    if status == 404:
        return f"the hub {hub} has no {repository} at revision {revision!r} (HTTP 404); correct the source of the model"
    if status == 407:
        return f"the proxy on the way to {hub} wants a user and a password (HTTP 407): put them into HTTPS_PROXY"
    return f"the hub {hub} did not tell about {repository} (HTTP {status})"


class Web:
    """Connections to the hub, as the environment's proxies and their exceptions (NO_PROXY) say.

    The token goes to the hub alone: it is dropped on the way to another host.
    """

    def __init__(self) -> None:
        import requests
        import urllib3

        busy = [429, 500, 502, 503, 504]
        retries = urllib3.Retry(total=5, backoff_factor=1, status_forcelist=busy, raise_on_status=False)
        self._session = requests.Session()
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, requests.adapters.HTTPAdapter(pool_maxsize=16, max_retries=retries))
        self._session.auth = _with_token  # said by ourselves, no other credentials of the machine are looked for

    def get(self, address: str, headers: dict[str, str]) -> Any:
        """urllib3's answer: ``status``, ``headers``, ``read``."""
        import requests

        try:
            return self._session.get(address, headers=headers, stream=True, timeout=TIMEOUT).raw
        except requests.exceptions.ProxyError as error:
            raise ImportFailedError(f"the proxy on the way to {address} does not let through: {error}") from error


def _with_token(request: Any) -> Any:
    if os.environ.get("HF_TOKEN"):
        request.headers["Authorization"] = f"Bearer {os.environ['HF_TOKEN']}"
    return request


class Download:
    """The bytes of one file, read once from front to end; takes up a broken connection where it broke.

    :param told: called with the number of bytes of each piece
    """

    def __init__(self, web: Any, repository: str, address: str, file: Wanted, told: Callable[[int], None]) -> None:
        self._web, self._repository, self._address, self._size = web, repository, address, file.size
        self._told = told
        self._answer: Any = None
        self._attempts = 0
        self.offset = 0
        self.sha256 = hashlib.sha256()
        self.blob = hashlib.sha1(b"blob %d\0" % file.size, usedforsecurity=False)

    def _open(self) -> None:
        headers = {"Accept-Encoding": "identity"}
        if self.offset:
            headers["Range"] = f"bytes={self.offset}-"
        answer = self._web.get(self._address, headers)
        if answer.status == 200:
            self._pass_over(answer, self.offset)  # a server or a proxy that knows no ranges begins anew
        elif answer.status != 206 or not self.offset:
            raise ImportFailedError(f"{refusal(self._repository, '', answer.status)} ({self._address})")
        self._answer = answer

    def _pass_over(self, answer: Any, amount: int) -> None:
        while amount:
            piece = answer.read(min(amount, PIECE))
            if not piece:
                raise OSError("the connection ended early")
            amount -= len(piece)

    def read(self, amount: int = PIECE) -> bytes:
        """Returns up to that many bytes, and none at the end."""
        import requests
        import urllib3

        while self.offset < self._size:
            try:
                if self._answer is None:
                    self._open()
                piece: bytes = self._answer.read(amount if amount and amount > 0 else PIECE)
                if not piece:
                    raise OSError("the connection ended early")
            except (urllib3.exceptions.HTTPError, requests.exceptions.RequestException, OSError) as error:
                self._again(error)
                continue
            self._attempts = 0
            self.offset += len(piece)
            self.sha256.update(piece)
            self.blob.update(piece)
            self._told(len(piece))
            return piece
        return b""

    def _again(self, error: Exception) -> None:
        self._attempts += 1
        self._answer = None
        if self._attempts >= ATTEMPTS:
            raise ImportFailedError(
                f"{self._address} broke off {ATTEMPTS} times at byte {self.offset}: {error}"
            ) from error
        say(f"  broke off at byte {self.offset}, going on: {error}")

    def differs(self, file: Wanted) -> str:
        """What is wrong with what came, empty when it is what the hub has."""
        kind, found = ("sha256", self.sha256) if file.sha256 else ("blob id", self.blob)
        wanted = file.sha256 or file.digest
        if self.offset != file.size:
            return f"{file.name}: the hub says {file.size} bytes, {self.offset} came"
        if wanted and found.hexdigest() != wanted:
            return f"{file.name}: the hub says {kind} {wanted}, what came is {found.hexdigest()}"
        return ""
