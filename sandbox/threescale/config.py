# SPDX-License-Identifier: GPL-3.0-or-later
"""What the command line decides, and the addresses that follow from it."""

from __future__ import annotations

from dataclasses import dataclass

from .release import RELEASES, Release

SETUP_SECONDS = 20.0


@dataclass(frozen=True)
class Config:
    """One installation.

    `public_port` is the router's port in all addresses that the server gives out; 443 and None leave it out.
    `purge_seconds`: how long after its deletion a product or backend is removed and its name free (really: 300).
    `release`: which 3scale it plays.
    `files`: where the portal's files are kept, "local" or "s3".
    `setup_seconds`: how long after its creation a tenant of the master API gets its account plan, sample content and
    portal (really: 15 to 28).
    """

    superdomain: str
    master_token: str
    scheme: str = "http"
    public_port: int | None = None
    purge_seconds: float = 300.0
    setup_seconds: float = SETUP_SECONDS
    ca: str | None = None
    release: Release = RELEASES["2.16"]
    files: str = "local"

    @property
    def port_suffix(self) -> str:
        """`:PORT` for addresses, or nothing."""
        return "" if self.public_port in (None, 443) else f":{self.public_port}"

    @property
    def master_domain(self) -> str:
        """Host of the master account."""
        return f"master.{self.superdomain}"

    @property
    def storage_domain(self) -> str:
        """Host of the object storage, where files are kept in one."""
        return f"s3.{self.superdomain}"

    def url(self, host: str) -> str:
        """Address of a host of this installation, by the scheme of the configuration: `https://maas.apps.localhost:8443`."""
        return f"{self.scheme}://{host}{self.port_suffix}"

    def secure_url(self, host: str) -> str:
        """As `url`, always https: gateways' endpoints and the links in answers."""
        return f"https://{host}{self.port_suffix}"
