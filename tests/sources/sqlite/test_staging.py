"""Rules carried out on the snapshot: values, declared types, counts, and what becomes of the rest of a table."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator.errors import ConfigurationError, DataError, EnvironmentFailure
from migrator.model.findings import Resolution
from migrator.model.plan import Exclusion
from migrator.model.rules import ColumnRule, RuleEffect, Scalar, Staged, TableRules
from migrator.model.schema import Column
from migrator.model.types import BINARY, DATE, INT64
from migrator.sources import Location
from migrator.sources.sqlite.read import TableReader
from migrator.sources.sqlite.source import SqliteSource
from migrator.sources.sqlite.staging import database, staged_path
from migrator.sources.sqlite.values import InvalidText, SqliteValue, quote
from tests.sources.sqlite.snapshots import contents
from tests.sources.sqlite.stored import broken, deciding, opened, planned, profiled, read, values_of
from tests.sources.sqlite.test_encodings import INTEGERS, INVALID, REALS, TEXTS
from tests.sources.sqlite.test_read import without_columnar

Rows = Sequence[Sequence[SqliteValue]]


def apply(source: SqliteSource, *columns: ColumnRule, where: str | None = None, table: str = "t") -> Staged:
    """What the rules did to one table."""
    (staged,) = source.stage((TableRules(table, where, columns),), {})
    return staged


def stored(source: SqliteSource, table: str = "t") -> list[tuple[SqliteValue, ...]]:
    """The values of a table's effective columns as SQLite stores them, in reading order."""
    columns = [quote(column.name) for column in source.schema().table(table).columns]
    reading = source._reading
    rows = source._connection.execute(f"SELECT {reading.select(columns)} FROM {quote(table)}")
    return [reading.values(row) for row in rows]


def column_after(
    declared: str, values: Sequence[SqliteValue], *, encoding: str = "UTF-8", **rule: Any
) -> tuple[list[SqliteValue], Column, tuple[RuleEffect, ...]]:
    """A column's values, its description and the counts after one column's rules."""
    with opened(
        f"CREATE TABLE t (v {declared})", rows=[(value,) for value in values], encoding=encoding
    ) as source:
        staged = apply(source, ColumnRule("v", **rule))
        (column,) = source.schema().table("t").columns
        return [value for (value,) in stored(source)], column, staged.effects


SPACES = "\u00a0\u2003\u3000\u0085 \t\r\n\x1c"


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le", "UTF-16be"])
@pytest.mark.parametrize(
    ("value", "trimmed"),
    [
        (f"{SPACES}한 국{SPACES}", "한 국"),
        ("  ", ""),
        ("", ""),
        (" a\0 ", "a\0"),
        ("\0", "\0"),
        ("\u200ba", "\u200ba"),  # a zero-width space is no white space
        ("😀 ", "😀"),
        ("\ufeff x", "\ufeff x"),
        (b" x ", b" x "),
        (12, 12),
        (-0.5, -0.5),
        (None, None),
    ],
)
def test_trim_takes_white_space_off_text_only(value: SqliteValue, trimmed: SqliteValue, encoding: str) -> None:
    values, column, effects = column_after("", [value], encoding=encoding, trim=True)
    assert values == [trimmed]
    assert type(values[0]) is type(trimmed)
    assert effects == (RuleEffect("v", "trim", int(value != trimmed)),)
    assert column.declared == ""


@pytest.mark.parametrize(
    ("raw", "encoding", "codec"),
    [
        (b" \xff ", "UTF-8", "utf-8"),
        (b" \x00\x00\xd8", "UTF-16le", "utf-16-le"),
        (b"\xdc\x00\x00 ", "UTF-16be", "utf-16-be"),
    ],
)
def test_text_that_is_no_text_passes_unharmed(raw: bytes, encoding: str, codec: str) -> None:
    rule = {"trim": True, "empty_to_null": True, "map": (("x", "y"),)}
    values, _, effects = column_after("TEXT", [broken(raw, codec), " x "], encoding=encoding, **rule)
    assert values == [InvalidText(raw, codec), "y"]
    assert [effect.count for effect in effects] == [1, 0, 1]


@pytest.mark.parametrize("declared", ["TEXT", "TEXT COLLATE RTRIM", "TEXT COLLATE NOCASE", "", "INTEGER"])
def test_only_text_without_a_character_is_emptied(declared: str) -> None:
    values, column, effects = column_after(
        f"{declared} NOT NULL", ["", " ", "\0", b"", 0, "x", broken(b"\xff")], empty_to_null=True
    )
    assert values[0] is None and values[1:4] == [" ", "\0", b""] and values[5:] == ["x", broken(b"\xff")]
    assert effects == (RuleEffect("v", "empty_to_null", 1),)
    assert column.nullable


def test_rules_of_a_column_come_in_their_order() -> None:
    rule = {"trim": True, "empty_to_null": True, "map": (("Y", "yes"), ("", "never"))}
    values, _, effects = column_after("TEXT", [" Y", "\u00a0", "n ", None], **rule)
    assert values == ["yes", None, "n", None]
    assert [(effect.rule, effect.count) for effect in effects] == [("trim", 3), ("empty_to_null", 1), ("map", 1)]


@pytest.mark.parametrize(
    ("declared", "values", "map", "result", "becomes"),
    [
        ("CHAR(1)", ["Y", "N", None], (("Y", True), ("N", False)), [1, 0, None], "BOOLEAN"),
        ("CHAR(1)", ["Y", "?"], (("Y", True), ("N", False)), [1, "?"], ""),
        ("CHAR(1)", [], (("Y", True), ("N", False)), [], "BOOLEAN"),
        ("CHAR(1)", ["Y", "N"], (("Y", 2), ("N", -(2**63))), [2, -(2**63)], "INTEGER"),
        ("VARCHAR(9)", ["a", "b"], (("a", "A'"),), ["A'", "b"], "VARCHAR(9)"),
        ("VARCHAR(9)", ["a"], (("a", "A\0"),), ["A\0"], "VARCHAR(9)"),
        ("TEXT", ["low", "high"], (("low", 0.25), ("high", math.inf)), [0.25, math.inf], "REAL"),
        ("TEXT", ["a", "b"], (("a", 1), ("b", 2.5)), [1, 2.5], ""),
        ("INTEGER", [1, 2, 3], (("1", True), ("2", False), ("3", True)), [1, 0, 1], "BOOLEAN"),
        ("INTEGER", [1, 2], (("1", 10),), [10, 2], "INTEGER"),
        ("INTEGER", [1, 2], (("1", "one"),), ["one", 2], "INTEGER"),
        ("INTEGER", [1, 2], (("1", "007"),), ["007", 2], "INTEGER"),
        ("INTEGER", [1, 2], (("1", 1.0),), [1.0, 2], "INTEGER"),
        ("REAL", [1.0, 2.5], (("1.0", 7),), [7, 2.5], ""),
        ("REAL", [1.0, 2.5], (("1.0", 0.5),), [0.5, 2.5], "REAL"),
        (
            "DATE",
            ["0000-00-00", "2024-01-31"],
            (("0000-00-00", "1970-01-01"),),
            ["1970-01-01", "2024-01-31"],
            "DATE",
        ),
        ("BLOB", [b"Y", b"\xff"], (("Y", "y"),), ["y", b"\xff"], "BLOB"),
        ("TEXT COLLATE NOCASE", ["y", "Y"], (("Y", "1"),), ["y", "1"], "TEXT"),
    ],
)
def test_map_replaces_keys_and_declares_what_the_values_are(
    declared: str,
    values: list[SqliteValue],
    map: tuple[tuple[str, Scalar], ...],
    result: list[SqliteValue],
    becomes: str,
) -> None:
    found, column, effects = column_after(declared, values, map=map)
    assert found == result
    assert [type(value) for value in found] == [type(value) for value in result]
    assert column.declared == becomes
    keys = {key for key, _ in map}
    texts = [value.decode("latin-1") if isinstance(value, bytes) else str(value) for value in values]
    assert effects == (RuleEffect("v", "map", sum(text in keys for text in texts)),)


@pytest.mark.parametrize(
    ("default", "value", "map", "after"),
    [
        ("'N'", "N", (("N", False), ("Y", True)), ("0", "FALSE")),
        ("'Y'", "N", (("N", False), ("Y", True)), ("1", "TRUE")),
        ("'a'", "a", (("a", "it's"),), ("'it''s'", "'it''s'")),
        ("1", "1", (("1", "one"),), ("'one'", "'one'")),
        ("'z'", "a", (("a", "b"),), ("'z'", "'z'")),
        ("'z'", "a", (("a", 1),), None),
        ("(lower('A'))", "a", (("a", "b"),), ("lower('A')", "LOWER('A')")),
    ],
)
def test_a_default_follows_the_map(
    default: str, value: str, map: tuple[tuple[str, Scalar], ...], after: tuple[str, str] | None
) -> None:
    _, column, _ = column_after(f"TEXT DEFAULT {default}", [value], map=map)
    assert (column.default and (column.default.sql, column.default.neutral)) == after


@pytest.mark.parametrize(
    ("value", "stores", "declared"),
    [
        (True, 1, "BOOLEAN"),
        (7, 7, "INTEGER"),
        (-(2**63), -(2**63), "INTEGER"),
        (2.0, 2.0, "REAL"),
        ("한'국", "한'국", "TEXT"),
        ("", "", "TEXT"),
    ],
)
@pytest.mark.parametrize("column", ["v", "new one"])
def test_constants_replace_and_add_columns(column: str, value: Scalar, stores: SqliteValue, declared: str) -> None:
    with opened("CREATE TABLE t (v INT)", rows=[(1,), (None,)]) as source:
        apply(source, ColumnRule(column, value=value))
        described = source.schema().table("t").column(column)
        assert described.declared == declared
        assert [row[-1] for row in stored(source)] == [stores, stores]
        assert type(stored(source)[0][-1]) is type(stores)


def test_computed_columns_see_the_row_as_it_was() -> None:
    with opened("CREATE TABLE t (a TEXT, b INT)", rows=[(" Ä ", 1), ("x", 2)]) as source:
        rules = (
            ColumnRule("a", compute="b * 10"),
            ColumnRule("b", value=0),
            ColumnRule("c", compute="upper(trim(a)) || b"),
            ColumnRule("d", compute="a", trim=True),
        )
        apply(source, *rules)
        assert stored(source) == [(10, 0, "Ä1", "Ä"), (20, 0, "X2", "x")]
        assert [column.declared for column in source.schema().table("t").columns] == ["", "INTEGER", "", ""]


def test_where_keeps_rows_for_which_it_is_true() -> None:
    with opened("CREATE TABLE t (v INT)", rows=[(1,), (None,), (0,), (3,)]) as source:
        assert apply(source, where="v") == Staged("t", 4, 2)
        assert stored(source) == [(1,), (3,)]
        plan = planned(source)
        assert source.count(plan) == 2 and plan.rows == 2
        assert source.figures(plan, distinct=True)["v"]["sum"] == 4


def test_where_may_ask_other_tables_as_the_source_has_them() -> None:
    parents = "CREATE TABLE p (id INTEGER PRIMARY KEY, name TEXT)"
    with opened(
        parents, "INSERT INTO p VALUES (1, ' a '), (2, 'b')", "CREATE TABLE t (p INT)", rows=[(1,), (2,)]
    ) as source:
        source.stage(
            (
                TableRules("p", None, (ColumnRule("name", trim=True),)),
                TableRules("t", "(SELECT name FROM p WHERE p.id = t.p) = ' a '"),
            ),
            {},
        )
        assert stored(source) == [(1,)]
        assert stored(source, "p") == [(1, "a"), (2, "b")]


def test_a_value_that_where_leaves_out_is_not_computed() -> None:
    with opened("CREATE TABLE t (v TEXT)", rows=[("{",), ('{"a": 1}',)]) as source:
        apply(source, ColumnRule("a", compute="json_extract(v, '$.a')"), where="json_valid(v)")
        assert stored(source) == [('{"a": 1}', 1)]


SHAPES = {
    "rowid alias": ("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)", "id"),
    "no key": ("CREATE TABLE t (id INT, v TEXT)", None),
    "text key": ("CREATE TABLE t (id TEXT PRIMARY KEY, v TEXT)", "id"),
    "without rowid": ("CREATE TABLE t (id INT PRIMARY KEY, v TEXT) WITHOUT ROWID", "id"),
    "without rowid, by text": ("CREATE TABLE t (id TEXT PRIMARY KEY COLLATE NOCASE, v TEXT) WITHOUT ROWID", "id"),
    "without rowid, secret": ("CREATE TABLE t (token INT PRIMARY KEY, v TEXT) WITHOUT ROWID", "token"),
    "column rowid": ("CREATE TABLE t (rowid INT, v TEXT)", None),
    "rowid taken": ("CREATE TABLE t (rowid INT, oid TEXT, _rowid_ INT)", None),
    "strict": ("CREATE TABLE t (id INTEGER, v ANY) STRICT", None),
}


@pytest.mark.parametrize("encoding", ["UTF-8", "UTF-16le"])
@pytest.mark.parametrize("shape", SHAPES)
def test_rows_of_every_kind_of_table_keep_their_order_and_their_originals(shape: str, encoding: str) -> None:
    ddl, key = SHAPES[shape]
    with opened(ddl, encoding=encoding) as source:
        names = [column.name for column in source.schema().table("t").columns]
    rows = [(at * 7 % 50, f" {at}", *([0] * (len(names) - 2))) for at in range(1, 50)]
    with opened(ddl, rows=rows, encoding=encoding) as source:
        before = planned(source)
        originals = values_of(read(source, before))
        staged = apply(source, ColumnRule(names[1], trim=True), where=f"{names[1]} NOT LIKE '%3'")
        kept = [row for row in originals if not row[1].endswith("3")]
        assert staged.left_out == len(originals) - len(kept)
        plan = planned(source)
        expected = [(row[0], row[1].strip(), *row[2:]) for row in kept]
        for limit in (1, 7, 50_000):
            assert values_of(read(source, plan, max_rows=limit)) == expected
        chunks = read(source, plan, max_rows=10)
        assert values_of(read(source, plan, max_rows=10, after=chunks[0].position)) == expected[10:]
        # Numbers are taken for dates, so that every row is rejected: as it was, by the key that it had.
        plan = planned(source, change=deciding(Resolution.QUARANTINE, **{names[1]: (DATE, "iso:YYYY-MM-DD")}))
        source.prepare((plan,))
        rejected = [each for chunk in read(source, plan, max_rows=10) for each in chunk.rejected]
        assert [tuple(each.values.values()) for each in rejected] == [tuple(map(str, row)) for row in kept]
        if key is not None:
            assert [str(each.key[0]) for each in rejected] == [str(row[0]) for row in kept]


def test_affinities_convert_no_value() -> None:
    """What SQLite would make numbers of, in columns that say so, stays the text that the rule leaves."""
    rows = [("\u00a007", "\u00a012.50", "\u00a01e3", "\u00a02024"), ("x", 1.5, 2.0, 3)]
    with opened("CREATE TABLE t (i INTEGER, d DECIMAL(9,2), r REAL, at DATE)", rows=rows) as source:
        apply(source, *(ColumnRule(name, trim=True) for name in ("i", "d", "r", "at")))
        assert stored(source) == [("07", "12.50", "1e3", "2024"), ("x", 1.5, 2.0, 3)]
        assert [column.declared for column in source.schema().table("t").columns] == [
            "INTEGER",
            "DECIMAL(9,2)",
            "",
            "DATE",
        ]


def test_any_of_a_strict_table_stays_anything() -> None:
    with opened("CREATE TABLE t (v ANY, w ANY) STRICT", rows=[("1", " 2"), (1, 2.5)]) as source:
        apply(source, ColumnRule("w", trim=True))
        assert stored(source) == [("1", "2"), (1, 2.5)]


def test_names_of_every_kind() -> None:
    name, column = "a \"b\" 'c' 한국;--", 'x" y]`'
    with opened(
        f"CREATE TABLE {quote(name)} ({quote(column)} TEXT, [select] INT)",
        rows=[(" 1 ", 2)],
        table=name.replace('"', '""'),
    ) as source:
        apply(
            source,
            ColumnRule(column, trim=True),
            ColumnRule("new 한국", compute=f"{quote(column)} || [select]"),
            where="`select` = 2",
            table=name,
        )
        assert stored(source, name) == [("1", 2, " 1 2")]
        assert values_of(read(source, planned(source, name))) == [("1", 2, " 1 2")]


def test_names_are_found_as_sqlite_finds_them() -> None:
    with opened("CREATE TABLE Users (Name TEXT)", rows=[(" a ",)], table="Users") as source:
        apply(source, ColumnRule("NAME", trim=True), table="USERS")
        assert stored(source, "Users") == [("a",)]
        assert [column.name for column in source.schema().table("Users").columns] == ["Name"]


GENERATED = "CREATE TABLE t (a TEXT, b TEXT, g TEXT AS (a || '!') STORED, h INT AS (length(b)))"


@pytest.mark.parametrize(
    ("rule", "generated"),
    [
        (ColumnRule("b", trim=True), ("g",)),
        (ColumnRule("a", trim=True), ("h",)),
        (ColumnRule("A", value="x"), ("h",)),
        (ColumnRule("g", empty_to_null=True), ("g", "h")),  # changes nothing
        (ColumnRule("g", compute="1"), ("h",)),
        (ColumnRule("new", value=1), ("g", "h")),
    ],
)
def test_a_generated_column_is_data_once_a_rule_changed_what_it_is_computed_from(
    rule: ColumnRule, generated: tuple[str, ...]
) -> None:
    with opened(GENERATED, "INSERT INTO t (a, b) VALUES (' x', ' yz')") as source:
        apply(source, rule)
        table = source.schema().table("t")
        assert tuple(column.name for column in table.columns if column.generated) == generated
        kept = dict(zip([column.name for column in table.columns], stored(source)[0], strict=True))
        assert (kept["h"], kept["g"]) == (3, 1 if rule.compute else " x!")


def test_keys_checks_and_indexes_stay() -> None:
    ddl = (
        "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, p INT REFERENCES t(id), s TEXT UNIQUE,"
        " CHECK (length(s) < 9))"
    )
    with opened(ddl, "CREATE INDEX i ON t (lower(s)) WHERE p > 0", "INSERT INTO t VALUES (5, 5, ' a')") as source:
        before = source.schema().table("t")
        apply(source, ColumnRule("s", trim=True), ColumnRule("new", value=1))
        after = source.schema().table("t")
    for part in ("primary_key", "uniques", "foreign_keys", "checks", "indexes"):
        assert getattr(before, part) and getattr(after, part) == getattr(before, part)
    assert after.column("id") == before.column("id")


def test_the_profile_of_a_staged_table_sees_parents_checks_and_the_keys_of_the_source() -> None:
    statements = (
        "CREATE TABLE p (code TEXT PRIMARY KEY)",
        "INSERT INTO p VALUES ('a'), ('b')",
        "CREATE TABLE t (k TEXT PRIMARY KEY, p TEXT REFERENCES p(code), n INT CHECK (n > '5'), d DATE)",
        "PRAGMA ignore_check_constraints = ON",
        "INSERT INTO t VALUES (' 1 ', 'a ', 10, '2024-01-01'), (' 2 ', ' c', 1, 'soon')",
    )
    with opened(*statements) as source:
        apply(source, ColumnRule("k", trim=True), ColumnRule("p", trim=True))
        profile = profiled(source)
        (orphans,), (checks,) = profile.orphans, profile.check_violations
        assert orphans and orphans.count == 1 and [sample.key for sample in orphans.samples] == [(" 2 ",)]
        assert checks and checks.count == 1 and [sample.key for sample in checks.samples] == [(" 2 ",)]
        date = profile.column("d").fits[0]
        assert (date.type, date.count) == (DATE, 1)
        assert [(sample.key, sample.value) for sample in date.misfits] == [((" 2 ",), "soon")]


def test_orphans_of_a_staged_table_are_set_aside_as_they_were() -> None:
    statements = (
        "CREATE TABLE p (id INTEGER PRIMARY KEY)",
        "INSERT INTO p VALUES (1)",
        "CREATE TABLE t (k TEXT, p INT REFERENCES p(id))",
        "INSERT INTO t VALUES (' a ', 1), (' b ', 9)",
    )
    with opened(*statements) as source:
        apply(source, ColumnRule("k", trim=True))
        exclusion = Exclusion(("p",), "p", ("id",), Resolution.QUARANTINE)
        plans = (planned(source, "p"), planned(source, exclusions=(exclusion,)))
        source.prepare(plans)
        (chunk,) = read(source, plans[1])
        assert values_of([chunk]) == [("a", 1)]
        (rejected,) = chunk.rejected
        assert (rejected.key, rejected.values) == ((2,), {"k": " b ", "p": "9"})
        assert source.figures(plans[1], distinct=True)["p"]["max"] == 1


@pytest.mark.parametrize(("column", "named"), [("code", " x1 "), ("api_token", "•••")])
def test_a_refused_value_is_named_by_the_key_of_the_source(column: str, named: str) -> None:
    with opened(f"CREATE TABLE t ({column} TEXT PRIMARY KEY, v TEXT)", rows=[(" x1 ", "y")]) as source:
        apply(source, ColumnRule(column, trim=True))
        plan = planned(source, change=deciding(Resolution.STOP, v=(INT64, "integer")))
        with pytest.raises(DataError) as caught:
            read(source, plan)
        assert caught.value.where == f"t.v, row {named}: y"


def test_the_snapshot_is_never_changed_and_staging_again_starts_from_it(tmp_path: Path) -> None:
    path = tmp_path / "a 'b' 한국.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE t (v TEXT)")
        connection.execute("INSERT INTO t VALUES (' a '), ('')")
    before = contents(path)
    with closing(SqliteSource(path, Location(str(path), path, "app"))) as source:
        apply(source, ColumnRule("v", trim=True, empty_to_null=True))
        assert stored(source) == [("a",), (None,)]
        with pytest.raises(ConfigurationError):
            apply(source, ColumnRule("v", compute="nonsense("))
        assert stored(source) == [(" a ",), ("",)]
        assert source.schema() == SqliteSource(path, Location(str(path), path, "app")).schema()
        apply(source, ColumnRule("w", value=1))
        assert stored(source) == [(" a ", 1), ("", 1)]
        assert {name: digest for name, digest in contents(path).items() if name in before} == before
    assert staged_path(path).exists()
    # Another process finds the snapshot and the staged file, and stages again.
    with closing(SqliteSource(path, Location(str(path), path, "app"))) as source:
        assert stored(source) == [(" a ",), ("",)]
        apply(source, ColumnRule("v", trim=True))
        assert stored(source) == [("a",), ("",)]
        assert source.stage((), {}) == ()
        assert stored(source) == [(" a ",), ("",)]


def without_single_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the columnar lane only."""

    def refuse(*_: object) -> None:
        raise AssertionError("the per-value lane was taken")

    monkeypatch.setattr(TableReader, "_value_chunk", refuse)


def test_a_table_without_rules_is_read_from_the_snapshot_by_either_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(
        "CREATE TABLE other (v INT)", "INSERT INTO other VALUES (1), (2)", "CREATE TABLE t (v TEXT)"
    ) as source:
        before = source.schema().table("other")
        apply(source, ColumnRule("v", trim=True))
        assert source.schema().table("other") == before
        plan = planned(source, "other")
        assert values_of(without_columnar(source, plan)) == [(1,), (2,)]
        without_single_values(monkeypatch)
        assert values_of(read(source, plan)) == [(1,), (2,)]


def test_clean_columns_of_a_staged_table_take_the_columnar_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    without_single_values(monkeypatch)
    ddl = "CREATE TABLE t (a INT PRIMARY KEY, b TEXT) WITHOUT ROWID"
    with opened(ddl, rows=[(2, " b "), (1, "a")]) as source:
        apply(source, ColumnRule("b", trim=True))
        assert values_of(read(source, planned(source))) == [(1, "a"), (2, "b")]


@pytest.mark.parametrize(
    ("rules", "what", "where"),
    [
        (TableRules("s"), "The source has no table s.", "table s"),
        (TableRules("t", None, (ColumnRule("w", trim=True),)), "The table has no column w.", "table t, column w"),
        (
            TableRules("t", None, (ColumnRule("V"), ColumnRule("v"))),
            "There are two rules for column V.",
            "table t, column V",
        ),
        (
            TableRules("t", None, (ColumnRule("v", value=1, compute="1"),)),
            "The column has both a `value` and a `compute`.",
            "table t, column v",
        ),
        (
            TableRules("t", None, (ColumnRule("v", value=2**63),)),
            f"SQLite has no number {2**63}.",
            "table t, column v",
        ),
        (
            TableRules("t", None, (ColumnRule("v", map=(("a", math.nan),)),)),
            "SQLite has no number nan.",
            "table t, column v",
        ),
        (
            TableRules("t", None, (ColumnRule("Migrator row number", value=1),)),
            "No column may be called migrator row number.",
            "table t, column migrator row number",
        ),
    ],
)
def test_rules_that_cannot_be_carried_out_are_refused(rules: TableRules, what: str, where: str) -> None:
    with opened("CREATE TABLE t (v TEXT)") as source:
        with pytest.raises(ConfigurationError) as caught:
            source.stage((rules,), {})
        assert (caught.value.what, caught.value.where) == (what, where)
        assert caught.value.hint and caught.value.path[0] == "tables"
        assert not staged_path(source._snapshot).exists()


def test_two_sets_of_rules_for_one_table_are_refused() -> None:
    with opened("CREATE TABLE t (v TEXT)") as source, pytest.raises(ConfigurationError, match="twice"):
        source.stage((TableRules("t"), TableRules("T")), {})


@pytest.mark.parametrize(("columns", "staged"), [(1_998, True), (1_999, False)])
def test_tables_of_many_columns(columns: int, staged: bool) -> None:
    names = [f"c{at}" for at in range(columns)]
    with opened(f"CREATE TABLE t ({', '.join(names)})", rows=[[" x "] * columns]) as source:
        rules = [*(ColumnRule(name, trim=True, empty_to_null=True) for name in names), ColumnRule("new", value=1)]
        if staged:
            assert sum(effect.count for effect in apply(source, *rules).effects) == columns
            assert source._connection.execute("SELECT c0, c1997, new FROM t").fetchall() == [("x", "x", 1)]
        else:
            with pytest.raises(ConfigurationError, match="at most 1,999 can be staged"):
                apply(source, *rules)


def test_a_full_disk_is_said_to_be_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "PRAGMAS", (*database.PRAGMAS, "max_page_count = 4"))
    with opened("CREATE TABLE t (v TEXT)", rows=[("x" * 9_000,)] * 9) as source:
        with pytest.raises(EnvironmentFailure) as caught:
            apply(source, ColumnRule("v", trim=True))
        assert "database or disk is full" in caught.value.what and "another disk" in caught.value.hint
        assert not staged_path(source._snapshot).exists()
        assert source.count(planned(source)) == 9


def test_the_staged_file_is_its_owners_alone() -> None:
    with opened("CREATE TABLE t (v TEXT)") as source:
        apply(source, ColumnRule("v", trim=True))
        assert staged_path(source._snapshot).stat().st_mode & 0o077 == 0


VALUES = st.one_of(
    TEXTS,
    st.text(st.sampled_from(f"{SPACES}a\0é한")),
    st.builds("{}{}{}".format, st.text(SPACES), TEXTS, st.text(SPACES)),
    INTEGERS,
    REALS,
    st.binary(max_size=9),
    INVALID,
    st.none(),
)


def trimmed(value: SqliteValue) -> SqliteValue:
    text = value.strip() if isinstance(value, str) else value
    return None if text == "" else text


@settings(max_examples=60, deadline=None)
@given(
    st.lists(VALUES, max_size=12),
    st.sampled_from(["", "TEXT", "INTEGER", "REAL", "NUMERIC", "BLOB", "DATE", "VARCHAR(3) COLLATE NOCASE"]),
    st.sampled_from(["UTF-8", "UTF-16le"]),
)
def test_trimming_and_emptying_give_what_python_gives(
    values: list[SqliteValue], declared: str, encoding: str
) -> None:
    rows = [(value,) for value in values if encoding == "UTF-8" or not isinstance(value, InvalidText)]
    with opened(f"CREATE TABLE t (v {declared})", rows=rows, encoding=encoding) as source:
        before = [value for (value,) in stored(source)]
        staged = apply(source, ColumnRule("v", trim=True, empty_to_null=True))
        after = [value for (value,) in stored(source)]
        expected = [trimmed(value) for value in before]
        assert list(map(repr, after)) == list(map(repr, expected))
        changes = sum(isinstance(value, str) and value != value.strip() for value in before)
        emptied = sum(new is None and old is not None for old, new in zip(before, expected, strict=True))
        assert staged.effects == (RuleEffect("v", "trim", changes), RuleEffect("v", "empty_to_null", emptied))
        # As bytes, because no target holds every text.
        plan = planned(source, change=lambda column: replace(column, type=BINARY, encoding="any"))
        assert sum(chunk.batch.num_rows for chunk in read(source, plan)) == source.count(plan) == len(rows)
        counted = source.figures(plan, distinct=False)["v"]
        assert (counted["values"], counted["nulls"]) == (
            len(expected) - expected.count(None),
            expected.count(None),
        )
