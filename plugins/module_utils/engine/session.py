# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""A module's session with a server: its clients, and reads that are done once, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, TypeVar

from ansible_collections.rhai.maas.plugins.module_utils.engine.apply import read_list
from ansible_collections.rhai.maas.plugins.module_utils.engine.http import Client, part_of
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import RefusalError, Resource, Values

In = TypeVar("In")
Out = TypeVar("Out")

MOST_READERS = 8  # reads over a slow line gain up to eight


class Session:
    """The clients of a run, the one that writes first, and what has been read. ``check`` is Ansible's check mode."""

    def __init__(self, *clients: Client, check: bool = False) -> None:
        self.check = check
        self.warnings: list[str] = []
        self.secrets: set[str] = set()  # values met in this run that must not be shown
        self._clients = list(clients)
        self._lists: dict[str, list[Any]] = {}

    def also(self, client: Client) -> None:
        """Count the calls of one more client (the portal as visitors see it) with the others."""
        self._clients.append(client)

    def clients(self) -> list[Client]:
        """All clients that there are."""
        return list(self._clients)

    def writer(self) -> Client:
        """The client by which changes are sent."""
        return self._clients[0]

    def others(self) -> dict[str, Client]:
        """Further clients for changes, by the name that a call gives."""
        return {}

    def forget(self) -> None:
        """Read lists anew from here on."""
        self._lists.clear()

    def one(self, path: str, envelope: str = "", query: Mapping[str, Any] | None = None) -> Any:
        """A single object, unwrapped; None when the server says 404."""
        answer = self.writer().get(path, query, missing=(404,))
        if answer.status == 404 or answer.json is None:
            return None
        return part_of(self.writer(), "GET", path, answer, envelope) if envelope else answer.json

    def rows(
        self, path: str, collection: str, envelope: str, page: int = 0, query: Mapping[str, Any] | None = None
    ) -> list[Any]:
        """A whole list, unwrapped; read once in a run."""
        name = f"{path}?{sorted((query or {}).items())}"
        if name not in self._lists:
            self._lists[name] = read_list(self.writer(), path, collection, envelope, page, query)
        return self._lists[name]

    def all(self, resource: Resource, **ids: Any) -> list[dict[str, Any]]:
        """All objects of a resource below the given parents, in terms of options."""
        path = resource.path.format(**ids) + ".json"
        return [
            resource.from_api(item) for item in self.rows(path, resource.collection, resource.envelope, resource.page)
        ]

    def side_by_side(self, work: Callable[[In], Out], items: Iterable[In]) -> list[Out]:
        """Do reads in parallel, at most twice ``concurrency`` at a time; results in the order of the items."""
        todo = list(items)
        width = min(MOST_READERS, 2 * self.writer().connection.concurrency, len(todo))
        if width <= 1:
            return [work(item) for item in todo]
        with ThreadPoolExecutor(width) as pool:
            return list(pool.map(work, todo))


def named(items: Sequence[Values], key: str, name: str, noun: str, option: str) -> Values:
    """The object of that name. Raises :class:`RefusalError` with the names that there are."""
    found = next((item for item in items if item.get(key) == name), None)
    if found is None:
        raise unknown(noun, name, [str(item.get(key)) for item in items], option)
    return found


def unknown(noun: str, name: str, names: Sequence[str], option: str) -> RefusalError:
    """The refusal of a name that isn't there, with the names that are."""
    listed = ", ".join(sorted(names)[:20]) or "none at all"
    return RefusalError(
        f"{option}: there is no {noun} '{name}'. There are: {listed}. Correct the name, or make it first."
    )
