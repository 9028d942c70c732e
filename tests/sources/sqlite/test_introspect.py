"""From a whole database to the neutral schema: names, counters, views, what is not moved, details."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.errors import SourceError
from migrator.model.schema import (
    Column,
    Expression,
    ForeignKey,
    Identity,
    Index,
    IndexPart,
    Key,
    Unmoved,
    View,
)
from migrator.sources import Location
from migrator.sources.sqlite import tables
from migrator.sources.sqlite.connection import connect
from migrator.sources.sqlite.files import snapshot
from migrator.sources.sqlite.introspect import introspect
from tests.sources.sqlite.schemas import quote, schema_of

COUNTERS = [
    ((), None),
    (("INSERT INTO t VALUES (7), (9)", "DELETE FROM t WHERE id = 9"), 9),
    (("INSERT INTO t VALUES (7)", "DELETE FROM t"), 7),
    (("INSERT INTO t VALUES (9223372036854775807)",), 2**63 - 1),
    (("INSERT INTO t VALUES (7)", "DELETE FROM sqlite_sequence"), None),
    (("INSERT INTO sqlite_sequence VALUES ('t', NULL)",), None),
    (("INSERT INTO sqlite_sequence VALUES ('t', '12')",), 12),
    (("INSERT INTO sqlite_sequence VALUES ('t', 'junk')",), None),
    (("INSERT INTO sqlite_sequence VALUES ('t', 5.9)",), 5),
    (("INSERT INTO sqlite_sequence VALUES ('t', -3)",), None),
    (("INSERT INTO sqlite_sequence VALUES ('t', 3), ('t', 8), ('T', 9), (NULL, 9)",), 8),
    (("INSERT INTO t VALUES (7)", 'ALTER TABLE t RENAME TO "새 표"'), 7),
]


@pytest.mark.parametrize(("changes", "counter"), COUNTERS, ids=[" ".join(changes) for changes, _ in COUNTERS])
def test_counter_of_an_autoincrement_column(changes: tuple[str, ...], counter: int | None) -> None:
    (table,) = schema_of("CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT)", *changes).tables
    assert table.columns[0].identity == Identity(counter)


def test_column_without_autoincrement_has_no_counter() -> None:
    schema = schema_of(
        "CREATE TABLE other (id INTEGER PRIMARY KEY AUTOINCREMENT)",
        "CREATE TABLE t (id INTEGER PRIMARY KEY)",
        "INSERT INTO t VALUES (3)",
        "INSERT INTO sqlite_sequence VALUES ('t', 99)",
    )
    assert schema.table("t").columns[0].identity == Identity(None)


def test_views_in_order_of_creation_and_a_broken_one_is_not_moved() -> None:
    schema = schema_of(
        "CREATE TABLE t (a)",
        "CREATE VIEW v (x, y) AS SELECT a, 'b' FROM t",
        "CREATE VIEW w AS SELECT x FROM v",
        "CREATE VIEW broken AS SELECT * FROM gone",
        "CREATE VIEW circle AS SELECT * FROM circle",
    )
    first, second = schema.views
    assert (first.name, first.columns, first.reads, first.query.sql) == (
        "v",
        ("x", "y"),
        ("t",),
        "SELECT a, 'b' FROM t",
    )
    assert first.query.neutral is not None
    assert (second.name, second.columns, second.reads) == ("w", ("x",), ("v",))
    assert schema.unmoved == (
        Unmoved(
            "view",
            "broken",
            "SQLite itself cannot read the view: no such table: main.gone.",
            "CREATE VIEW broken AS SELECT * FROM gone",
        ),
        Unmoved(
            "view",
            "circle",
            "SQLite itself cannot read the view: view circle is circularly defined.",
            "CREATE VIEW circle AS SELECT * FROM circle",
        ),
    )


def test_triggers_and_virtual_tables_with_their_shadows_are_not_moved() -> None:
    schema = schema_of(
        "CREATE TABLE t (a)",
        "CREATE VIRTUAL TABLE search USING fts5 (body)",
        "CREATE VIRTUAL TABLE area USING rtree (id, low, high)",
        "CREATE TABLE search_history (a)",
        "CREATE TRIGGER after_t AFTER INSERT ON t BEGIN INSERT INTO search VALUES (new.a); END",
    )
    assert [table.name for table in schema.tables] == ["t", "search_history"]
    assert [(each.kind, each.name, each.table) for each in schema.unmoved] == [
        ("virtual table", "search", None),
        ("shadow table", "search_data", "search"),
        ("shadow table", "search_idx", "search"),
        ("shadow table", "search_content", "search"),
        ("shadow table", "search_docsize", "search"),
        ("shadow table", "search_config", "search"),
        ("virtual table", "area", None),
        ("shadow table", "area_rowid", "area"),
        ("shadow table", "area_node", "area"),
        ("shadow table", "area_parent", "area"),
        ("trigger", "after_t", "t"),
    ]
    assert schema.unmoved[0].reason == (
        "SQLite's module fts5 makes this table up, and the target has none like it. "
        "Rows that exist in no other table stay behind."
    )
    assert schema.unmoved[1].reason == "It holds what SQLite keeps for the virtual table search."
    assert all(each.sql.startswith("CREATE ") for each in schema.unmoved)


def test_virtual_table_of_an_unknown_module_is_not_moved_and_its_neighbours_are() -> None:
    schema = schema_of(
        "CREATE TABLE t (a)",
        "PRAGMA writable_schema = ON",
        "INSERT INTO sqlite_schema VALUES ('table', 'v', 'v', 0, 'CREATE VIRTUAL TABLE v USING unknown(a)')",
        "PRAGMA writable_schema = RESET",
    )
    assert [table.name for table in schema.tables] == ["t"]
    assert [(each.kind, each.name) for each in schema.unmoved] == [("virtual table", "v")]


def test_shadow_tables_are_known_by_name_where_sqlite_lacks_the_module() -> None:
    """`spellfix1` is an extension that SQLite's library never has by itself."""
    schema = schema_of(
        "CREATE TABLE Words_vocab (id INTEGER PRIMARY KEY)",
        "CREATE TABLE words_other (a)",
        "PRAGMA writable_schema = ON",
        "INSERT INTO sqlite_schema VALUES "
        "('table', 'words', 'words', 0, 'CREATE VIRTUAL TABLE words USING spellfix1')",
        "PRAGMA writable_schema = RESET",
    )
    assert [table.name for table in schema.tables] == ["words_other"]
    assert [(each.kind, each.name, each.table) for each in schema.unmoved] == [
        ("shadow table", "Words_vocab", "words"),
        ("virtual table", "words", None),
    ]


def test_internal_tables_are_left_out_and_others_of_that_prefix_are_not() -> None:
    schema = schema_of(
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a UNIQUE)",
        "INSERT INTO t (a) VALUES (1)",
        "ANALYZE",
        "PRAGMA writable_schema = ON",
        "CREATE TABLE sqlite_settings (a)",
        "PRAGMA writable_schema = OFF",
        "CREATE TABLE sqliteX (a)",
    )
    assert [table.name for table in schema.tables] == ["t", "sqlite_settings", "sqliteX"]
    assert schema.unmoved == ()


NASTY = [
    "select",
    "a b",
    'a"b',
    "a'b",
    "a`b",
    "a[b",
    "a]b",
    "a%b",
    "a.b",
    "a;--",
    "a\nb",
    "표",
    "É",
    "é",
    "x" * 80,
    " ",
]


def test_every_name_works_for_every_object() -> None:
    statements: list[str] = []
    for name in NASTY:
        q = quote(name)
        statements += [
            f"CREATE TABLE {q} ({q} INTEGER PRIMARY KEY AUTOINCREMENT, other UNIQUE, parent REFERENCES {q}, "
            f"CHECK ({q} > 0))",
            f"CREATE INDEX {quote('i' + name)} ON {q} ({q}, other DESC)",
            f"CREATE VIEW {quote('v' + name)} AS SELECT {q} FROM {q}",
            f"INSERT INTO {q} ({q}) VALUES (4)",
        ]
    schema = schema_of(*statements)
    assert schema.unmoved == ()
    assert [table.name for table in schema.tables] == NASTY
    for table in schema.tables:
        assert [column.name for column in table.columns] == [table.name, "other", "parent"]
        assert table.columns[0].identity == Identity(4)
        assert table.foreign_keys == (ForeignKey(("parent",), table.name, (table.name,)),)
        assert table.indexes == (
            Index("i" + table.name, (IndexPart(table.name), IndexPart("other", descending=True))),
        )
        assert table.checks[0].expression.neutral is not None
    assert [(view.name, view.columns, view.reads) for view in schema.views] == [
        ("v" + name, (name,), (name,)) for name in NASTY
    ]


def test_temporary_and_attached_objects_are_not_the_sources() -> None:
    schema = schema_of(
        "CREATE TABLE t (a)",
        "ATTACH ':memory:' AS other",
        "CREATE TABLE other.t (b, c)",
        "CREATE TABLE other.u (a)",
        "CREATE TEMP TABLE t (d)",
    )
    assert [(table.name, [column.name for column in table.columns]) for table in schema.tables] == [("t", ["a"])]


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
@pytest.mark.parametrize(("mode", "shown"), [("wal", "wal"), ("delete", "rollback"), ("persist", "rollback")])
def test_details_of_a_snapshot(tmp_path: Path, encoding: str, mode: str, shown: str) -> None:
    path = tmp_path / "app.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as opened:
        for statement in (
            "PRAGMA page_size = 8192",
            f"PRAGMA encoding = '{encoding}'",
            f"PRAGMA journal_mode = {mode}",
            "CREATE TABLE 표 (이름 TEXT DEFAULT '값')",
            "PRAGMA user_version = 7",
            "PRAGMA application_id = 9",
        ):
            opened.execute(statement)
        copied = snapshot(Location("", path, "app"), tmp_path / "private")
    with closing(connect(copied)) as connection:
        connection.text_factory = bytes
        connection.row_factory = sqlite3.Row
        schema = introspect(connection)
        assert connection.text_factory is bytes
    assert schema.tables[0].columns == (Column("이름", "TEXT", default=Expression("'값'", "'값'")),)
    assert schema.details == (
        ("encoding", encoding),
        ("page size", "8192"),
        ("user version", "7"),
        ("application id", "9"),
        ("journal mode", shown),
        ("SQLite library", sqlite3.sqlite_version),
    )


def test_name_that_is_no_text_is_refused() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE t (abc)")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_schema SET sql = CAST(x'435245415445205441424c452074202861ff6329' AS TEXT)"
        )
        connection.execute("PRAGMA writable_schema = RESET")
        with pytest.raises(SourceError, match="A name or a definition in the schema is no valid Unicode text"):
            introspect(connection)


names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=8)


def distinct(found: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in found:
        if tables.fold(name) not in seen:
            seen.add(tables.fold(name))
            yield name


@given(st.lists(names, min_size=1, max_size=5), st.data())
def test_what_was_created_is_what_is_found(given_names: list[str], data: st.DataObject) -> None:
    """Columns, a primary key in any order, and a check, whatever the names are."""

    columns = list(distinct(given_names))
    key = data.draw(st.permutations(columns))
    body = ", ".join([*(f"{quote(name)} BLOB" for name in columns), f"PRIMARY KEY ({', '.join(map(quote, key))})"])
    statement = f"CREATE TABLE {quote(columns[0])} ({body}, CHECK ({quote(columns[-1])} > 0))"
    if columns[0].lower().startswith("sqlite_"):
        return
    schema = schema_of(statement)
    assert schema.unmoved == ()
    (table,) = schema.tables
    assert table.name == columns[0]
    assert [column.name for column in table.columns] == columns
    assert table.primary_key == Key(tuple(key))
    assert table.checks[0].expression.sql == f"{quote(columns[-1])} > 0"


def test_view_model_is_complete() -> None:
    (view,) = schema_of("CREATE TABLE t (a)", "CREATE VIEW v AS SELECT a FROM t").views
    assert view == View("v", view.query, ("a",), ("t",), "CREATE VIEW v AS SELECT a FROM t")
