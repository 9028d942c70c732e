"""What SQL Server's indexes and foreign keys hold, and how much that may be.

https://learn.microsoft.com/sql/sql-server/maximum-capacity-specifications-for-sql-server
"""

from __future__ import annotations

from tests.conformance.oracle.mssql.columns import columns
from tests.conformance.oracle.mssql.connecting import fetched, target
from tests.conformance.oracle.mssql.names import literal, qualified, quote

_CLUSTERED = 1


def key_columns(url: str, schema: str, name: str) -> set[str]:
    """The columns of a table that are in the key of an index, or in a foreign key."""
    table = f"OBJECT_ID({literal(qualified(schema, name))})"
    statement = f"""
        SELECT name FROM sys.columns AS c WHERE object_id = {table} AND (
            EXISTS (SELECT * FROM sys.index_columns AS p WHERE p.object_id = c.object_id
                AND p.column_id = c.column_id AND p.is_included_column = 0)
            OR EXISTS (SELECT * FROM sys.foreign_key_columns AS p WHERE p.parent_object_id = c.object_id
                AND p.parent_column_id = c.column_id))"""
    with target(url) as connection:
        return {str(column) for (column,) in fetched(connection, statement)}


def has_computed_keys(url: str, schema: str, name: str) -> bool:
    """Whether a computed column is in the key of an index."""
    statement = f"""
        SELECT COUNT(*) FROM sys.index_columns AS p
        JOIN sys.columns AS c ON c.object_id = p.object_id AND c.column_id = p.column_id
        WHERE p.object_id = OBJECT_ID({literal(qualified(schema, name))}) AND c.is_computed = 1"""
    with target(url) as connection:
        ((count,),) = fetched(connection, statement)
    return bool(count)


def longest(url: str, schema: str, name: str) -> dict[str, int]:
    """The length of the longest value of each column of text or bytes, in the unit of the type's length."""
    sized = [column for column in columns(url, schema, name) if column.unit]
    if not sized:
        return {}
    lengths = ", ".join(f"MAX(DATALENGTH({quote(column.name)}))" for column in sized)
    with target(url) as connection:
        (octets,) = fetched(connection, f"SELECT {lengths} FROM {qualified(schema, name)}")
    return {column.name: (found or 0) // column.unit for column, found in zip(sized, octets, strict=True)}


def key_octets(url: str, schema: str, name: str) -> list[tuple[str, int, int]]:
    """Every index of a table: its name, the bytes that its key may take as its columns are declared, and how many
    it can hold."""
    statement = f"""
        SELECT i.name, i.type, SUM(CAST(c.max_length AS int)), MIN(c.max_length) FROM sys.indexes AS i
        JOIN sys.index_columns AS p ON p.object_id = i.object_id AND p.index_id = i.index_id
        JOIN sys.columns AS c ON c.object_id = p.object_id AND c.column_id = p.column_id
        WHERE i.object_id = OBJECT_ID({literal(qualified(schema, name))}) AND p.is_included_column = 0
        GROUP BY i.name, i.type"""
    with target(url) as connection:
        rows = fetched(connection, statement)
    assert all(least > 0 for *_, least in rows), f"a column of {rows} has no bound"
    return [(index, octets, 900 if type == _CLUSTERED else 1700) for index, type, octets, _ in rows]
