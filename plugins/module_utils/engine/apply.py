# Copyright: the rhai.maas maintainers
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to the collection: not a public interface.

"""Changes are sent: in dependency order, independent ones side by side, each at most once.

What may run side by side is up to the plan: a change waits for those that make the objects it names, for its
``needs``, and for the change before it in its ``lane`` (mapping rules, proxy and deployment of one product …).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, Callable

from ansible_collections.rhai.maas.plugins.module_utils.engine.errors import (
    ApiError,
    BrokenError,
    BusyError,
    ConflictError,
    InvalidError,
    NoAnswerError,
)
from ansible_collections.rhai.maas.plugins.module_utils.engine.http import Answer, Client, part_of
from ansible_collections.rhai.maas.plugins.module_utils.engine.normal import FORMS
from ansible_collections.rhai.maas.plugins.module_utils.engine.order import before
from ansible_collections.rhai.maas.plugins.module_utils.engine.resource import Call, Change, Find, Ref, Values

MOST_WRITERS = 4  # more than a server has web processes gains nothing
TRIES = 4
PAUSE = 0.5
_NOT_REACHED = (
    "It is still there, so the address was not understood: a proxy on the way may rewrite escaped characters of paths. "
    "Give an address without that proxy, or remove it in the admin portal."
)


Task = Callable[["Applier", Change], None]


class ApplyError(Exception):
    """A change failed: which one, why, and what had been done before."""

    def __init__(self, change: Change, error: ApiError, done: Sequence[Change]) -> None:
        super().__init__(str(error))
        self.change = change
        self.error = error
        self.done = list(done)


class Applier:
    """Sends changes over one client and keeps the ids that come back.

    ``tasks`` are the executors of what one request can't do, by the name that a change gives; ``others`` are further
    servers by the name that a call gives. ``session`` is the one by which the plan was made, for executors.
    """

    def __init__(
        self,
        client: Client,
        tasks: Mapping[str, Task] | None = None,
        others: Mapping[str, Client] | None = None,
        session: Any = None,
    ) -> None:
        self.client = client
        self.session = session
        self.tasks = dict(tasks or {})
        self.others = dict(others or {})
        self._lists: dict[str, list[Any]] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()
        self.stayed: MutableMapping[Change, ApiError] = {}  # what can't be done yet, see Change.tolerate
        self._tries = min(TRIES, 1 + client.connection.retries)

    def apply(self, changes: Sequence[Change]) -> None:
        """Carry out all changes. Raises :class:`ApplyError` at the first that fails; those in flight are waited for."""
        waiting, followers = _dependencies(changes)
        ready = deque(change for change in changes if not waiting[change])
        done: list[Change] = []
        running: dict[Future[None], Change] = {}
        failed: tuple[Change, ApiError] | None = None
        workers = max(1, min(MOST_WRITERS, self.client.connection.concurrency))
        with ThreadPoolExecutor(workers) as pool:
            while running or (ready and not failed):
                while ready and not failed and len(running) < workers:
                    change = ready.popleft()
                    running[pool.submit(self._run, change)] = change
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    change = running.pop(future)
                    error = future.exception()
                    if error is None:
                        done.append(change)
                        ready.extend(_released(change, waiting, followers))
                    elif isinstance(error, ApiError):
                        failed = failed or (change, error)
                    else:
                        raise error
        if failed:
            raise ApplyError(failed[0], failed[1], done)
        if len(done) < len(changes):
            raise AssertionError("changes wait for each other")  # a plan's bug, never the user's

    def _run(self, change: Change) -> None:
        for attempt in range(self._tries):
            try:
                if change.task:
                    self.tasks[change.task](self, change)
                elif change.call is not None:
                    self._keep(change, self.call(change.call))
                return
            except ApiError as error:
                if self._was_done(change, error):
                    return
                if any(error.status == status and error.says(words) for status, words in change.tolerate):
                    self.stayed[change] = error
                    return
                if attempt + 1 == self._tries or not _transient(change, error):
                    raise
                self.client.sleep(PAUSE * 2**attempt)

    def _was_done(self, change: Change, error: ApiError) -> bool:
        """Whether the change is there in spite of the error: said so by the server, or found by a look-up."""
        if any(error.status == status and error.says(words) for status, words in change.already):
            return True
        if change.action == "delete":
            return error.status == 404 and self._is_gone(change, error)
        unsure = isinstance(error, (NoAnswerError, BusyError, ConflictError, BrokenError))
        if change.find is None or not (
            unsure or (isinstance(error, InvalidError) and error.says("already been taken"))
        ):
            return False
        found = self.look_up(change.find, fresh=True)
        if found is None:
            return False
        if change.ref is not None:
            change.ref.id = found.get(change.find.pick)
        return True

    def _is_gone(self, change: Change, error: ApiError) -> bool:
        """Whether what a deletion did not find isn't there, as far as a look-up can tell."""
        if change.find is None or self.look_up(change.find, fresh=True) is None:
            return True
        error.hint = _NOT_REACHED
        return False

    def call(self, call: Call) -> Answer:
        """Send one request with its references resolved."""
        path = self.path(call.path, call.refs)
        client = self.others[call.server] if call.server else self.client
        try:
            return client.send(call.method, path, body=self.resolved(call.body), files=call.files)
        except ApiError as error:
            if any(ref.secret for ref in call.refs.values()):
                shown = {
                    name: Ref(ref.noun, ref.key, "(secret)") if ref.secret else ref for name, ref in call.refs.items()
                }
                error.path = self.path(call.path, shown)
            raise

    def path(self, template: str, refs: Mapping[str, Ref]) -> str:
        """A path with the ids of its references filled in."""
        named = {name: self.id_of(ref) for name, ref in refs.items() if f"{{{name}}}" in template}
        return template.format(**named) if refs else template

    def id_of(self, ref: Ref) -> Any:
        """The id of a reference: known, made in this run, or looked up now."""
        if ref.id is None and ref.find is not None:
            found = self.look_up(ref.find)
            if found is not None:
                ref.id = found.get(ref.find.pick)
        if ref.id is None:
            where = ref.find.path if ref.find else "this run"
            raise ApiError(
                "GET", where, 404, [f"{ref.noun} '{ref.key}' is not there"], "Create it first, or correct its name."
            )
        return ref.id

    def look_up(self, find: Find, fresh: bool = False) -> Values | None:
        """The item that a look-up means, or None. Lists are read once unless ``fresh``."""
        path = self.path(find.path, find.refs)
        wanted = {name: self.id_of(value) if isinstance(value, Ref) else value for name, value in find.where.items()}
        forms = {name: FORMS[find.forms.get(name, "same")] for name in wanted}
        with self._guard:
            lock = self._locks.setdefault(path, threading.Lock())
        with lock:
            items = None if fresh else self._lists.get(path)
            if items is None:
                items = read_list(self.client, path, find.collection, find.envelope, find.page, find.query)
                self._lists.setdefault(path, items)  # the first reading stays: it shows what the server made by itself
            alike = (item for item in items if all(forms[n](item.get(n)) == forms[n](v) for n, v in wanted.items()))
            return next(alike, None)

    def resolved(self, value: Any) -> Any:
        """A value with the ids of the references in it."""
        if isinstance(value, Ref):
            return self.id_of(value)
        if isinstance(value, Mapping):
            return {name: self.resolved(entry) for name, entry in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.resolved(entry) for entry in value]
        return value

    @staticmethod
    def _keep(change: Change, answer: Answer) -> None:
        if change.call is None or not isinstance(answer.json, Mapping):
            return
        made = answer.json.get(change.call.envelope) if change.call.envelope else answer.json
        if not isinstance(made, Mapping):
            return
        if change.ref is not None and made.get("id") is not None:
            change.ref.id = made["id"]
        if change.learn is not None:
            change.learn.told.update(made)


def read_list(
    client: Client, path: str, collection: str, envelope: str, page: int = 0, query: Mapping[str, Any] | None = None
) -> list[Any]:
    """A whole list, unwrapped. ``page`` is the page size of paged lists: the last page is the one that isn't full."""
    items: list[Any] = []
    number = 1
    while True:
        paging = {"page": number, "per_page": page} if page else {}
        rows = (
            part_of(client, "GET", path, client.get(path, {**(query or {}), **paging} or None), collection, list) or []
        )
        items += [row.get(envelope, row) if envelope else row for row in rows]
        if not page or len(rows) < page:
            return items
        number += 1


def _transient(change: Change, error: ApiError) -> bool:
    """Whether a repeat may help. A creation comes here only after its look-up found nothing.

    A 500 to a deletion is a lost race in the server's database; what else may be repeated the change says itself.
    """
    if error.status in change.repeat:
        return True
    if isinstance(error, (ConflictError, BusyError, NoAnswerError)):
        return change.find is not None or change.action != "create"
    return error.status == 500 and change.action == "delete"


def _released(
    done: Change, waiting: dict[Change, set[Change]], followers: Mapping[Change, Sequence[Change]]
) -> Iterable[Change]:
    """The changes that waited for this one alone."""
    for change in followers.get(done, ()):
        waiting[change].discard(done)
        if not waiting[change]:
            yield change


def _dependencies(changes: Sequence[Change]) -> tuple[dict[Change, set[Change]], dict[Change, list[Change]]]:
    """For each change those that come first, and those that wait for it."""
    waiting = before(changes)
    last: dict[str, Change] = {}
    for change in changes:
        if change.lane:
            if change.lane in last:
                waiting[change].add(last[change.lane])
            last[change.lane] = change
    followers: dict[Change, list[Change]] = {}
    for change, first in waiting.items():
        for need in first:
            followers.setdefault(need, []).append(change)
    return waiting, followers
