"""Every row and every fact of the schema agrees with an independent reader, for every file at hand.

The files under `tests/fixtures/access` cover every version from Access 2000 on; those beside the repository, as
Access itself wrote them, are compared when they are there.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from migrator.sources import access
from migrator.sources.access import Column, Index, Relationship, Type
from tests.sources.access import expected

FILES = expected.files(expected.FIXTURES) + expected.files(expected.SHARED)

UNKNOWN_TYPES = "unsupportedFieldsTestV2007.accdb"
"""Has column types that neither reader knows; the other one gives a description instead of a value."""

UNDEFINED_BYTES = "testIndexCodesV1997.mdb"
"""Has bytes that code page 1252 does not define; the other reader loses them (U+FFFD), we keep them."""


def every_file(test: Any) -> Any:
    return pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)(test)


@every_file
def test_every_row_agrees(path: Path) -> None:
    with access.open(path) as database:
        tables = {table.name: table for table in database.tables}
        seen = list(expected.tables_of(path))
        assert sorted(tables) == sorted(name for name, _, _ in seen)
        for name, columns, rows in seen:
            if path.name == UNKNOWN_TYPES:
                columns, rows = _known(tables[name], columns, rows)
            ours = expected.rows_of(tables[name], columns)
            theirs = expected.expected_rows(rows, tables[name], columns)
            if path.name == UNDEFINED_BYTES:
                ours = [tuple(_forgetful(value) for value in row) for row in ours]
            assert ours == theirs, name


def _known(table: access.Table, columns: list[str], rows: list[Any]) -> tuple[list[str], list[Any]]:
    types = {column.name: column.type for column in table.columns}
    keep = [at for at, name in enumerate(columns) if types[name] not in {None, Type.COMPLEX}]
    return [columns[at] for at in keep], [[row[at] for at in keep] for row in rows]


def _forgetful(value: Any) -> Any:
    undefined = dict.fromkeys((0x81, 0x8D, 0x8F, 0x90, 0x9D), "\ufffd")
    return value.translate(undefined) if isinstance(value, str) else value


@every_file
def test_batches_hold_what_rows_hold(path: Path) -> None:
    with access.open(path) as database:
        for table in database.tables:
            columns = [column for column in table.columns if column.type not in {Type.GUID, Type.COMPLEX}]
            names = [column.name for column in columns]
            whole = table.to_arrow(names)
            ours = list(zip(*(whole[name].to_pylist() for name in names), strict=True)) if names else []
            compared = [tuple(map(expected.comparable, row, columns)) for row in ours]
            assert compared == (expected.rows_of(table, names) if names else [])


@every_file
def test_columns_agree(path: Path) -> None:
    with access.open(path) as database:
        for stated in expected.schema_of(path)["tables"]:
            table = database.table(stated["name"])
            ours = {column.name: _column(column) for column in table.columns}
            assert ours == {column["name"]: _stated(column) for column in stated["columns"]}
            assert table.declared_rows == stated["declared_rows"]


def _column(column: Column) -> tuple[Any, ...]:
    scale = (column.precision, column.scale) if column.type is Type.DECIMAL and not column.calculated else None
    return (
        column.type,
        column.length,
        scale,
        column.autonumber,
        column.calculated,
        column.hyperlink,
        column.compressed,
    )


def _stated(column: dict[str, Any]) -> tuple[Any, ...]:
    decimal = column["type"] == "NUMERIC" and not column["calculated"]
    return (
        expected.NAMES.get(column["type"]),
        column["lengthInUnits"],
        (column["precision"], column["scale"]) if decimal else None,
        *(column[fact] for fact in ("autonumber", "calculated", "hyperlink", "compressed")),
    )


@every_file
def test_properties_agree(path: Path) -> None:
    stated = expected.schema_of(path)
    with access.open(path) as database:
        _agree(database.properties.own, stated["db_properties"])
        for table in stated["tables"]:
            ours = database.table(table["name"])
            _agree(ours.properties, table["properties"])
            found = {column.name: column for column in ours.columns}
            for column in table["columns"]:
                # Of a multi-value lookup the other reader gives the properties of its hidden table's column.
                if found[column["name"]].type is not Type.COMPLEX:
                    _agree(found[column["name"]].properties, column["properties"])


def _agree(ours: Any, stated: dict[str, Any]) -> None:
    assert {name: ours.get(name) for name in stated} == stated


@every_file
def test_indexes_agree(path: Path) -> None:
    with access.open(path) as database:
        for table in expected.schema_of(path)["tables"]:
            ours = sorted(_index(index) for index in database.table(table["name"]).indexes)
            assert ours == sorted(_stated_index(index) for index in table["indexes"])


def _index(index: Index) -> tuple[Any, ...]:
    columns = [column.name + " DESC" * column.descending for column in index.columns]
    facts = (index.primary, index.unique, index.foreign, index.ignores_nulls, index.required)
    return index.name, columns, *facts


def _stated_index(index: dict[str, Any]) -> tuple[Any, ...]:
    facts = (index[name] for name in ("primary", "unique", "foreign", "ignoreNulls", "required"))
    return index["name"], index["columns"], *facts


@every_file
def test_relationships_agree(path: Path) -> None:
    stated = expected.schema_of(path)
    if "relationships_error" in stated:
        pytest.skip("the other reader follows links to list relationships")
    with access.open(path) as database:
        ours = sorted(_relationship(relationship) for relationship in database.relationships)
        assert ours == sorted(_stated_relationship(relationship) for relationship in stated["relationships"])


def _relationship(given: Relationship) -> tuple[Any, ...]:
    return (
        given.name,
        given.referenced_table,
        list(given.referenced_columns),
        given.table,
        list(given.columns),
        given.enforced,
        given.cascades_updates,
        given.cascades_deletes,
        given.sets_null,
        given.one_to_one,
        given.join.upper(),
    )


def _stated_relationship(given: dict[str, Any]) -> tuple[Any, ...]:
    names = ("name", "parent", "parentColumns", "child", "childColumns", "enforced")
    return tuple(given[n] for n in (*names, "cascadeUpdate", "cascadeDelete", "cascadeNull", "oneToOne", "join"))


@every_file
def test_queries_agree(path: Path) -> None:
    with access.open(path) as database:
        ours = {query.name: (query.kind, query.sql) for query in database.queries}
    stated = {query["name"]: (_kind(query["type"]), query["sql"]) for query in expected.schema_of(path)["queries"]}
    assert ours == stated


def _kind(stated: str) -> str:
    known = {"CROSS_TAB": "crosstab", "PASSTHROUGH": "pass-through"}
    return known.get(stated, stated.lower().replace("_", " "))


@every_file
def test_system_and_linked_tables_agree(path: Path) -> None:
    stated = expected.schema_of(path)
    with access.open(path) as database:
        assert sorted(table.name for table in database.system_tables) == sorted(stated["system_tables"])
        ours = [(table.name, table.table, table.file, table.odbc) for table in database.linked_tables]
    links = stated["linked_tables"]
    theirs = [(t["name"], t["remoteTable"], t["remoteDb"], t["type"] != "LINKED") for t in links]
    assert sorted(ours) == sorted(theirs)
