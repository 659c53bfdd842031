# SPDX-License-Identifier: GPL-3.0-or-later
"""The store: indexes, unique keys, references, transactions, the state file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox.threescale.store import Database, ReadOnlyViolation, Ref, StateFile, Table, UniqueViolation, columns

TABLES = [
    Table("shops", columns("name owner created_at updated_at", tags=list), indexes=[("owner",)], unique=[("name",)]),
    Table("goods", columns("shop_id note_type note_id label", count=0), refs=[Ref("shop_id", "shops")]),
    Table(
        "notes",
        columns("owner_type owner_id text"),
        refs=[
            Ref("owner_id", "shops", when=("owner_type", "Shop")),
            Ref("owner_id", "goods", "null", ("owner_type", "Good")),
        ],
    ),
]


@pytest.fixture
def db() -> Database:
    """Two shops, goods and notes on them."""
    database = Database(TABLES, clock=lambda: 10.0)
    with database.transaction():
        for name in ("one", "two"):
            shop = database.insert("shops", name=name, owner="me")
            good = database.insert("goods", shop_id=shop["id"], label=f"of {name}")
            database.insert("notes", owner_type="Shop", owner_id=shop["id"], text=name)
            database.insert("notes", owner_type="Good", owner_id=good["id"], text="good")
    return database


def contents(database: Database) -> dict[str, list[dict[str, Any]]]:
    return {name: [dict(rows[key]) for key in sorted(rows)] for name, rows in database.rows.items()}


def test_defaults_times_and_unknown_columns(db: Database) -> None:
    with db.transaction():
        shop = db.insert("shops", name="three")
        assert shop == {"id": 3, "name": "three", "owner": None, "created_at": 10.0, "updated_at": 10.0, "tags": []}
        assert shop["tags"] is not db.get("shops", 1)["tags"]  # type: ignore[index]
        with pytest.raises(KeyError, match="colour"):
            db.insert("shops", name="four", colour="red")


@pytest.mark.parametrize(
    ("criteria", "labels"),
    [
        ({}, ["of one", "of two"]),
        ({"shop_id": 2}, ["of two"]),
        ({"label": "of one"}, ["of one"]),
        ({"shop_id": 1, "label": "of two"}, []),
        ({"shop_id": None}, []),
    ],
)
def test_where_uses_indexes_and_scans_the_rest(db: Database, criteria: dict[str, Any], labels: list[str]) -> None:
    assert [row["label"] for row in db.where("goods", **criteria)] == labels
    assert db.count("goods", **criteria) == len(labels)
    assert (db.first("goods", **criteria) or {}).get("label") == (labels[0] if labels else None)


def test_index_follows_an_update(db: Database) -> None:
    good = db.where("goods", shop_id=1)[0]
    with db.transaction():
        assert db.update("goods", good, shop_id=2, count=0) == {"shop_id"}
    assert db.where("goods", shop_id=1) == []
    assert len(db.where("goods", shop_id=2)) == 2


def test_true_is_not_one(db: Database) -> None:
    good = db.where("goods", shop_id=1)[0]
    with db.transaction():
        assert db.update("goods", good, count=False) == {"count"}


def test_unique_key(db: Database) -> None:
    with db.transaction():
        for values in ({"name": "one"}, {"name": None}, {"name": None}):
            if values["name"] is None:
                db.insert("shops", **values)
            else:
                with pytest.raises(UniqueViolation):
                    db.insert("shops", **values)
        with pytest.raises(UniqueViolation):
            db.update("shops", db.where("shops", name="two")[0], name="one")


def test_delete_takes_along_what_hangs_on_it(db: Database) -> None:
    with db.transaction():
        db.delete("shops", db.where("shops", name="one")[0])
    assert [row["label"] for row in db.where("goods")] == ["of two"]
    assert [(row["owner_type"], row["owner_id"]) for row in db.where("notes")] == [
        ("Good", None),
        ("Shop", 2),
        ("Good", 2),
    ]


@pytest.mark.parametrize("inner_fails", [False, True])
def test_an_exception_undoes_everything_and_a_savepoint_its_part(db: Database, inner_fails: bool) -> None:
    before = contents(db)
    with pytest.raises(ZeroDivisionError), db.transaction():
        db.insert("shops", name="new")
        if inner_fails:
            with pytest.raises(ValueError), db.transaction():  # noqa: PT011, PT012
                db.update("shops", db.where("shops", name="new")[0], name="newer")
                raise ValueError
            assert db.where("shops", name="new")
        db.delete("shops", db.where("shops", name="one")[0])
        raise ZeroDivisionError
    assert contents(db) == before
    assert db.where("goods", shop_id=1), "indexes come back too"


def test_writes_need_a_transaction_that_may_write(db: Database) -> None:
    with pytest.raises(RuntimeError, match="outside of a transaction"):
        db.insert("shops", name="x")
    with pytest.raises(ReadOnlyViolation), db.transaction(read_only=True):
        db.insert("shops", name="x")
    with db.transaction(read_only=True):
        assert db.update("shops", db.where("shops", name="one")[0], name="one") == set()


def test_state_file_keeps_rows_bytes_and_ids(tmp_path: Path) -> None:
    state = StateFile(tmp_path / "state.db")
    database = Database(TABLES, journal=state)
    with database.transaction():
        one = database.insert("shops", name="one", tags=["a", {"b": 1}], owner=b"\x00\xff")
        database.insert("shops", name="gone")
    with database.transaction():
        database.delete("shops", database.where("shops", name="gone")[0])
    with pytest.raises(ValueError), database.transaction():  # noqa: PT011, PT012
        database.update("shops", one, name="undone")
        raise ValueError
    state.close()
    again = Database(TABLES)
    opened = StateFile(tmp_path / "state.db")
    assert opened.load_into(again) == 1
    assert again.rows["shops"] == {1: one}
    with again.transaction():
        assert again.insert("shops", name="next")["id"] == 3, "the id of a deleted row is not given again"
    opened.close()
