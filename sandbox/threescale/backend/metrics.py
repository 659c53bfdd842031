# SPDX-License-Identifier: GPL-3.0-or-later
"""The metrics of a product as the backend knows them: its own and those of the backends that it uses, with parents."""

from __future__ import annotations

from ..store import Database, Row
from . import usage as values
from .errors import metric_invalid


class MetricTree:
    """Names, ids and parents. The `hits` of a backend (`hits.5`) hangs below the product's own hits."""

    def __init__(self, db: Database, service: Row) -> None:
        rows = db.where("metrics", owner_type="Service", owner_id=service["id"])
        hits = next((row["id"] for row in rows if row["system_name"] == "hits"), None)
        self.names: dict[int, str] = {row["id"]: row["system_name"] for row in rows}
        self.parents: dict[int, int | None] = {row["id"]: row["parent_id"] for row in rows}
        for used in db.where("backend_api_configs", service_id=service["id"]):
            backend = used["backend_api_id"]
            for row in db.where("metrics", owner_type="BackendApi", owner_id=backend):
                is_root = row["parent_id"] is None and row["system_name"] == f"hits.{backend}"
                self.names[row["id"]] = row["system_name"]
                self.parents[row["id"]] = hits if is_root else row["parent_id"]
        self.names = dict(sorted(self.names.items()))
        self.ids = {name: metric_id for metric_id, name in self.names.items()}

    def id_of(self, name: str) -> int:
        """The id of a metric; raises BackendError for one that is not there."""
        if name not in self.ids:
            raise metric_invalid(name)
        return self.ids[name]

    def parent_of(self, metric_id: int) -> int | None:
        """The metric that counts with this one."""
        return self.parents.get(metric_id)

    def children_of(self, name: str) -> list[str]:
        """Names of the metrics right below, by id."""
        metric_id = self.ids.get(name)
        return [self.names[child] for child, parent in sorted(self.parents.items()) if parent == metric_id]

    def descendants_of(self, name: str) -> list[str]:
        """Names of all metrics below."""
        children = self.children_of(name)
        return [*children, *(below for child in children for below in self.descendants_of(child))]

    def with_ancestors(self, names: list[str]) -> set[str]:
        """These names and those of everything above them."""
        found = set(names)
        for name in names:
            above = self.parents.get(self.ids.get(name, -1))
            while above is not None:
                found.add(self.names[above])
                above = self.parents.get(above)
        return found

    def process(self, raw: dict[str, object], flat: bool = False) -> values.Usage:
        """Usage by metric id, parents included unless `flat`."""
        usage = values.by_metric(raw, self.id_of)
        return usage if flat else values.with_parents(usage, self.parent_of)
